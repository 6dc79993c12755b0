"""Staff who can be told something by mail: who works at a station, and who answers for it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person, RoleGrant
from app.accounts.rules.rights import Role

MOST = 20
"""Mails to so many people of a station at most."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody of the staff with a mail address, by one of the roles that they have."""

    person_id: UUID
    email: str
    language: str
    role: str
    station_id: int | None
    county: str | None


async def staff_with_mail(
    session: AsyncSession, roles: Collection[Role], *, stations: Collection[int] = (), counties: Collection[str] = ()
) -> Sequence[Mailbox]:
    """Who has one of these roles at one of the stations, in one of the counties, or everywhere."""
    found = await session.execute(
        select(Person.id, Person.email, Person.language, RoleGrant.role, RoleGrant.station_id, RoleGrant.county_adcode)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role.in_([role.value for role in roles]),
            or_(
                RoleGrant.station_id.in_(stations),
                RoleGrant.county_adcode.in_(counties),
                RoleGrant.role == Role.CITY_ADMIN.value,
            ),
            Person.email.is_not(None),
            Person.disabled_at.is_(None),
            Person.closed_at.is_(None),
        )
        .order_by(Person.id)
    )
    return [Mailbox(row.id, row.email or "", *row[2:]) for row in found]


def at_work(staff: Iterable[Mailbox], station_id: int) -> Sequence[Mailbox]:
    """The officers of a station; where none can be reached, its managers."""
    here = [each for each in staff if each.station_id == station_id]
    officers = [each for each in here if each.role == Role.OFFICER]
    return (officers or [each for each in here if each.role == Role.MANAGER])[:MOST]


def answerable(staff: Iterable[Mailbox], station_id: int, county: str) -> Sequence[Mailbox]:
    """Who answers for a station: its managers, else the administrators of its county, else those of the city."""
    everybody = list(staff)
    managers = [each for each in everybody if each.role == Role.MANAGER and each.station_id == station_id]
    admins = [each for each in everybody if each.role == Role.COUNTY_ADMIN and each.county == county]
    return (managers or admins or [each for each in everybody if each.role == Role.CITY_ADMIN])[:MOST]


ANSWERABLE = (Role.MANAGER, Role.COUNTY_ADMIN, Role.CITY_ADMIN)
