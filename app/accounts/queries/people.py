"""Staff as administrators and auditors see them: only people who have a role within the scope that is given.

Enterprise people are nobody's staff, so they are never selected here. Whoever reaches everything also sees staff who
have no role (any more); nobody else does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    column,
    exists,
    false,
    func,
    or_,
    select,
    table,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Membership, Person, RoleGrant, SigninSession
from app.accounts.rules.rights import Caller, Grant, Permission, Role, Scope, may_appoint
from app.accounts.scoping import within

# Named without importing the room of stations, which lies above this one.
STATION = table("station", column("id", Integer), column("code", String), column("county_adcode", String))
CALLED = func.coalesce(Person.username, Person.email, "")
"""What a list of people is ordered by: the name that somebody signs in with."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody has. `county` is the role's own or its station's; `seen`: it lies within the scope."""

    id: int
    role: Role
    station_id: int | None
    station: str | None
    county: str | None
    granted_at: datetime
    seen: bool

    @property
    def grant(self) -> Grant:
        return Grant(self.role, self.station_id, None if self.station_id else self.county)

    def given_by(self, caller: Caller) -> bool:
        """Whether the caller may give and take this role."""
        return may_appoint(caller, self.grant, county_of_station=self.county if self.station_id else None)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff with every role, also those out of the scope: they decide who may manage this person.

    `acts`: the person also acts for an organisation, which is nobody's business at work.
    """

    id: UUID
    username: str | None
    name: str
    email: str | None
    language: str
    demo: bool
    password_changed_at: datetime | None
    second_factor_at: datetime | None
    created_at: datetime
    disabled_at: datetime | None
    last_seen_at: datetime | None
    acts: bool
    held: tuple[Held, ...]

    @property
    def seen(self) -> tuple[Held, ...]:
        """The roles within the scope that the person was asked for with."""
        return tuple(each for each in self.held if each.seen)

    def managed_by(self, caller: Caller) -> bool:
        """Whether the caller may give and take every role of this person; oneself is nobody's to manage."""
        scope = caller.scope(Permission.PEOPLE_MANAGE)
        if scope.empty or caller.kind == "key" or self.id == caller.person_id:
            return False
        return all(each.given_by(caller) for each in self.held) if self.held else scope.everything

    def entrusted_to(self, caller: Caller) -> bool:
        """Whether the caller may also decide how this person gets in (address, password link, second factor).

        Who decides that could come in as this person, and see the organisations that the person acts for.
        """
        return self.managed_by(caller) and (not self.acts or caller.scope(Permission.PEOPLE_MANAGE).everything)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; role, station and county mean one and the same role of somebody."""

    role: Role | None = None
    station_id: int | None = None
    county: str = ""
    text: str = ""
    state: Literal["", "active", "disabled"] = ""

    @property
    def by_role(self) -> bool:
        return bool(self.role or self.station_id is not None or self.county)


@dataclass(frozen=True, slots=True)
class People:
    """Some of the staff by what they are called, and where the next page begins (None at the end)."""

    members: tuple[Member, ...]
    next: tuple[str, UUID] | None


@dataclass(frozen=True, slots=True)
class Place:
    """A station as far as rights need it."""

    code: str
    county: str


async def listed(
    session: AsyncSession, scope: Scope, wanted: Wanted, after: tuple[str, UUID] | None = None, limit: int = 50
) -> People:
    """A page of staff within the scope; `after` is `next` of the page before. Two queries."""
    asked = _members().where(_visible(scope, wanted), *_narrowed(wanted)).order_by(CALLED, Person.id).limit(limit + 1)
    if after:
        asked = asked.where(tuple_(CALLED, Person.id) > tuple_(*after))
    rows = (await session.execute(asked)).all()
    held = await _held(session, scope, [row[0] for row in rows[:limit]])
    members = tuple(_member(row, held) for row in rows[:limit])
    last = members[-1] if len(rows) > limit else None
    return People(members, (last.username or last.email or "", last.id) if last else None)


async def find(session: AsyncSession, scope: Scope, person_id: UUID) -> Member | None:
    """One of the staff; None also for somebody out of the scope."""
    row = (await session.execute(_members().where(Person.id == person_id, _visible(scope, Wanted())))).first()
    if row is None:
        return None
    held = await _held(session, scope, [person_id])
    return _member(row, held)


async def count(session: AsyncSession, scope: Scope) -> int:
    """How many of the staff within the scope can sign in."""
    there = select(func.count()).select_from(Person).where(_visible(scope, Wanted(state="active")))
    return await session.scalar(there.where(*_narrowed(Wanted(state="active")))) or 0


async def place(session: AsyncSession, station_id: int) -> Place | None:
    """A station's code and county."""
    row = (
        await session.execute(select(STATION.c.code, STATION.c.county_adcode).where(STATION.c.id == station_id))
    ).first()
    return Place(*row) if row else None


