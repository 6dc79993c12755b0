"""Administrators manage staff: accounts, roles, and help for who is locked out.

Everything here holds one lock of the database until its transaction ends, and looks at the caller's roles anew once it
has it: of two administrators who take each other's role at once, the second has none any more, and one is left.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import LastAdministrator, NameTaken, OwnRights, RoleHeld, RoleMisplaced
from app.accounts.models import MailToken, Person, RoleGrant
from app.accounts.queries import people
from app.accounts.queries.people import Member
from app.accounts.rules.rights import AT_STATION, Caller, Grant, Permission, Role, may_appoint
from app.accounts.service import links, people_letters, second_factor
from app.accounts.service.sessions import end_all
from app.audit.service import Object, record
from app.kit.db import violated
from app.kit.ids import new_id
from app.kit.problems import Conflict, Forbidden, NotFound
from app.notify.letters import Letterhead
from app.notify.rules import masked

PASSWORD_PATH = "/password/{secret}"  # noqa: S105 - where the page is, which links of `links` lead to
TAKEN = {"person_username_key": "username", "person_email_key": "email"}
HELD = "role_grant_person_id_role_station_id_county_adcode_key"
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('onestop rights'))")


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody to be made: a user name as `USERNAME` has it, a name for people, perhaps a mail address, a language."""

    username: str
    name: str
    email: str | None
    language: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was made, or may set a password. `path` is of the link, to be handed over: only where no mail was sent."""

    person_id: UUID
    path: str
    expires_at: datetime


async def create(session: AsyncSession, caller: Caller, new: NewMember, head: Letterhead, now: datetime) -> Invited:
    """Make one of the staff with a first role. Raises Forbidden, RoleMisplaced, NameTaken(field=…)."""
    rights = await _rights(session, caller)
    place = await _place(session, rights, new.grant)
    person = Person(
        id=new_id(),
        username=new.username,
        name=new.name,
        email=new.email.lower() if new.email else None,
        language=new.language,
        created_at=now,
    )
    async with _unless_taken(session):
        session.add(person)
    session.add(_grant(person.id, new.grant, caller, now))
    await session.flush()
    after = {"username": new.username, **_personal(person), "role": new.grant.role, **place}
    await record(session, caller.actor, "person.created", _object(person, new.grant), at=now, after=after)
    return await _invite(session, caller, person, head, now)


async def correct(
    session: AsyncSession,
    caller: Caller,
    person_id: UUID,
    head: Letterhead,
    now: datetime,
    *,
    name: str,
    email: str | None,
) -> None:
    """Another name or mail address. The address before is told of it, and links that were mailed there end.

    Raises NotFound, OwnRights, Forbidden, NameTaken(field="email").
    """
    person, _member = await _managed(session, caller, person_id, way_in=True)
    old, new = (person.name, person.email), (name, email.lower() if email else None)
    if new == old:
        return
    before = _personal(person)
    async with _unless_taken(session):
        person.name, person.email = new
    if person.email != old[1]:
        await _end_links(session, person, now)
        if old[1]:
            await people_letters.tell_of_address(session, person, old[1], head, now)
    after = _personal(person)
    await record(session, caller.actor, "person.corrected", _object(person), at=now, before=before, after=after)


async def disable(session: AsyncSession, caller: Caller, person_id: UUID, now: datetime, *, reason: str) -> None:
    """Nobody signs in until it is enabled again. Raises NotFound, OwnRights, Forbidden, LastAdministrator."""
    person, member = await _managed(session, caller, person_id)
    if person.disabled_at:
        return
    if any(each.role is Role.CITY_ADMIN for each in member.held):
        await keep_an_administrator(session, without=person_id)
    person.disabled_at = now
    await _end_links(session, person, now)
    await end_all(session, person.id, now)
    await record(session, caller.actor, "person.disabled", _object(person), at=now, reason=reason)


async def enable(session: AsyncSession, caller: Caller, person_id: UUID, now: datetime, *, reason: str) -> None:
    """Raises NotFound, OwnRights, Forbidden."""
    person, _member = await _managed(session, caller, person_id)
    if person.disabled_at:
        person.disabled_at = None
        await record(session, caller.actor, "person.enabled", _object(person), at=now, reason=reason)


async def reset_second_factor(
    session: AsyncSession, caller: Caller, person_id: UUID, head: Letterhead, now: datetime, *, reason: str
) -> None:
    """Take the second factor off somebody who lost it and has proved to be this person; all sessions end.

    The person is told by mail. Raises NotFound, OwnRights, Forbidden.
    """
    person, _member = await _managed(session, caller, person_id, way_in=True)
    await second_factor.forget(session, person)
    await end_all(session, person.id, now)
    if person.email:
        await people_letters.tell_of_reset(session, person, person.email, head, now)
    await record(session, caller.actor, "person.second_factor_reset", _object(person), at=now, reason=reason)


async def invite(session: AsyncSession, caller: Caller, person_id: UUID, head: Letterhead, now: datetime) -> Invited:
    """Another link to set a password; those before end. Raises NotFound, OwnRights, Forbidden."""
    person, _member = await _managed(session, caller, person_id, way_in=True)
    if person.disabled_at:
        raise Conflict
    await _end_links(session, person, now)
    await record(session, caller.actor, "person.password_link_made", _object(person), at=now)
    return await _invite(session, caller, person, head, now)


async def grant_role(session: AsyncSession, caller: Caller, person_id: UUID, grant: Grant, now: datetime) -> None:
    """One more role. Raises NotFound, OwnRights, Forbidden, RoleMisplaced, RoleHeld."""
    person, _member = await _managed(session, caller, person_id)
    place = await _place(session, await _rights(session, caller), grant)
    try:
        async with session.begin_nested():
            session.add(_grant(person.id, grant, caller, now))
            await session.flush()
    except IntegrityError as error:
        raise (RoleHeld if violated(error) == HELD else RoleMisplaced) from error
    await end_all(session, person.id, now)
    after = {"role": grant.role, **place}
    await record(session, caller.actor, "role.granted", _object(person, grant), at=now, after=after)


async def revoke_role(
    session: AsyncSession, caller: Caller, person_id: UUID, grant_id: int, now: datetime, *, reason: str = ""
) -> None:
    """One role less. Raises NotFound, OwnRights, Forbidden, LastAdministrator."""
    person, member = await _managed(session, caller, person_id)
    held = next((each for each in member.held if each.id == grant_id), None)
    if held is None:
        raise NotFound
    if held.role is Role.CITY_ADMIN:
        await keep_an_administrator(session, without=person_id)
    await session.execute(delete(RoleGrant).where(RoleGrant.id == grant_id, RoleGrant.person_id == person_id))
    await end_all(session, person.id, now)
    place = _where(held.station, held.grant.county)
    before = {"role": held.role, **place}
    await record(
        session, caller.actor, "role.revoked", _object(person, held.grant), at=now, before=before, reason=reason
    )


async def keep_an_administrator(session: AsyncSession, *, without: UUID) -> None:
    """Make sure that the network has an administrator who can sign in, besides this person. Raises LastAdministrator.

    Holds the lock of all rights from here on; also for who closes an own account.
    """
    await session.execute(LOCK)
    open_account = Person.disabled_at.is_(None), Person.closed_at.is_(None), Person.id != without
    others = select(func.count()).select_from(RoleGrant).join(Person, Person.id == RoleGrant.person_id)
    if not await session.scalar(others.where(RoleGrant.role == Role.CITY_ADMIN, *open_account)):
        raise LastAdministrator


# --- Who may, whom ---------------------------------------------------------------------------------------------------


async def _rights(session: AsyncSession, caller: Caller) -> Caller:
    """The caller with the roles that are still the caller's, now that nobody else can change any. Raises Forbidden."""
    await session.execute(LOCK)
    current = await people.grants_of(session, caller.person_id) if caller.person_id else frozenset()
    rights = replace(caller, grants=tuple(grant for grant in caller.grants if grant in current))
    if not rights.may(Permission.PEOPLE_MANAGE):
        raise Forbidden
    return rights


