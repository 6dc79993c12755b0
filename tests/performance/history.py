"""Histories of requests and tickets, written as the portal's rooms leave them, and counted by plain Python."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import orjson

from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.kit.ids import new_id
from app.kit.ticks import exact_tick

MINUTE = timedelta(minutes=1)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=LOCAL)
REQUEST = """
INSERT INTO request (id, station_id, reference, access_hash, status, reservation_id, mode, language, organisation_name,
    uscc, contact_name, mobile, consent_version, consented_at, created_at, changed_at, split_from)
VALUES (%(id)s, %(station_id)s, %(reference)s, %(hash)s, 'submitted', %(reservation_id)s, 'station', 'zh-CN', '企业',
    '91110000600037341L', '', '', '1', %(at)s, %(at)s, %(at)s, %(split_from)s)
"""
RESERVATION = """
INSERT INTO reservation (
    id, station_id, desk_id, starts, ticks, kind, active, mode, service_ids, created_at, changed_at)
VALUES (%(id)s, %(station_id)s, %(desk_id)s, %(starts)s, 6, 'appointment', %(active)s, %(mode)s, %(service_ids)s,
    %(at)s, %(changed_at)s)
"""
ITEM = """
INSERT INTO request_item (request_id, station_id, n, service_id, inputs, status) VALUES (%s, %s, %s, %s, '{}', 's')
"""
EVENT = """
INSERT INTO request_event (request_id, station_id, n, at, kind, data)
SELECT id, station_id, (SELECT count(*) + 1 FROM request_event WHERE request_id = request.id), %s, %s, %s::jsonb
FROM request WHERE id = %s
"""
TICKET = """
INSERT INTO ticket (id, station_id, day, number, letter, kind, state, priority, service_ids, open_ids, wants,
    first_from, rank_at, booked_at, language, issued_at, called_at, moved_from)
VALUES (%(id)s, %(station_id)s, %(day)s, %(number)s, 'A', %(kind)s, %(state)s, 'none', %(service_ids)s, '{}', 1,
    %(at)s, %(at)s, %(booked_at)s, 'zh-CN', %(at)s, %(called_at)s, %(moved_from)s)
"""
SERVING = """
INSERT INTO serving (ticket_id, station_id, n, desk_id, service_ids, started_at, ended_at, dropped)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
MOVE = """
WITH place AS (
    UPDATE reservation SET station_id = %s, desk_id = %s
    WHERE id = (SELECT reservation_id FROM request WHERE id = %s)
)
UPDATE request SET station_id = %s WHERE id = %s
"""
RATING = (
    "INSERT INTO rating (request_id, station_id, level, at) SELECT id, station_id, %s, %s FROM request WHERE id = %s"
)


@dataclass
class Row:
    """What is expected of a day, a station and a service."""

    sums: Counter[str] = field(default_factory=Counter)
    lists: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    served: set[UUID] = field(default_factory=set)

    def plain(self) -> dict[str, Any]:
        found = {
            **self.sums,
            **{name: sorted(values) for name, values in self.lists.items()},
            "served": len(self.served),
        }
        return {name: value for name, value in found.items() if value}


@dataclass
class Sent:
    """A request as it goes on."""

    id: UUID
    reference: str
    station: int
    services: list[int]
    family: list[int]
    asked_at: datetime | None
    rated: bool = False


