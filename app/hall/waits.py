"""How long those who wait at a counter will wait: what the forecast is told; its answer is kept until things change."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from math import ceil
from uuid import UUID

from fastapi import Request

from app.hall.forecasts import FirstForecasts
from app.hall.queries import Board, Line, Seat, board_of, trace_of
from app.hall.rules.calling import AGEING, AGEING_PRIORITY, AHEAD, EARLY, GRACE
from app.hall.rules.durations import Duration, Past, learnt
from app.hall.rules.forecast import Ahead, Coming, Mix, OpenDesk, Part, Serving, Wait, forecast, unbooked
from app.hall.statements import EXPECTED, LEARNT
from app.kit.db import Database
from app.kit.ticks import floor_tick, tick_time
from app.stations.snapshot import Network, StationFacts

LEARNT_FROM = timedelta(days=90)
LOOKS_AHEAD = timedelta(hours=3)
GOOD_FOR = timedelta(seconds=30)
HOUR = timedelta(hours=1)
NO_SHOW = 0.1
"""Of ten who have booked one doesn't come, until we know better."""
PRIORITY_SHARE = 0.1
BREAK = timedelta(minutes=15)
"""A break ends after so long, or now if it is longer: nobody says beforehand how long it will be."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A wait as people are told it, in whole minutes; the longer one rounded up."""

    p50_min: int
    p90_min: int


Waits = Mapping[UUID, Shown | None]


@dataclass(frozen=True)
class Picture:
    """Everything that a forecast is made of, at one moment."""

    board: Board
    network: Network
    past: Mapping[int, Past]
    booked: tuple[tuple[datetime, tuple[int, ...]], ...]
    walk_ins_per_hour: float

    def minutes(self, moment: datetime) -> float:
        return (moment - self.board.at).total_seconds() / 60

    def duration(self, service_id: int) -> Duration:
        return learnt(self.network.service_by_id[service_id].duration_min, self.past.get(service_id, Past()))

    def parts(self, service_ids: Iterable[int]) -> tuple[Part, ...]:
        return tuple(Part(self.network.service_by_id[each].skill, self.duration(each)) for each in service_ids)

    @cached_property
    def ahead(self) -> list[Ahead]:
        return [
            Ahead(
                line.number,
                self.parts(line.open_ids),
                self.minutes(line.rank_at),
                self.minutes(line.first_from),
                line.for_desk_id,
            )
            for line in self.board.waiting
        ]

    def desks(self) -> list[OpenDesk]:
        busy = {line.desk_id: line for line in (*self.board.called, *self.board.serving)}
        return [self._desk(seat, busy.get(seat.desk_id)) for seat in self.board.seats.values()]

    def _desk(self, seat: Seat, line: Line | None) -> OpenDesk:
        back = max(self.minutes(seat.break_since + BREAK), 0.0) if seat.break_since else 0.0
        return OpenDesk(seat.desk_id, seat.skills, self._serving(seat, line) if line else None, back_in_min=back)

    def _serving(self, seat: Seat, line: Line) -> Serving:
        """What the desk has before it of whoever is there: the first open service that it is for, and the next ones."""
        here = [each for each in line.open_ids if self.network.service_by_id[each].skill & seat.skills]
        first, *further = [self.duration(each) for each in here or line.service_ids]
        begun = line.started_at if line.started_at and line.state == "serving" else self.board.at
        return Serving(first, max(-self.minutes(begun), 0.0), tuple(further) if here else ())

    def coming(self) -> Iterator[Coming]:
        """Booked people who aren't there yet, and as many without a booking as have come in the last hour."""
        early, grace = EARLY.total_seconds() / 60, GRACE.total_seconds() / 60
        for start, service_ids in self.booked:
            starts = self.minutes(start)
            shows = 1 - NO_SHOW if starts > 0 else 0.5 * (1 + starts / grace)
            yield Coming(max(starts - early, 0.5), self.parts(service_ids), starts, starts - early, max(shows, 0.0))
        if mix := self._mix():
            rate, ahead_min = self.walk_ins_per_hour, AHEAD.total_seconds() / 60
            ageing = AGEING_PRIORITY.total_seconds() / 60
            yield from unbooked(rate * PRIORITY_SHARE, 30.0, mix, rank_min=-ahead_min, first_in_min=ageing)
            last = min(max((each.rank_min for each in self.ahead), default=0.0), 60.0)
            if last > 0:
                own = AGEING.total_seconds() / 60
                yield from unbooked(rate * (1 - PRIORITY_SHARE), last, mix, rank_min=0.0, first_in_min=own)

    def _mix(self) -> list[Mix]:
        """Who comes next wants what those want who are here."""
        lines = (*self.board.waiting, *self.board.called, *self.board.serving, *self.board.over)
        return [Mix(1 / len(lines), self.parts(line.service_ids)) for line in lines[:20]]