async def _managed(
    session: AsyncSession, caller: Caller, person_id: UUID, *, way_in: bool = False
) -> tuple[Person, Member]:
    """Somebody whom the caller may manage (also the `way_in`), and as what. Raises NotFound, OwnRights, Forbidden."""
    rights = await _rights(session, caller)
    member = await people.find(session, rights.scope(Permission.PEOPLE_READ), person_id)
    if member is None:
        raise NotFound
    if person_id == caller.person_id:
        raise OwnRights
    if not (member.entrusted_to(rights) if way_in else member.managed_by(rights)):
        raise Forbidden
    return await session.get_one(Person, person_id, with_for_update=True, populate_existing=True), member


async def _place(session: AsyncSession, rights: Caller, grant: Grant) -> Mapping[str, str]:
    """Where the role is to hold, in words for the record. Raises RoleMisplaced, Forbidden."""
    at_station, in_county = grant.station_id is not None, grant.county is not None
    if (grant.role in AT_STATION) != at_station or (grant.role is Role.COUNTY_ADMIN) != in_county:
        raise RoleMisplaced
    place = await people.place(session, grant.station_id) if grant.station_id is not None else None
    if at_station and place is None:
        raise RoleMisplaced
    if not may_appoint(rights, grant, county_of_station=place.county if place else None):
        raise Forbidden
    return _where(place.code if place else None, grant.county)


