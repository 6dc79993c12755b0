"""Organisations as their people see them. Who isn't of one is told the same as of one that doesn't exist."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import CodeCase, MailToken, Membership, Organisation, Person
from app.accounts.rules.rights import Caller
from app.kit.db import Database
from app.kit.problems import NotFound
from app.kit.uscc import normalise

MOST_SHOWN = 200
MINE: LiteralString = """
SELECT organisation.id, organisation.name, organisation.uscc, membership.role, membership.since
FROM membership JOIN organisation ON organisation.id = membership.organisation_id
WHERE membership.person_id = %s AND organisation.closed_at IS NULL AND (%s::uuid IS NULL OR organisation.id > %s::uuid)
ORDER BY organisation.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Mine:
    """An organisation that the caller acts for, and as what."""

    id: UUID
    name: str
    uscc: str
    role: str
    since: datetime

    @property
    def owned(self) -> bool:
        return self.role == "owner"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who acts for an organisation. `email` is for owners to see."""

    person_id: UUID
    name: str
    email: str | None
    role: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link to join that was mailed and not used; `made_by` is a name, of who may have left since."""

    id: UUID
    email: str
    role: str
    made_by: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A credit code that the caller has put before the staff of a station."""

    id: UUID
    uscc: str
    organisation_name: str
    station_id: int
    created_at: datetime
    accepted: bool | None
    reason: str | None


async def accepted_codes(session: AsyncSession, uscc: str) -> bool:
    """Whether staff have accepted this code (in any spelling) although its check digits don't fit."""
    accepted = exists().where(CodeCase.uscc == normalise(uscc), CodeCase.accepted.is_(True))
    return bool(await session.scalar(select(accepted)))


async def mine(session: AsyncSession, caller: Caller, organisation_id: UUID) -> Mine:
    """The organisation, if the caller acts for it at this moment. Raises NotFound."""
    row = (await session.execute(_mine(caller).where(Organisation.id == organisation_id))).first()
    if row is None:
        raise NotFound
    return Mine(*row)


async def all_mine(session: AsyncSession, caller: Caller) -> list[Mine]:
    """Every organisation that the caller acts for, by name."""
    return [Mine(*row) for row in await session.execute(_mine(caller).order_by(Organisation.name).limit(MOST_SHOWN))]


async def listed(database: Database, caller: Caller, after: UUID | None, limit: int) -> list[Mine]:
    """The same a page at a time, by id, by one bare statement."""
    rows = await database.fetch(MINE, (caller.person_id, after, after, limit))
    return [Mine(*row) for row in rows]


def _mine(caller: Caller) -> Select[UUID, str, str, str, datetime]:
    return (
        select(Organisation.id, Organisation.name, Organisation.uscc, Membership.role, Membership.since)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == caller.person_id, Organisation.closed_at.is_(None))
    )


async def colleagues(session: AsyncSession, organisation_id: UUID) -> list[Colleague]:
    """Who acts for it: owners first, then as they came."""
    rows = await session.execute(_people(organisation_id).limit(MOST_SHOWN))
    return [Colleague(*row) for row in rows]


async def colleague(session: AsyncSession, organisation_id: UUID, person_id: UUID) -> Colleague:
    """One of them. Raises NotFound."""
    row = (await session.execute(_people(organisation_id).where(Person.id == person_id))).first()
    if row is None:
        raise NotFound
    return Colleague(*row)


def _people(organisation_id: UUID) -> Select[UUID, str, str | None, str, datetime]:
    return (
        select(Person.id, Person.name, Person.email, Membership.role, Membership.since)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.role.desc(), Membership.since, Person.id)
    )


async def invitations(session: AsyncSession, organisation_id: UUID) -> list[Invitation]:
    """Those that nobody has used or withdrawn, also when their time is over, the newest first."""
    rows = await session.execute(
        select(MailToken.id, MailToken.email, MailToken.role, Person.name, MailToken.created_at, MailToken.expires_at)
        .outerjoin(Person, Person.id == MailToken.made_by)
        .where(
            MailToken.organisation_id == organisation_id,
            MailToken.purpose == "join",
            MailToken.used_at.is_(None),
            MailToken.withdrawn_at.is_(None),
        )
        .order_by(MailToken.created_at.desc())
        .limit(MOST_SHOWN)
    )
    return [
        Invitation(key, email, role or "", made_by or "", made, until)
        for key, email, role, made_by, made, until in rows
    ]


async def cases_of(session: AsyncSession, person_id: UUID | None) -> list[Case]:
    """Codes that the person has asked the staff about, the newest first; those whose organisation is there are over."""
    made = exists().where(Organisation.uscc == CodeCase.uscc, Organisation.closed_at.is_(None))
    rows = await session.execute(
        select(
            CodeCase.id,
            CodeCase.uscc,
            CodeCase.organisation_name,
            CodeCase.station_id,
            CodeCase.created_at,
            CodeCase.accepted,
            CodeCase.reason,
        )
        .where(CodeCase.person_id == person_id, ~made)
        .order_by(CodeCase.created_at.desc())
        .limit(MOST_SHOWN)
    )
    return [Case(*row) for row in rows]
