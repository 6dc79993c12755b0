"""What the list opens with, whatever is asked for: the views that the caller has kept, and how many stand in each.

As bare statements: they run at every opening, and by the ORM they took as long as the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from app.accounts.rules.rights import Caller, Permission
from app.inbox.models import SavedView
from app.inbox.rules import View
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.kit.ticks import DAY_TICKS, day_bounds
from app.requests.models import OPEN, WAITS

KEPT: LiteralString = """
    (SELECT jsonb_agg(jsonb_build_array(id, person_id, station_id, name, query, created_at)
                      ORDER BY station_id IS NOT NULL, lower(name))
     FROM saved_view WHERE person_id = %(person)s OR station_id = ANY (%(places)s::int4[])),
    (SELECT view_id FROM first_view WHERE person_id = %(person)s)"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Views by name, one's own first, and the id of the one that the list opens with."""

    views: Sequence[SavedView]
    first: UUID | None


async def views_of(database: Database, caller: Caller) -> Kept:
    """The views that the caller may use."""
    [row] = await database.fetch(f"SELECT {KEPT}", _whose(caller))
    return _kept(*row)


COUNTS: LiteralString = f"""
    SELECT {KEPT}, count(*), count(*) FILTER (WHERE due_at < %(now)s),
        (SELECT count(*) FROM reservation WHERE active AND kind = 'appointment'
            AND starts >= %(first)s - {DAY_TICKS} AND starts < %(last)s
            AND visit_starts >= %(first)s AND visit_starts < %(last)s {{within}}),
        count(*) FILTER (WHERE {WAITS}),
        (SELECT count(*) FROM conversation WHERE unread_n IS NOT NULL {{within}}),
        count(*) FILTER (WHERE complaint = 'open')
    FROM request WHERE {OPEN} {{within}}
"""  # noqa: S608 - conditions of ours
COUNTING = COUNTS.format(within="")
COUNTING_SOME = COUNTS.format(within="AND station_id = ANY(%(stations)s)")


async def opening(
    database: Database, caller: Caller, station_ids: frozenset[int] | None, now: datetime
) -> tuple[Kept, dict[View, int]]:
    """The views of the caller, and how many requests of these stations stand in each built-in view but the last.

    Counted are those that go on, today's appointments, and what is unread. `station_ids` None is the whole network.
    """
    first, last = day_bounds(local_date(now), LOCAL)
    values = {**_whose(caller), "now": now, "first": first, "last": last, "stations": sorted(station_ids or ())}
    [row] = await database.fetch(COUNTING if station_ids is None else COUNTING_SOME, values)
    return _kept(*row[:2]), dict(zip((view for view in View if view is not View.ALL), row[2:], strict=True))


def _whose(caller: Caller) -> dict[str, object]:
    stations = caller.scope(Permission.REQUESTS_READ).station_ids
    return {"person": caller.person_id, "places": sorted(stations)}


def _kept(rows: Sequence[Sequence[Any]] | None, first: UUID | None) -> Kept:
    names = "id", "person_id", "station_id", "name", "query", "created_at"
    return Kept([_view(**dict(zip(names, row, strict=True))) for row in rows or ()], first)


def _view(*, id: str, person_id: str | None, created_at: str, **rest: Any) -> SavedView:  # noqa: A002 - a row
    person = UUID(person_id) if person_id else None
    return SavedView(id=UUID(id), person_id=person, created_at=datetime.fromisoformat(created_at), **rest)