def _where(station: str | None, county: str | None) -> Mapping[str, str]:
    return {name: value for name, value in (("station", station), ("county", county)) if value}


def _grant(person_id: UUID, grant: Grant, caller: Caller, now: datetime) -> RoleGrant:
    return RoleGrant(
        person_id=person_id,
        role=grant.role,
        station_id=grant.station_id,
        county_adcode=grant.county,
        granted_by=caller.person_id,
        granted_at=now,
    )


# --- The record, mails, links ----------------------------------------------------------------------------------------


def _object(person: Person, grant: Grant | None = None) -> Object:
    return Object("person", str(person.id), station_id=grant.station_id if grant else None)


def _personal(person: Person) -> dict[str, str]:
    """What the record holds of a name and an address: enough to see that they changed."""
    return {"name": f"{person.name[:1]}**", "email": masked(person.email) if person.email else ""}


@asynccontextmanager
async def _unless_taken(session: AsyncSession) -> AsyncIterator[None]:
    """Write what is changed in the block. Raises NameTaken(field=…); then nothing of it was."""
    try:
        async with session.begin_nested():
            yield
            await session.flush()
    except IntegrityError as error:
        field = TAKEN.get(violated(error) or "")
        if field is None:
            raise
        raise NameTaken(field=field) from error


async def _end_links(session: AsyncSession, person: Person, now: datetime) -> None:
    for purpose in ("password", "address"):
        await links.withdraw(session, purpose, now, MailToken.person_id == person.id)


async def _invite(session: AsyncSession, caller: Caller, person: Person, head: Letterhead, now: datetime) -> Invited:
    """A link to choose a password by: mailed, or, where there is no address, handed over by who made it."""
    made = await links.make(
        session,
        "password",
        person.email or "",
        now,
        person_id=person.id,
        made_by=caller.person_id,
        lifetime=links.FIRST_PASSWORD,
    )
    path = PASSWORD_PATH.format(secret=made.secret)
    if person.email:
        await people_letters.invite(session, person, path, head, now)
    return Invited(person.id, "" if person.email else path, made.expires_at)
