"""Links that are mailed, each good once and for a while: to register, set a password, join, confirm an address.

The secret stands in the link and nowhere else; the database has its SHA-256. Looking at a link never spends it, since
mail scanners follow links: a page looks when it is opened, and spends when its form is sent.

    made = await links.make(session, "join", email, now, organisation_id=…, role="delegate", made_by=…)
    link = await links.look(session, "join", secret, now)       # raises LinkSpent
    link = await links.spend(session, "join", secret, now)      # raises LinkSpent; of two at once one gets it
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import LinkSpent
from app.accounts.models import MailToken
from app.kit.ids import hash_secret, new_id, new_secret

Purpose = Literal["register", "password", "join", "address"]
LIFETIMES: Mapping[Purpose, timedelta] = {
    "register": timedelta(hours=24),
    "password": timedelta(hours=1),
    "join": timedelta(days=7),
    "address": timedelta(hours=24),
}
FIRST_PASSWORD = timedelta(days=7)
"""For `make(…, "password", lifetime=FIRST_PASSWORD)`: staff whom an administrator has made choose their own."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new link; `secret` is for the mail alone, `id` for a list of open invitations or a mail's key."""

    id: UUID
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """What a link stands for. `organisation_id` and `role` are those of an invitation."""

    id: UUID
    purpose: str
    email: str
    person_id: UUID | None
    organisation_id: UUID | None
    role: str | None
    made_by: UUID | None
    expires_at: datetime


_COLUMNS = tuple(getattr(MailToken, name) for name in Link.__slots__)


async def make(
    session: AsyncSession,
    purpose: Purpose,
    email: str,
    now: datetime,
    *,
    person_id: UUID | None = None,
    organisation_id: UUID | None = None,
    role: str | None = None,
    made_by: UUID | None = None,
    lifetime: timedelta | None = None,
) -> Made:
    """A link for whoever reads the mail of `email` (normalised, lower case). Earlier ones stay good beside it."""
    secret = new_secret()
    token = MailToken(
        id=new_id(),
        token_hash=hash_secret(secret),
        purpose=purpose,
        email=email,
        person_id=person_id,
        organisation_id=organisation_id,
        role=role,
        made_by=made_by,
        created_at=now,
        expires_at=now + (lifetime or LIFETIMES[purpose]),
    )
    session.add(token)
    await session.flush()
    return Made(token.id, secret, token.expires_at)


async def look(session: AsyncSession, purpose: Purpose, secret: str, now: datetime) -> Link:
    """What the link is for, without spending it. Raises LinkSpent: used, withdrawn, too old, or never made."""
    row = (await session.execute(select(*_COLUMNS).where(*_good(purpose, secret, now)))).first()
    if row is None:
        raise LinkSpent
    return Link(*row)


async def spend(session: AsyncSession, purpose: Purpose, secret: str, now: datetime) -> Link:
    """The same, and it is used now, together with whatever else the transaction does. Raises LinkSpent."""
    used = update(MailToken).where(*_good(purpose, secret, now)).values(used_at=now).returning(*_COLUMNS)
    row = (await session.execute(used.execution_options(synchronize_session=False))).first()
    if row is None:
        raise LinkSpent
    return Link(*row)


async def withdraw(session: AsyncSession, purpose: Purpose, now: datetime, *whose: ColumnElement[bool]) -> list[UUID]:
    """Make open links of this purpose worthless; their ids. `whose` are conditions on MailToken, at least one."""
    if not whose:
        raise ValueError("say whose links")
    theirs = MailToken.purpose == purpose, MailToken.used_at.is_(None), MailToken.withdrawn_at.is_(None), *whose
    ended = update(MailToken).where(*theirs).values(withdrawn_at=now).returning(MailToken.id)
    return list((await session.execute(ended.execution_options(synchronize_session=False))).scalars())


def _good(purpose: Purpose, secret: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        MailToken.token_hash == hash_secret(secret),
        MailToken.purpose == purpose,
        MailToken.used_at.is_(None),
        MailToken.withdrawn_at.is_(None),
        MailToken.expires_at > now,
    )
