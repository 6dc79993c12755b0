"""Writing mails: in the caller's transaction, so that it is sent if, and only if, what it tells of has happened."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.notify.outbox import MASKED
from app.notify.rules import CHANNEL, MAIL
from app.notify.statements import POST, Mail, columns

# The notification is given on commit, and not at all for keys that are known.
POST_ALL = text(f"""
    WITH posted AS ({POST} ON CONFLICT (key) DO NOTHING RETURNING key)
    SELECT key, pg_notify(:told, '') FROM posted
""")  # noqa: S608 - put together from our own words
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
    channel: str = MAIL,
) -> None:
    """Hand over one mail in the session's transaction. A `key` that was used before does nothing, sent or withdrawn.

    `text` and `subject` are sentences in the reader's language (see `letters.Letter`), `kind` says what it is for
    ("account.confirm"). `key`, `about` and `subject` outlast the mail: none holds a secret or names a person.
    `at` is now. It is not sent before `due` (default: at once), and withdrawn unsent at `expires`. `about` is the thing
    that it tells of ("request:ZT-…"), for `withdraw`; `station_id` says whose staff see it, none for the network's;
    `channel` is the way it goes, see `app.jobs.CARRIERS`.
    Raises ValueError for a subject or an address with a line end or another control character: those make headers, and
    are cleaned before.
    """
    mail = Mail(kind, key, to, subject, text, at, about, due, expires, station_id, channel)
    await post_all(session, [mail])


async def post_all(session: AsyncSession, mails: Sequence[Mail]) -> frozenset[str]:
    """The same with several in one statement; returns the keys that were not used before."""
    if not mails:
        return frozenset()
    rows = await session.execute(POST_ALL, {**columns(mails), "told": CHANNEL})
    return frozenset(row.key for row in rows)


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