class History:
    """Writes, and counts along. Stations are given as (id, code, id of a desk)."""

    def __init__(self, database: Database, stations: Sequence[tuple[int, str, int]], worked: Any) -> None:
        self._database = database
        self.stations = list(stations)
        self._worked = worked
        self._numbers = count(1)
        self._ticks = count(exact_tick(MONDAY))
        self.rows: dict[tuple[date, int, int], Row] = defaultdict(Row)

    def _count(self, at: datetime, station: int, services: Sequence[int], **what: int) -> None:
        for service in {0, *services}:
            self.rows[local_date(at), self.stations[station][0], service].sums.update(what)

    def _minutes(self, name: str, at: datetime, station: int, services: Sequence[int], minutes: int) -> None:
        for service in {0, *services}:
            self.rows[local_date(at), self.stations[station][0], service].lists[name].append(minutes)

    async def submit(self, station: int, services: Sequence[int], at: datetime, of: Sent | None = None) -> Sent:
        """A request with its reservation, which lies too far ahead to count."""
        station_id, _code, desk_id = self.stations[station]
        place, request_id = new_id(), new_id()
        starts = exact_tick(MONDAY) + 100_000 + 6 * next(self._numbers)
        values = {"id": place, "station_id": station_id, "desk_id": desk_id, "starts": starts, "active": True, "at": at}
        values |= {"mode": "station", "service_ids": list(services), "changed_at": at}
        await self._database.fetch(RESERVATION, values)
        reference = f"R{next(self._numbers):07}"
        mine = {"id": request_id, "station_id": station_id, "reference": reference, "hash": b"", "at": at}
        await self._database.fetch(
            REQUEST, mine | {"reservation_id": place, "split_from": of.reference if of else None}
        )
        sent = Sent(request_id, reference, station, list(services), list(services), at)
        if of is None:
            for n, service in enumerate(services, start=1):
                await self._database.fetch(ITEM, (request_id, station_id, n, service))
            await self._event(sent, "submitted", at)
            self._count(at, station, services, requests=1)
        return sent

    async def _event(self, sent: Sent, kind: str, at: datetime, **data: str) -> None:
        await self._database.fetch(EVENT, (at, kind, orjson.dumps(data).decode(), sent.id))

    async def answer(self, sent: Sent, kind: str, at: datetime, *, late: bool = False) -> None:
        """The station answers; only the first one after being asked is timed and judged."""
        await self._event(sent, kind, at, **({"late_reason": "…"} if late else {}))
        counted = {"returned": "returns", "no_show": "no_shows"}.get(kind)
        if counted:
            self._count(at, sent.station, sent.family, **{counted: 1})
        if sent.asked_at is not None:
            self._minutes("answer_min", at, sent.station, sent.family, self._working(sent.asked_at, at))
            self._count(at, sent.station, sent.family, judged=1, late=int(late))
            sent.asked_at = None

    async def finish(self, sent: Sent, at: datetime, *, late: bool = False) -> None:
        await self._event(sent, "finished", at, **({"late_reason": "…"} if late else {}))
        self._count(at, sent.station, sent.family, judged=1, late=int(late))

    async def move(self, sent: Sent, at: datetime, kind: str = "rerouted") -> None:
        """To the other station; the rows go along by the foreign keys."""
        there = 1 - sent.station
        self._count(at, sent.station, sent.family, reroutes=1)
        old, new = self.stations[sent.station], self.stations[there]
        await self._event(sent, kind, at, old_station=old[1], station=new[1])
        await self._database.fetch(MOVE, (new[0], new[2], sent.id, new[0], sent.id))
        sent.station, sent.asked_at = there, at

    async def split(self, sent: Sent, at: datetime) -> Sent:
        """The last item goes on alone at the other station."""
        there = 1 - sent.station
        self._count(at, sent.station, sent.family, reroutes=1)
        old, new = self.stations[sent.station][1], self.stations[there][1]
        apart = await self.submit(there, [sent.services.pop()], at, of=sent)
        goes = (
            "UPDATE request_item SET request_id = %s, station_id = %s, n = 1 "
            "WHERE request_id = %s AND n = (SELECT max(n) FROM request_item WHERE request_id = %s)"
        )
        await self._database.fetch(goes, (apart.id, self.stations[there][0], sent.id, sent.id))
        await self._event(sent, "item_rerouted", at, old_station=old, station=new)
        await self._event(apart, "split_off", at, old_station=old, station=new)
        return apart

    async def rate(self, sent: Sent, level: int, at: datetime) -> None:
        await self._database.fetch(RATING, (level, at, sent.id))
        self._count(at, sent.station, sent.family, ratings=1, rating_sum=level)
        sent.rated = True

    async def appointment(
        self, station: int, services: list[int], at: datetime, given_up: timedelta | None, mode: str = "station"
    ) -> None:
        """A visit at a time; `given_up` so long after that, or (negative) before."""
        station_id, _code, desk_id = self.stations[station]
        values = {"id": new_id(), "station_id": station_id, "desk_id": desk_id, "starts": exact_tick(at), "mode": mode}
        changed_at = at - timedelta(days=1) if given_up is None else at + given_up
        values |= {"active": given_up is None, "service_ids": services, "at": at, "changed_at": changed_at}
        await self._database.fetch(RESERVATION, values)
        if given_up is None or given_up >= timedelta():
            self._count(at, station, services, appointments=1, busy_s=30 * 60 if mode == "onsite" else 0)

    async def visit(
        self, station: int, services: list[int], at: datetime, waited: int, served: Sequence[tuple[int, bool]],
        *, booked: int | None = None, continues: bool = False,
    ) -> None:  # fmt: skip
        """A ticket called after so many minutes, and its servings in minutes, each perhaps dropped."""
        station_id, _code, desk_id = self.stations[station]
        day, ticket_id, called = local_date(at), new_id(), at + waited * MINUTE
        await self._database.fetch(
            "INSERT INTO hall_day (station_id, day) VALUES (%s, %s) ON CONFLICT DO NOTHING", (station_id, day)
        )
        booked_at = None if booked is None else at + booked * MINUTE
        values = {"id": ticket_id, "station_id": station_id, "day": day, "number": next(self._numbers), "at": at}
        values |= {"kind": "walk_in" if booked is None else "appointment", "state": "done", "service_ids": services}
        values |= {"booked_at": booked_at, "called_at": called, "moved_from": new_id() if continues else None}
        await self._database.fetch(TICKET, values)
        if booked is None and not continues:
            self._count(at, station, services, walk_ins=1)
        since = max(at, booked_at) if booked_at else at
        self._minutes("wait_min", at, station, services, max((called - since) // MINUTE, 0))
        start = called
        for n, (minutes, dropped) in enumerate(served, start=1):
            end = start + minutes * MINUTE + timedelta(seconds=20)
            own = [services[n % len(services)]]
            await self._database.fetch(SERVING, (ticket_id, station_id, n, desk_id, own, start, end, dropped))
            if not dropped:
                self._minutes("service_min", end, station, own, minutes)
                self._count(end, station, own, busy_s=minutes * 60 + 20)
                for service in {0, *own}:
                    self.rows[local_date(end), station_id, service].served.add(ticket_id)
            start = end

    def _working(self, start: datetime, end: datetime) -> int:
        """Minutes, minute by minute, without the days on which nobody works."""
        found, moment = 0, start
        while moment + MINUTE <= end:
            found += self._worked(local_date(moment))
            moment += MINUTE
        return found

    def expected(self) -> dict[tuple[date, int, int], dict[str, Any]]:
        return {key: row.plain() for key, row in self.rows.items() if row.plain()}
