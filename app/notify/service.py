"""Writing a mail: in the caller's transaction, so that it is sent if, and only if, what it tells of has happened."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import new_id
from app.notify.models import SUBJECT_LENGTH
from app.notify.outbox import MASKED
from app.notify.rules import CHANNEL, one_line

# The notification is given on commit, and not at all for a key that is known.
POST = text("""
    WITH posted AS (
        INSERT INTO message (id, key, kind, recipient, subject, body, created_at, next_attempt_at, about, expires_at,
            station_id)
        VALUES (:id, :key, :kind, :recipient, :subject, :body, :at, :due, :about, :expires, :station_id)
        ON CONFLICT (key) DO NOTHING RETURNING id
    ) SELECT pg_notify(:channel, '') FROM posted
""")
# Dead ones too: nobody shall send them again by hand. Locked in one order, as deliverers do.
WITHDRAW = text(f"""
    UPDATE message SET withdrawn_at = :at, dead_at = NULL, body = NULL, recipient = {MASKED}, lease = NULL
    WHERE id = ANY (ARRAY(
        SELECT id FROM message WHERE about = :about AND sent_at IS NULL AND withdrawn_at IS NULL
            AND (cardinality(CAST(:kinds AS varchar[])) = 0 OR kind = ANY (CAST(:kinds AS varchar[])))
        ORDER BY id FOR UPDATE))
    RETURNING id
""")  # noqa: S608 - put together from our own words


async def post(
    session: AsyncSession,
    *,
    kind: str,
    key: str,
    to: str,
    subject: str,
    text: str,
    at: datetime,
    about: str = "",
    due: datetime | None = None,
    expires: datetime | None = None,
    station_id: int | None = None,
) -> None:
    """Hand over one mail in the session's transaction. A `key` that was used before does nothing, sent or withdrawn.

    `text` and `subject` are sentences in the reader's language (see `letters.Letter`), `kind` says what it is for
    ("account.confirm"). `key`, `about` and `subject` outlast the mail: none holds a secret or names a person.
    `at` is now. It is not sent before `due` (default: at once), and withdrawn unsent at `expires`. `about` is the thing
    that it tells of ("request:ZT-…"), for `withdraw`; `station_id` says whose staff see it, none for the network's.
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
        "due": due or at,
        "about": about or None,
        "expires": expires,
        "station_id": station_id,
        "channel": CHANNEL,
    }
    await session.execute(POST, values)


async def withdraw(session: AsyncSession, about: str, *, kinds: Sequence[str] = (), at: datetime) -> int:
    """Take back what tells of `about` and hasn't left, of these kinds (none: of all); returns how many.

    In the caller's transaction: once it has committed, no deliverer begins to send one of them; at most the one whose
    sending has begun at that very moment arrives. Texts are wiped. Their keys stay used: what is to be told after all
    is posted under another key. Who posts and withdraws about the same thing at once agrees on a lock of that thing.
    Raises ValueError without an `about`.
    """
    if not about:
        raise ValueError("withdrawing needs the thing that the mails tell of")
    rows = await session.execute(WITHDRAW, {"about": about, "kinds": list(kinds), "at": at})
    return len(rows.all())
