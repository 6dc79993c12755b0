"""What lies at a station and since when, what is elsewhere, what is overdue, and what is still to be taken in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from app.kit.clock import LOCAL, local_date
from app.kit.cursors import read_cursor, write_cursor
from app.kit.db import Database
from app.kit.ticks import day_bounds, tick_time
from app.reception.rules import COMES, READY, Standing, overdue_before, taken_in
from app.requests.rules import Event, State
from app.requests.rules.states import HANDED_IN_BY
from app.stations.snapshot import Network, ServiceFacts, StationFacts

ON_A_PAGE = 50
MOST_EXPECTED = 100
# What the timeline tells when nothing more is done with an item.
AT_ITS_END = frozenset({Event.FINISHED, "issued", Event.CANCELLED, Event.DECLINED, Event.ITEM_REJECTED})
FROM: LiteralString = """
FROM thing JOIN request ON request.id = thing.request_id AND request.station_id = thing.station_id
    JOIN request_item item ON item.request_id = thing.request_id AND item.station_id = thing.station_id
        AND item.n = thing.n
    LEFT JOIN LATERAL (
        SELECT max(event.at) AS at FROM request_event event
        WHERE event.request_id = thing.request_id AND event.station_id = thing.station_id
            AND event.kind = ANY (%(ends)s) AND (NOT event.data ? 'items' OR event.data -> 'items' @> to_jsonb(item.n))
    ) ready ON item.status = ANY (%(ready)s)
"""
HERE: LiteralString = "thing.at_station_id = %(station)s"
AWAY: LiteralString = (
    "thing.standing = 'away' AND (thing.station_id = %(station)s OR thing.to_station_id = %(station)s)"
)
OVERDUE: LiteralString = f"({HERE} AND ready.at < %(before)s OR {AWAY} AND thing.due_back < %(today)s)"
GIVEN_BACK: LiteralString = "thing.standing = 'returned' AND thing.station_id = %(station)s"
COLUMNS: LiteralString = """
SELECT thing.id, thing.code, thing.part, thing.standing, thing.at_station_id, thing.to_station_id, thing.place,
    thing.holder, thing.due_back, thing.since, request.reference, request.organisation_name, item.n, item.service_id,
    item.inputs, item.status, ready.at
"""
COUNTS: LiteralString = f"""
SELECT count(*) FILTER (WHERE {HERE}), count(*) FILTER (WHERE {AWAY}), count(*) FILTER (WHERE {OVERDUE})
{FROM} WHERE {HERE} OR {AWAY}
"""
HANDED_IN: LiteralString = "request.mode = 'station' AND item.inputs ?| %(handed_in)s"
EXPECTED: LiteralString = f"""
SELECT request.reference, request.organisation_name, request.status, reservation.visit_starts,
    array_agg(item.service_id ORDER BY item.n)
FROM request JOIN reservation ON reservation.id = request.reservation_id
        AND reservation.station_id = request.station_id
    JOIN request_item item ON item.request_id = request.id AND item.station_id = request.station_id
WHERE request.station_id = %(station)s AND {HANDED_IN} AND (item.status = 'checked_in'
    OR item.status = ANY (%(comes)s) AND reservation.active
        AND reservation.visit_starts >= %(first)s AND reservation.visit_starts < %(end)s)
GROUP BY request.id, request.station_id, reservation.visit_starts
ORDER BY reservation.visit_starts, request.reference LIMIT %(most)s
"""  # noqa: S608 - see above
UNLABELLED: LiteralString = f"""
SELECT request.reference
FROM request JOIN request_item item ON item.request_id = request.id AND item.station_id = request.station_id
WHERE request.station_id = %(station)s AND {HANDED_IN} AND item.status = ANY (%(taken_in)s)
    AND NOT EXISTS (SELECT FROM thing WHERE thing.request_id = item.request_id AND thing.n = item.n)
GROUP BY request.id, request.station_id ORDER BY request.created_at LIMIT %(most)s
"""  # noqa: S608 - see above


class View(StrEnum):
    """The lists of a station's things."""

    HERE = "here"
    AWAY = "away"
    OVERDUE = "overdue"
    RETURNED = "returned"


