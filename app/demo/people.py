"""People for a demo: one of each role at every station, in a county and in the city, and an enterprise.

Made by `onestop demo`, and by `make run` in an empty database of its own; never where a database was given. All have
one password, from ONESTOP_DEMO_PASSWORD or random and told once. As long as there are such people, every page says
that this is a demo.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from app.accounts.rules.rights import Role
from app.audit.service import Actor, Object, record
from app.kit import clock
from app.kit.db import Database
from app.kit.ids import new_id, new_secret
from app.kit.passwords import Passwords
from app.kit.uscc import check_character, organisation_check_digit

COUNTY = "340202"
PASSWORD_BYTES = 12
NAMES = {
    Role.WINDOW: "演示窗口人员",
    Role.OFFICER: "演示质量管家",
    Role.MANAGER: "演示站长",
    Role.COUNTY_ADMIN: "演示县区管理员",
    Role.CITY_ADMIN: "演示市级管理员",
    Role.AUDITOR: "演示审计员",
}
ENTERPRISES = 60
ENTERPRISE, ENTERPRISE_PERSON = "演示仪表有限公司", "演示企业用户"

ANY: LiteralString = "SELECT 1 FROM person WHERE demo AND closed_at IS NULL LIMIT 1"
STATIONS: LiteralString = "SELECT id, lower(code) FROM station ORDER BY code"
PEOPLE: LiteralString = """
INSERT INTO person (id, username, name, email, password_hash, password_changed_at, demo, created_at)
SELECT given.id, given.username, given.name, given.email, %(hash)s, %(now)s, true, %(now)s
FROM unnest(%(ids)s::uuid[], %(usernames)s::text[], %(names)s::text[], %(emails)s::text[])
    given (id, username, name, email)
ON CONFLICT (username) DO UPDATE SET password_hash = excluded.password_hash, password_changed_at = %(now)s
WHERE person.demo
RETURNING id
"""
GRANTS: LiteralString = """
INSERT INTO role_grant (person_id, role, station_id, county_adcode, granted_at)
SELECT given.id, given.role, given.station_id, given.county, %(now)s
FROM unnest(%(ids)s::uuid[], %(roles)s::text[], %(station_ids)s::int[], %(counties)s::text[])
    given (id, role, station_id, county)
JOIN person ON person.id = given.id
"""
ORGANISATION: LiteralString = """
WITH made AS (
    INSERT INTO organisation (id, uscc, name, demo, created_at)
    SELECT %(organisation)s, %(uscc)s, %(name)s, true, %(now)s
    WHERE EXISTS (SELECT FROM person WHERE id = %(person)s)
    ON CONFLICT (uscc) WHERE closed_at IS NULL DO NOTHING RETURNING id)
INSERT INTO membership (organisation_id, person_id, role, since)
SELECT made.id, %(person)s, 'owner', %(now)s FROM made
"""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One of them; staff have a role and where it holds."""

    id: UUID
    username: str
    name: str
    role: Role | None = None
    station_id: int | None = None
    county: str | None = None
    email: str | None = None


async def is_demo(database: Database) -> bool:
    """Whether there are such people here."""
    return bool(await database.fetch(ANY, ()))


async def load_people(url: str, password: str | None) -> str:
    """Make those that are missing and give all the same password, which is returned: the given one, or a new one."""
    password, now = password or new_secret(PASSWORD_BYTES), await clock.now()
    hashed = await Passwords().hash(password)
    database = Database(url, pool_size=2)
    await database.open()
    try:
        stations = await database.fetch(STATIONS, ())
        people = list(_people(stations))
        made = await _write(database, people, hashed, now)
        async with database.writer() as session:
            who = Actor("system", name="onestop demo")
            await record(session, who, "demo.loaded", Object("demo", "people"), at=now, after={"people": made})
            await session.commit()
    finally:
        await database.close()
    return password


def _people(stations: list[tuple[int, str]]) -> Iterator[DemoPerson]:
    yield DemoPerson(new_id(), "admin", NAMES[Role.CITY_ADMIN], Role.CITY_ADMIN)
    yield DemoPerson(new_id(), "auditor", NAMES[Role.AUDITOR], Role.AUDITOR)
    yield DemoPerson(new_id(), f"county.{COUNTY}", NAMES[Role.COUNTY_ADMIN], Role.COUNTY_ADMIN, county=COUNTY)
    for station_id, code in stations:
        for role in (Role.OFFICER, Role.MANAGER, Role.WINDOW):
            yield DemoPerson(new_id(), f"{role}.{code}", NAMES[role], role, station_id)
    yield DemoPerson(new_id(), "sme", ENTERPRISE_PERSON, email="sme@demo.invalid")


async def _write(database: Database, people: list[DemoPerson], hashed: str, now: datetime) -> int:
    """All of them in three statements; those that were there get the new password only."""
    columns = {
        "ids": [each.id for each in people],
        "usernames": [each.username for each in people],
        "names": [each.name for each in people],
        "emails": [each.email for each in people],
    }
    written = await database.fetch(PEOPLE, {**columns, "hash": hashed, "now": now})
    staff = [each for each in people if each.role]
    grants = {
        "ids": [each.id for each in staff],
        "roles": [each.role for each in staff],
        "station_ids": [each.station_id for each in staff],
        "counties": [each.county for each in staff],
        "now": now,
    }
    await database.fetch(GRANTS, grants)
    sme = people[-1].id
    firm = {"organisation": new_id(), "uscc": demo_uscc(), "name": ENTERPRISE, "person": sme, "now": now}
    await database.fetch(ORGANISATION, firm)
    return len(written)


def demo_uscc(number: int = 0) -> str:
    """A code whose check digits fit and that no register gives out: its organisation code is 00000000, or a little
    above."""
    own = f"{number:08}"
    first = "91" + "340200" + own + organisation_check_digit(own)
    return first + check_character(first)


def demo_organisations() -> tuple[tuple[str, str], ...]:
    """Names and codes of enterprises that there aren't; they have no account."""
    return tuple((f"演示企业 {number:02}", demo_uscc(number)) for number in range(1, ENTERPRISES + 1))
