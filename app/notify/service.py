"""Writing a mail: in the caller's transaction, so that it is sent if, and only if, what it tells of has happened."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import new_id
from app.notify.models import SUBJECT_LENGTH
from app.notify.rules import CHANNEL, one_line

# The notification is given on commit, and not at all for a key that is known.
POST = text("""
    WITH posted AS (
        INSERT INTO message (id, key, kind, recipient, subject, body, created_at, next_attempt_at)
        VALUES (:id, :key, :kind, :recipient, :subject, :body, :at, :at)
        ON CONFLICT (key) DO NOTHING RETURNING id
    ) SELECT pg_notify(:channel, '') FROM posted
""")


async def post(session: AsyncSession, *, kind: str, key: str, to: str, subject: str, text: str, at: datetime) -> None:
    """Hand over one mail in the session's transaction; it is due at `at`. A `key` that was used before does nothing.

    `text` and `subject` are sentences in the reader's language (see `letters.Letter`), `kind` says what it is for
    ("account.confirm"). `key` and `subject` outlast the mail: neither holds a secret or names a person.
    Raises ValueError for a subject or an address with a line end or another control character: those make headers, and
    are cleaned before.
    """
    values = {
        "id": new_id(),
        "key": key,
        "kind": kind,
        "recipient": one_line(to),
        "subject": one_line(subject)[:SUBJECT_LENGTH],
        "body": text,
        "at": at,
        "channel": CHANNEL,
    }
    await session.execute(POST, values)
