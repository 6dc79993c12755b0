"""API keys: made by a person for programs, shown once, kept as SHA-256, ended by their date or by hand.

A key never may more than its owner may at the moment of a call, and of that only what its scopes name (see
`Caller.scope`). It can't make or end keys: that takes a browser or a bearer token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import TooManyKeys
from app.accounts.models import ApiKey, Person
from app.accounts.rules.rights import BY_KEY, Caller, KeyScope
from app.accounts.service.notices import tell
from app.accounts.sessions import KEY_PREFIX
from app.audit.service import Object, record
from app.kit.ids import hash_secret, new_id, new_secret
from app.kit.problems import Forbidden, NotFound
from app.notify.letters import Letterhead

DAYS_DEFAULT, DAYS_MOST = 90, 365
SOON = timedelta(days=14)
MOST_KEYS = 20
PREFIX_LENGTH = 12
OF_REQUESTS = frozenset({KeyScope.READ_REQUESTS, KeyScope.CHANGE_REQUESTS})
OF_ORGANISATIONS = frozenset({KeyScope.READ_LEDGER, KeyScope.CHANGE_LEDGER})


@dataclass(frozen=True, slots=True)
class NewKey:
    """What is asked for: a name to tell it by, what it may, for how many days (1 to 365)."""

    name: str
    scopes: frozenset[KeyScope]
    days: int = DAYS_DEFAULT


async def create(
    session: AsyncSession, caller: Caller, new: NewKey, head: Letterhead, now: datetime
) -> tuple[ApiKey, str]:
    """The key and its secret, which is shown to nobody again; its owner is told by mail.

    Raises Forbidden for who comes by key, TooManyKeys.
    """
    person_id = _manager(caller)
    good = ApiKey.person_id == person_id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now
    if (await session.scalar(select(func.count()).select_from(ApiKey).where(*good)) or 0) >= MOST_KEYS:
        raise TooManyKeys(most=MOST_KEYS)
    secret = KEY_PREFIX + new_secret()
    key = ApiKey(
        id=new_id(),
        person_id=person_id,
        name=new.name,
        prefix=secret[:PREFIX_LENGTH],
        secret_hash=hash_secret(secret),
        scopes=sorted(new.scopes),
        created_at=now,
        expires_at=now + timedelta(days=new.days),
    )
    session.add(key)
    await session.flush()
    after = {"name": new.name, "scopes": key.scopes, "expires_at": key.expires_at}
    await record(session, caller.actor, "key.created", Object("key", str(key.id)), at=now, after=after)
    await tell(session, await session.get_one(Person, person_id), "key_made", head, now)
    return key, secret


async def revoke(session: AsyncSession, caller: Caller, key_id: UUID, now: datetime) -> None:
    """End one of the own keys, at once; one that has ended stays so. Raises Forbidden, NotFound."""
    mine = ApiKey.id == key_id, ApiKey.person_id == _manager(caller)
    ended = update(ApiKey).where(*mine, ApiKey.revoked_at.is_(None)).values(revoked_at=now).returning(ApiKey.name)
    name = await session.scalar(ended.execution_options(synchronize_session=False))
    if name is not None:
        before = {"name": name}
        await record(session, caller.actor, "key.revoked", Object("key", str(key_id)), at=now, before=before)
    elif await session.scalar(select(ApiKey.id).where(*mine)) is None:
        raise NotFound


async def revoke_all(session: AsyncSession, person_id: UUID, now: datetime) -> int:
    """End every key of somebody whose account may have been in other hands; how many. The caller records it."""
    theirs = ApiKey.person_id == person_id, ApiKey.revoked_at.is_(None)
    ended = update(ApiKey).where(*theirs).values(revoked_at=now).returning(ApiKey.id)
    return len((await session.scalars(ended.execution_options(synchronize_session=False))).all())


async def keys_of(session: AsyncSession, caller: Caller) -> Sequence[ApiKey]:
    """The own keys, newest first, also those that have ended. Raises Forbidden."""
    mine = select(ApiKey).where(ApiKey.person_id == _manager(caller))
    return (await session.scalars(mine.order_by(ApiKey.created_at.desc(), ApiKey.id))).all()


def _manager(caller: Caller) -> UUID:
    """Whose keys they are: never decided by a key itself."""
    if caller.person_id is None or caller.kind == "key":
        raise Forbidden
    return caller.person_id


def useful(caller: Caller) -> list[KeyScope]:
    """The scopes by which a key of this person could do something: requests are everybody's, a ledger is its
    organisation's people's, the rest goes by role."""
    own = OF_REQUESTS | OF_ORGANISATIONS if caller.memberships else OF_REQUESTS
    return [scope for scope in KeyScope if scope in own or any(caller.may(each) for each in BY_KEY[scope])]


def state(key: ApiKey, now: datetime) -> str:
    """`revoked`, `expired`, `soon` (it expires within two weeks) or `good`."""
    if key.revoked_at:
        return "revoked"
    if key.expires_at <= now:
        return "expired"
    return "soon" if key.expires_at - now <= SOON else "good"
