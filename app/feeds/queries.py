"""Reading feeds: those of a person, and what one shows to whoever has its secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import SECOND_FACTOR_REQUIRED, TABLE, Permission
from app.feeds.models import CalendarFeed
from app.kit.db import Database
from app.kit.ids import hash_secret
from app.kit.ticks import floor_tick

BACK, AHEAD = timedelta(days=7), timedelta(days=60)
STRUCK = timedelta(days=14)
"""How long a cancelled appointment is shown struck: longer than any calendar program waits between two looks."""
MOST_EVENTS = 5000
USED_EVERY = timedelta(hours=1)

# The feed with what its person may see at this moment, and the events, in one statement: nothing is shown by rights
# that have just ended, and a secret that is wrong, revoked, or whose person has gone finds no row in the same way.
# Both halves of a station are index scans by station and time, however many requests it has had.
LOOK: LiteralString = """
WITH feed AS MATERIALIZED (
    SELECT calendar_feed.id, calendar_feed.person_id, calendar_feed.station_id, person.language
    FROM calendar_feed JOIN person ON person.id = calendar_feed.person_id
    WHERE calendar_feed.token_hash = %(hash)s AND calendar_feed.revoked_at IS NULL
      AND person.disabled_at IS NULL AND person.closed_at IS NULL
      AND (person.totp_confirmed_at IS NOT NULL OR NOT EXISTS (
          SELECT FROM role_grant WHERE role_grant.person_id = person.id AND role = ANY(%(strong)s)))
      AND (calendar_feed.station_id IS NULL OR EXISTS (
          SELECT FROM role_grant JOIN station ON station.id = calendar_feed.station_id
          WHERE role_grant.person_id = person.id AND role = ANY(%(roles)s)
            AND (role_grant.station_id = station.id OR role_grant.county_adcode = station.county_adcode
                 OR (role_grant.station_id IS NULL AND role_grant.county_adcode IS NULL))))
), used AS (
    UPDATE calendar_feed SET last_used_at = %(now)s FROM feed
    WHERE calendar_feed.id = feed.id
      AND (calendar_feed.last_used_at IS NULL OR calendar_feed.last_used_at < %(used_before)s)
), taken AS (
    SELECT reservation.* FROM feed JOIN reservation ON reservation.station_id = feed.station_id
    WHERE reservation.active AND kind = 'appointment' AND starts >= %(first)s AND starts < %(end)s
    UNION ALL
    SELECT reservation.* FROM feed JOIN reservation ON reservation.station_id = feed.station_id
    WHERE NOT reservation.active AND kind = 'appointment' AND starts >= %(first)s AND starts < %(end)s
), own AS (
    SELECT request.* FROM feed
    JOIN membership ON membership.person_id = feed.person_id
    JOIN organisation ON organisation.id = membership.organisation_id AND organisation.closed_at IS NULL
    JOIN request ON request.organisation_id = organisation.id
    WHERE feed.station_id IS NULL
    UNION ALL
    SELECT request.* FROM feed JOIN request ON request.person_id = feed.person_id
    WHERE feed.station_id IS NULL AND request.organisation_id IS NULL
), event AS (
    SELECT request.id, reference, calendar_sequence, request.created_at, request.changed_at, organisation_name,
        taken.station_id, visit_starts, visit_ticks, travel_before, site ->> 'address', active, service_ids
    FROM taken JOIN request ON request.reservation_id = taken.id AND request.station_id = taken.station_id
    UNION ALL
    SELECT own.id, reference, calendar_sequence, own.created_at, own.changed_at, organisation_name,
        own.station_id, visit_starts, visit_ticks, travel_before, site ->> 'address', active, service_ids
    FROM own JOIN reservation ON reservation.id = own.reservation_id AND reservation.station_id = own.station_id
    WHERE starts >= %(first)s AND starts < %(end)s
)
SELECT feed.station_id, feed.language, event.*
FROM feed LEFT JOIN event ON event.active OR event.changed_at > %(struck_since)s
ORDER BY event.visit_starts, event.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """An appointment of a feed: nothing of it names a person. `starts`, `ticks` and `travel` are the visit's, as in
    Reservation; `address` is where it is on site."""

    id: UUID
    reference: str
    sequence: int
    created_at: datetime
    changed_at: datetime
    organisation_name: str
    station_id: int
    starts: int
    ticks: int
    travel: int
    address: str | None
    active: bool
    service_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Feed:
    """What a secret opens: a station's appointments, or (without `station_id`) a person's own, by time."""

    station_id: int | None
    language: str
    entries: tuple[Entry, ...]


async def look(database: Database, secret: str, now: datetime) -> Feed | None:
    """The feed from BACK to AHEAD; None for a secret that opens nothing, whatever the reason. One statement."""
    rows = await database.fetch(LOOK, values(secret, now))
    if not rows:
        return None
    station_id, language, *_event = rows[0]
    entries = (Entry(*event) for _station, _language, *event in rows if event[0] is not None)
    return Feed(station_id, language, tuple(entries))


def values(secret: str, now: datetime) -> dict[str, object]:
    """What LOOK is given."""
    return {
        "hash": hash_secret(secret),
        "roles": [role.value for role, allows in TABLE.items() if Permission.REQUESTS_READ in allows],
        "strong": [role.value for role in SECOND_FACTOR_REQUIRED],
        "now": now,
        "used_before": now - USED_EVERY,
        "struck_since": now - STRUCK,
        "first": floor_tick(now - BACK),
        "end": floor_tick(now + AHEAD),
        "most": MOST_EVENTS,
    }


async def feeds_of(session: AsyncSession, person_id: UUID) -> Sequence[CalendarFeed]:
    """The feeds of somebody that are in use, one's own appointments first."""
    mine = CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None)
    order = CalendarFeed.station_id.nulls_first(), CalendarFeed.id
    return (await session.scalars(select(CalendarFeed).where(*mine).order_by(*order))).all()


def of_person(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """All that is kept of them, for the person to take along."""
    columns = (
        CalendarFeed.station_id,
        CalendarFeed.created_at,
        CalendarFeed.last_used_at,
        CalendarFeed.revoked_at,
    )
    return select(*columns).where(CalendarFeed.person_id == person_id).order_by(CalendarFeed.created_at)
