"""Writing a message, and saying that it was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.conversation.errors import ConversationClosed
from app.conversation.models import ConversationFile, ConversationMessage
from app.conversation.rules import MOST_FILES, PURPOSE, QUIET, TEXT_LENGTH, About, Author, Draft, Side
from app.files.models import StoredFile
from app.files.service import UploadLike, keep
from app.files.store import FileStore
from app.kit.db import Database
from app.kit.ids import new_id
from app.kit.problems import FieldError, Invalid
from app.kit.text import MESSAGES, Paragraph, TextError

# What it is about is held first, lightly, so that it can't move to another station meanwhile and the two can't wait
# for one another; then the row that numbers, until the end of the transaction: no number is left out or given twice.
NUMBER = text("""
    INSERT INTO conversation (request_id, station_id, last_n, unread_n)
    SELECT id, station_id, 1, CASE WHEN :asks THEN 1 END FROM request WHERE id = :id FOR KEY SHARE
    ON CONFLICT (request_id, station_id) DO UPDATE SET last_n = conversation.last_n + 1,
        unread_n = CASE WHEN :asks THEN conversation.last_n + 1 ELSE conversation.unread_n END
    RETURNING station_id, last_n
""")
# An announcement that was read since, or lies an hour back, makes room for the next.
ANNOUNCE = {
    side: text(f"""
        UPDATE conversation SET {side.value}_told_at = :at, {side.value}_told_n = last_n
        WHERE request_id = :id AND ({side.value}_told_at IS NULL OR {side.value}_told_at <= :before OR EXISTS (
            SELECT FROM conversation_read seen WHERE seen.request_id = conversation.request_id
            AND seen.side = :side AND seen.up_to >= {side.value}_told_n))
        RETURNING last_n
    """)  # noqa: S608 - the side is one of two words of ours
    for side in Side
}
READ: LiteralString = """
    WITH seen AS (
        UPDATE conversation SET unread_n = NULL
        WHERE request_id = %(id)s AND %(side)s = 'station' AND unread_n <= %(up_to)s)
    INSERT INTO conversation_read (request_id, station_id, side, up_to, at)
    SELECT request_id, station_id, %(side)s, %(up_to)s, %(at)s FROM conversation
    WHERE request_id = %(id)s AND last_n >= %(up_to)s
    ON CONFLICT (request_id, station_id, side) DO UPDATE SET up_to = EXCLUDED.up_to, at = EXCLUDED.at
    WHERE conversation_read.up_to < EXCLUDED.up_to
"""


@dataclass(frozen=True, slots=True)
class Posted:
    """What was written, and whether the other side should be sent a mail about it."""

    message: ConversationMessage
    announce: bool


async def write(
    session: AsyncSession, store: FileStore, about: About, draft: Draft[UploadLike], *, author: Author, at: datetime
) -> Posted:
    """Add a message with its files in the session's transaction; holds nothing but the row that numbers, and late.

    Raises Invalid with the fields of the draft (text_blank, text_too_long, files_too_many, and what
    `app.files.service` says of a file), ConversationClosed when there is nothing to write about any more.
    """
    words = _checked(draft)
    kept = await _keep(session, store, about, draft, author=author, at=at)
    row = (await session.execute(NUMBER, {"id": about.id, "asks": author.side is Side.APPLICANT})).one_or_none()
    if row is None:
        raise ConversationClosed
    message = ConversationMessage(
        id=new_id(),
        request_id=about.id,
        station_id=row.station_id,
        n=row.last_n,
        at=at,
        side=author.side.value,
        author_id=author.person_id,
        inside=draft.inside,
        text=words,
    )
    session.add(message)
    await session.flush()
    session.add_all(
        ConversationFile(message_id=message.id, station_id=message.station_id, n=n, file_id=file.id)
        for n, file in enumerate(kept, 1)
    )
    await session.flush()
    return Posted(message, not draft.inside and await _announce(session, about, author.side.other, at))


async def mark_read(database: Database, about: About, side: Side, up_to: int, at: datetime) -> None:
    """The side has seen everything up to a number; never goes back. One statement of its own."""
    await database.fetch(READ, {"id": about.id, "side": side.value, "up_to": up_to, "at": at})


def _checked(draft: Draft[UploadLike]) -> str:
    """The cleaned text. Without any, there must be a file."""
    text_field, files_field = draft.fields
    if len(draft.files) > MOST_FILES:
        most = {"most": MOST_FILES}
        fault = FieldError(files_field, "files_too_many", "Please send at most {most} files with a message.", most)
        raise Invalid(errors=[fault])
    try:
        return Paragraph(TEXT_LENGTH, blank=bool(draft.files)).validate(draft.text)
    except TextError as error:
        raise Invalid(errors=[FieldError(text_field, error.code, MESSAGES[error.code], error.context)]) from None


async def _keep(
    session: AsyncSession, store: FileStore, about: About, draft: Draft[UploadLike], *, author: Author, at: datetime
) -> Sequence[StoredFile]:
    return [
        await keep(
            session,
            store,
            file,
            purpose=PURPOSE,
            owner=about.owner,
            by=author.person_id,
            at=at,
            field=draft.fields[1],
        )
        for file in draft.files
    ]


async def _announce(session: AsyncSession, about: About, to: Side, at: datetime) -> bool:
    """Whether this side is to be told by mail now: not while an announcement of the last hour is still unread."""
    values = {"id": about.id, "side": to.value, "at": at, "before": at - QUIET}
    return (await session.execute(ANNOUNCE[to], values)).one_or_none() is not None
