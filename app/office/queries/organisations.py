"""Enterprise accounts as the city's administrators and auditors see them; people masked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Membership, Organisation, Person
from app.accounts.rules.rights import Scope
from app.kit.uscc import normalise
from app.notify.rules import masked
from app.requests.models import Request

MOST_PEOPLE = 200
State = Literal["", "open", "closed"]


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An organisation in numbers."""

    id: UUID
    uscc: str
    name: str
    demo: bool
    created_at: datetime
    closed_at: datetime | None
    people: int
    requests: int


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who acts for it: the name's first character, the mail address masked."""

    name: str
    email: str
    role: str
    since: datetime


async def listed(
    session: AsyncSession,
    scope: Scope,
    after: tuple[str, UUID] | None,
    limit: int,
    *,
    text: str = "",
    state: State = "",
) -> tuple[list[Enterprise], tuple[str, UUID] | None]:
    """A page of organisations by name, and where the next begins."""
    asked = _enterprises(scope).order_by(Organisation.name, Organisation.id).limit(limit + 1)
    if text:
        named = Organisation.name.icontains(text, autoescape=True)
        asked = asked.where(or_(named, Organisation.uscc.startswith(normalise(text), autoescape=True)))
    if state:
        closed = Organisation.closed_at.is_not(None)
        asked = asked.where(closed if state == "closed" else ~closed)
    if after:
        asked = asked.where(tuple_(Organisation.name, Organisation.id) > tuple_(*after))
    found = [Enterprise(*row) for row in await session.execute(asked)]
    more = len(found) > limit
    return found[:limit], (found[limit - 1].name, found[limit - 1].id) if more else None


async def find(session: AsyncSession, scope: Scope, organisation_id: UUID) -> Enterprise | None:
    row = (await session.execute(_enterprises(scope).where(Organisation.id == organisation_id))).first()
    return Enterprise(*row) if row else None


async def people_of(session: AsyncSession, scope: Scope, organisation_id: UUID) -> list[Acting]:
    """Who acts for it: owners first, then as they came."""
    asked = (
        select(Person.name, Person.email, Membership.role, Membership.since)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Organisation.id == organisation_id, _reached(scope))
        .order_by(Membership.role.desc(), Membership.since, Person.id)
        .limit(MOST_PEOPLE)
    )
    return [
        Acting(f"{name[:1]}**", masked(email) if email else "", role, since)
        for name, email, role, since in (await session.execute(asked))
    ]


def _enterprises(scope: Scope) -> Select[*tuple[Any, ...]]:
    people = select(func.count()).where(Membership.organisation_id == Organisation.id).scalar_subquery()
    requests = select(func.count()).where(Request.organisation_id == Organisation.id).scalar_subquery()
    own = (
        Organisation.id,
        Organisation.uscc,
        Organisation.name,
        Organisation.demo,
        Organisation.created_at,
        Organisation.closed_at,
    )
    return select(*own, people, requests).where(_reached(scope))


def _reached(scope: Scope) -> ColumnElement[bool]:
    return true() if scope.everything else Organisation.id.in_(scope.organisation_ids)