WHERE: Mapping[View, LiteralString] = {
    View.HERE: HERE,
    View.AWAY: AWAY,
    View.OVERDUE: OVERDUE,
    View.RETURNED: GIVEN_BACK,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A thing in a list. `ready_at` is since when it can be fetched, None while something is done with it."""

    id: UUID
    code: str
    part: int
    standing: Standing
    at: StationFacts | None
    to: StationFacts | None
    place: str
    holder: str
    due_back: date | None
    since: datetime
    reference: str
    organisation: str
    n: int
    service: ServiceFacts
    inputs: Mapping[str, Any]
    state: State
    ready_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Counts:
    here: int
    away: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Expected:
    """A request of which something is handed in today, or waits to be taken in."""

    reference: str
    organisation: str
    status: State
    start: datetime
    services: tuple[ServiceFacts, ...]


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of one station at one moment."""

    database: Database
    network: Network
    station: StationFacts
    now: datetime

    async def rows(self, asked: View, cursor: str = "") -> tuple[list[Row], str]:
        """A page of things, who has waited longest first (what was given back: last first), and where the next begins.

        Raises CursorInvalid.
        """
        newest = asked is View.RETURNED
        direction: LiteralString = "DESC" if newest else "ASC"
        further: LiteralString = "<" if newest else ">"
        values = self._values() | {"most": ON_A_PAGE + 1}
        onward: LiteralString = ""
        if cursor:
            values["since"], values["id"] = read_cursor(cursor, datetime, UUID)
            onward = f" AND (thing.since, thing.id) {further} (%(since)s, %(id)s)"
        statement: LiteralString = (
            f"{COLUMNS} {FROM} WHERE {WHERE[asked]}{onward} "
            f"ORDER BY thing.since {direction}, thing.id {direction} LIMIT %(most)s"
        )
        found = [self._row(row) for row in await self.database.fetch(statement, values)]
        shown = found[:ON_A_PAGE]
        last = shown[-1] if len(found) > ON_A_PAGE else None
        return shown, write_cursor(last.since, last.id) if last else ""

    async def counts(self) -> Counts:
        [row] = await self.database.fetch(COUNTS, self._values())
        return Counts(*row)

    async def expected(self) -> list[Expected]:
        """Today's requests of which something is handed in, and those that have come and wait, by their time."""
        first, end = day_bounds(local_date(self.now), LOCAL)
        values = {
            "station": self.station.id,
            "handed_in": sorted(HANDED_IN_BY),
            "comes": sorted(COMES),
            "first": first,
            "end": end,
            "most": MOST_EXPECTED,
        }
        services = self.network.service_by_id
        return [
            Expected(reference, name, State(status), tick_time(starts), tuple(services[each] for each in ids))
            for reference, name, status, starts, ids in await self.database.fetch(EXPECTED, values)
        ]

    async def unlabelled(self) -> Sequence[str]:
        """References of requests of which something was taken in that has no label: nobody knows where it lies.

        The oldest first.
        """
        values = {
            "station": self.station.id,
            "handed_in": sorted(HANDED_IN_BY),
            "taken_in": [state.value for state in State if taken_in(state)],
            "most": MOST_EXPECTED,
        }
        return [reference for (reference,) in await self.database.fetch(UNLABELLED, values)]

    @property
    def _overdue_before(self) -> datetime:
        day = overdue_before(local_date(self.now), self.network.calendar)
        return datetime.combine(day, time(), LOCAL)

    def _values(self) -> dict[str, Any]:
        return {
            "station": self.station.id,
            "ends": sorted(AT_ITS_END),
            "ready": sorted(READY),
            "before": self._overdue_before,
            "today": local_date(self.now),
        }

    def _row(self, row: Sequence[Any]) -> Row:
        thing_id, code, part, standing, at, to, place, holder, due_back, since, *rest = row
        reference, organisation, n, service_id, inputs, state, ready_at = rest
        stations = self.network.station_by_id
        late = due_back is not None and due_back < local_date(self.now)
        unfetched = ready_at is not None and ready_at < self._overdue_before
        return Row(
            thing_id,
            code,
            part,
            Standing(standing),
            stations.get(at),
            stations.get(to),
            place or "",
            holder or "",
            due_back,
            since,
            reference,
            organisation,
            n,
            self.network.service_by_id[service_id],
            inputs,
            State(state),
            ready_at,
            (standing == Standing.HERE and unfetched) or (standing == Standing.AWAY and late),
        )