@dataclass(frozen=True)
class Standing:
    """A station's counter with the waits of those who wait: None for whom no desk is there that could call them."""

    board: Board
    waits: Waits
    trace: tuple[object, ...]
    network: Network

    def stands(self, trace: tuple[object, ...], network: Network, now: datetime) -> bool:
        """Whether it is still so: nobody has done anything, nobody's turn has come, and the waits are of just now."""
        board, same = self.board, self.trace == trace and self.network.version == network.version
        return same and board.at <= now < min(board.until, board.at + GOOD_FOR)


class Counters:
    """The counters as they stand, read and forecast anew only where something has changed. One for each process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._first = FirstForecasts(database)
        self._kept: dict[int, Standing] = {}
        self._past: dict[int, tuple[date, Mapping[int, Past]]] = {}

    async def of(self, station: StationFacts, network: Network, now: datetime) -> Standing:
        """As it is now: every call asks the database whether anything has changed."""
        trace = await trace_of(self._database, station, now)
        kept = self._kept.get(station.id)
        if kept is None or not kept.stands(trace, network, now):
            board = await board_of(self._database, station, now)
            kept = self._kept[station.id] = Standing(board, await self._waits(board, network), trace, network)
        return kept

    async def ended(self) -> None:
        """When everything that was to be written down has been."""
        await self._first.ended()

    async def _waits(self, board: Board, network: Network) -> Waits:
        if not board.waiting:
            return {}
        booked, rate = await self._expected(board)
        picture = Picture(board, network, await self._learnt(board), booked, rate)
        found = forecast(picture.desks(), picture.ahead, list(picture.coming()))
        self._first.keep(board, found)
        return {line.id: shown(wait) for line, wait in zip(board.waiting, found, strict=True)}

    async def _learnt(self, board: Board) -> Mapping[int, Past]:
        """What the days before have taught; anew each day."""
        day, past = self._past.get(board.station.id, (None, {}))
        if day != board.day:
            values = {"station_id": board.station.id, "since": board.at - LEARNT_FROM}
            past = {row[0]: Past(*row[1:]) for row in await self._database.fetch(LEARNT, values)}
            self._past[board.station.id] = board.day, past
        return past

    async def _expected(self, board: Board) -> tuple[tuple[tuple[datetime, tuple[int, ...]], ...], float]:
        values = {
            "station_id": board.station.id,
            "day": board.day,
            "from": floor_tick(board.at - GRACE),
            "to": floor_tick(board.at + LOOKS_AHEAD),
            "hour_ago": board.at - HOUR,
        }
        rows = await self._database.fetch(EXPECTED, values)
        booked = tuple((tick_time(starts), tuple(ids)) for starts, ids, count in rows if count is None)
        return booked, float(sum(count for _starts, _ids, count in rows if count is not None))


def shown(wait: Wait | None) -> Shown | None:
    return wait and Shown(round(wait.p50_min), ceil(wait.p90_min))


def counters_of(request: Request) -> Counters:
    found: Counters = request.app.state.counters
    return found