async def grants_of(session: AsyncSession, person_id: UUID) -> frozenset[Grant]:
    """The roles that somebody has at this moment, none while disabled or closed."""
    columns = RoleGrant.role, RoleGrant.station_id, RoleGrant.county_adcode
    open_account = Person.disabled_at.is_(None), Person.closed_at.is_(None)
    asked = select(*columns).join(Person, Person.id == RoleGrant.person_id).where(Person.id == person_id, *open_account)
    rows = await session.execute(asked)
    return frozenset(Grant(Role(role), station_id, county) for role, station_id, county in rows)


def _member(row: Sequence[Any], held: Mapping[UUID, tuple[Held, ...]]) -> Member:
    return Member(*(*row, held.get(row[0], ())))


def _members() -> Select[*tuple[Any, ...]]:
    seen = select(func.max(SigninSession.last_seen_at)).where(SigninSession.person_id == Person.id).scalar_subquery()
    columns = (
        Person.id,
        Person.username,
        Person.name,
        Person.email,
        Person.language,
        Person.demo,
        Person.password_changed_at,
        Person.totp_confirmed_at,
        Person.created_at,
        Person.disabled_at,
        seen,
        exists().where(Membership.person_id == Person.id),
    )
    return select(*columns)


def _visible(scope: Scope, wanted: Wanted) -> ColumnElement[bool]:
    """Somebody with an account who has a role that is both within the scope and wanted."""
    fits = [_reached(scope)]
    if wanted.role:
        fits.append(RoleGrant.role == wanted.role)
    if wanted.station_id is not None:
        fits.append(RoleGrant.station_id == wanted.station_id)
    if wanted.county:
        fits.append(_in_counties(frozenset({wanted.county})))
    has_role = exists().where(RoleGrant.person_id == Person.id, *fits)
    without = _without_role() if scope.everything and not wanted.by_role else false()
    return and_(Person.closed_at.is_(None), or_(has_role, without))


def _reached(scope: Scope) -> ColumnElement[bool]:
    """The roles within the scope: at a station of it, or over a county of it."""
    if scope.everything:
        return true()
    return or_(within(scope, RoleGrant.station_id), RoleGrant.county_adcode.in_(scope.counties))


def _in_counties(counties: frozenset[str]) -> ColumnElement[bool]:
    stations = select(STATION.c.id).where(STATION.c.county_adcode.in_(counties))
    return or_(RoleGrant.county_adcode.in_(counties), RoleGrant.station_id.in_(stations))


def _without_role() -> ColumnElement[bool]:
    """Staff who lost their last role: they sign in by a user name and act for no organisation."""
    has_role = exists().where(RoleGrant.person_id == Person.id)
    acts = exists().where(Membership.person_id == Person.id)
    return and_(Person.username.is_not(None), ~has_role, ~acts)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = []
    if wanted.state:
        disabled = Person.disabled_at.is_not(None)
        narrowed.append(disabled if wanted.state == "disabled" else ~disabled)
    if wanted.text:
        # A mail address only as a whole: by its parts, what is masked could be found out.
        named = (column.icontains(wanted.text, autoescape=True) for column in (Person.name, Person.username))
        narrowed.append(or_(*named, Person.email == wanted.text.lower()))
    return narrowed


async def _held(session: AsyncSession, scope: Scope, person_ids: list[UUID]) -> dict[UUID, tuple[Held, ...]]:
    columns = (
        RoleGrant.person_id,
        RoleGrant.id,
        RoleGrant.role,
        RoleGrant.station_id,
        STATION.c.code,
        func.coalesce(RoleGrant.county_adcode, STATION.c.county_adcode),
        RoleGrant.granted_at,
        _reached(scope),
    )
    asked = select(*columns).outerjoin(STATION, STATION.c.id == RoleGrant.station_id)
    rows = await session.execute(asked.where(RoleGrant.person_id.in_(person_ids)).order_by(RoleGrant.id))
    held: dict[UUID, tuple[Held, ...]] = {}
    for person_id, grant_id, role, *rest in rows:
        held[person_id] = (*held.get(person_id, ()), Held(grant_id, Role(role), *rest))
    return held
