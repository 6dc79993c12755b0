"""Reading what was written. What a side may not see is left out by the query itself: its text, its files, its count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.conversation.models import ConversationFile, ConversationMessage, ConversationRead
from app.conversation.rules import About, Side
from app.files.models import StoredFile

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a message. `size` in bytes."""

    id: UUID
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it is read. `author` is the name of somebody who has signed in, for the station's eyes."""

    n: int
    at: datetime
    side: Side
    inside: bool
    text: str
    author: str
    author_id: UUID | None
    files: tuple[Attached, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """The messages that a side may see, the oldest first, and how far it had read."""

    messages: tuple[Written, ...]
    read_up_to: int
    side: Side

    @property
    def unread(self) -> int:
        return sum(each.side is self.side.other and each.n > self.read_up_to for each in self.messages)


def seen_by(side: Side) -> ColumnElement[bool]:
    """What this side may see: for an applicant nothing that stays inside."""
    if side is Side.STATION:
        return true()
    return ConversationMessage.inside.is_(False)


async def thread(session: AsyncSession, about: About, side: Side) -> Thread:
    """The newest 500 messages that the side may see, in their order, with their files: two statements."""
    rows = await session.execute(
        select(ConversationMessage, Person.name, ConversationRead.up_to)
        .outerjoin(Person, Person.id == ConversationMessage.author_id)
        .outerjoin(
            ConversationRead,
            and_(ConversationRead.request_id == ConversationMessage.request_id, ConversationRead.side == side.value),
        )
        .where(ConversationMessage.request_id == about.id, seen_by(side))
        .order_by(ConversationMessage.n.desc())
        .limit(MOST_SHOWN)
    )
    found = rows.all()[::-1]
    files = await _files(session, [message.id for message, _name, _up_to in found])
    return Thread(
        tuple(_written(message, name or "", files.get(message.id, [])) for message, name, _up_to in found),
        next((up_to or 0 for _message, _name, up_to in found), 0),
        side,
    )


def _written(message: ConversationMessage, name: str, files: Iterable[Attached]) -> Written:
    return Written(
        message.n,
        message.at,
        Side(message.side),
        message.inside,
        message.text,
        name,
        message.author_id,
        tuple(files),
    )


async def _files(session: AsyncSession, message_ids: Sequence[UUID]) -> dict[UUID, list[Attached]]:
    if not message_ids:
        return {}
    rows = await session.execute(
        select(ConversationFile.message_id, StoredFile)
        .join(StoredFile, StoredFile.id == ConversationFile.file_id)
        .where(ConversationFile.message_id.in_(message_ids), StoredFile.deleted_at.is_(None))
        .order_by(ConversationFile.message_id, ConversationFile.n)
    )
    found: dict[UUID, list[Attached]] = {}
    for message_id, file in rows:
        found.setdefault(message_id, []).append(Attached(file.id, file.name, file.media_type, file.size))
    return found


async def attachment(session: AsyncSession, about: About, side: Side, n: int, file_id: UUID) -> StoredFile | None:
    """A file of this very message, if the side may see it; owner and message stand in the query."""
    owner = about.owner
    found: StoredFile | None = await session.scalar(
        select(StoredFile)
        .join(ConversationFile, ConversationFile.file_id == StoredFile.id)
        .join(
            ConversationMessage,
            and_(
                ConversationMessage.id == ConversationFile.message_id,
                ConversationMessage.station_id == ConversationFile.station_id,
            ),
        )
        .where(
            StoredFile.id == file_id,
            StoredFile.owner_kind == owner.kind,
            StoredFile.owner_id == owner.id,
            StoredFile.deleted_at.is_(None),
            ConversationMessage.request_id == about.id,
            ConversationMessage.n == n,
            seen_by(side),
        )
    )
    return found


async def unread(session: AsyncSession, side: Side, ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many messages of the other side wait, for each of these requests that has any: one statement."""
    rows = await session.execute(
        select(ConversationMessage.request_id, func.count())
        .outerjoin(
            ConversationRead,
            and_(ConversationRead.request_id == ConversationMessage.request_id, ConversationRead.side == side.value),
        )
        .where(
            ConversationMessage.request_id.in_(list(ids)),
            ConversationMessage.side == side.other.value,
            seen_by(side),
            ConversationMessage.n > func.coalesce(ConversationRead.up_to, 0),
        )
        .group_by(ConversationMessage.request_id)
    )
    return {row[0]: row[1] for row in rows}


async def messages_of(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, list[ConversationMessage]]:
    """What an applicant may take along, by request and in order: all but the notes that stay inside."""
    rows = await session.scalars(
        select(ConversationMessage)
        .where(ConversationMessage.request_id.in_(list(ids)), seen_by(Side.APPLICANT))
        .order_by(ConversationMessage.request_id, ConversationMessage.n)
    )
    found: dict[UUID, list[ConversationMessage]] = {}
    for message in rows:
        found.setdefault(message.request_id, []).append(message)
    return found
