"""Networks made by hand or at random, free times without a database, and routing done again in plain loops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from pyproj import Geod

from app.catalogue.rules import Use
from app.kit.clock import LOCAL
from app.kit.geo import Point
from app.kit.ticks import floor_tick, tick_time
from app.routing.rules import Mode, Origin, Policy, Question
from app.routing.times import Outlook
from app.stations.rules import Calendar
from app.stations.snapshot import (
    ALWAYS,
    DESIGNATED,
    MODES,
    DeskFacts,
    Network,
    ServiceFacts,
    ServiceIndex,
    StationFacts,
    StationIndex,
)

NOW = datetime(2026, 12, 1, 9, tzinfo=LOCAL)
TODAY = NOW.date()
GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Can:
    """A capability; days are of December 2026."""

    modes: tuple[str, ...] = ("station",)
    designated: bool = False
    since: int | None = None
    until: int | None = None

    @property
    def byte(self) -> int:
        return sum(MODES[mode] for mode in self.modes) | (DESIGNATED if self.designated else 0)

    def in_force(self, day: date) -> bool:
        return (self.since is None or december(self.since) <= day) and (
            self.until is None or day <= december(self.until)
        )


@dataclass(frozen=True)
class Stop:
    """A station: where it is and what it can, by the place of the service."""

    lon: float
    lat: float
    can: Mapping[int, Can] = field(default_factory=dict)
    active: bool = True
    parent: int | None = None
    coord_class: str = "geonames"
    desks: tuple[int, ...] = (0xFF,)


def december(day: int) -> date:
    return date(2026, 12, day)


def tick(day: int, hour: int = 9, minute: int = 0) -> int:
    return floor_tick(datetime(2026, 12, day, hour, minute, tzinfo=LOCAL))


def service(index: int, *, listed: bool = False, modes: int = 7, skill: int = 1) -> ServiceFacts:
    """A service; a `listed` one needs a designated station unless the use says otherwise."""
    code = f"SV-{index:03}"
    return ServiceFacts(
        ServiceIndex(index), index + 1, code, "metrology", code, code, 30, modes, listed, listed, True, skill
    )


def station(index: int, stop: Stop) -> StationFacts:
    code = f"ST-{index:05}"
    desks = tuple(
        DeskFacts(100 * index + n, f"{n:02}", "", "", skills, True, True) for n, skills in enumerate(stop.desks)
    )
    return StationFacts(
        StationIndex(index), index + 1, code, f"{code}站", code, "340202", "340202", "340202001", stop.lon, stop.lat,
        stop.coord_class, "~1 km", "", "comprehensive", "workstation", None, "", stop.active,
        None if stop.parent is None else StationIndex(stop.parent), desks, (), (),
    )  # fmt: skip


def network(stops: Sequence[Stop], services: Sequence[ServiceFacts] = (service(0),)) -> Network:
    shape = (len(services), len(stops))
    offers, since, until = np.zeros(shape, np.uint8), np.zeros(shape, np.int32), np.full(shape, ALWAYS, np.int32)
    for index, stop in enumerate(stops):
        for place, can in stop.can.items():
            offers[place, index] = can.byte
            since[place, index] = december(can.since).toordinal() if can.since else 0
            until[place, index] = december(can.until).toordinal() if can.until else ALWAYS
    stations = tuple(station(index, stop) for index, stop in enumerate(stops))
    return Network(1, stations, tuple(services), {"metrology": 1}, offers, since, until, Calendar())


def question(
    origin: tuple[float, float] = (118.38, 31.33),
    services: Sequence[int] = (0,),
    mode: Mode = Mode.STATION,
    *,
    first: int = 1,
    days: int = 7,
    use: Use | None = None,
    policy: Policy = Policy.NEAREST,
    limit: int = 5,
    reach_km: float = 50.0,
) -> Question:
    return Question(
        services=tuple(services),
        origin=Origin(Point(*origin), *origin),
        mode=mode,
        first=december(first),
        days=days,
        use=use,
        policy=policy,
        limit=limit,
        reach_km=reach_km,
    )


@dataclass
class Diary:
    """`Times` without a database: the free starts of each station, whatever the service; `shut` ones are never open.

    Like `Availability`, it counts only days on which all the services are in force.
    """

    network: Network
    question: Question
    free: Mapping[int, Sequence[int]]
    loads: Mapping[int, float] = field(default_factory=dict)
    shut: frozenset[int] = frozenset()
    asked: list[list[int]] = field(default_factory=list)

    def starts(self, index: int, services: Sequence[int]) -> list[int]:
        days = range(self.question.first.toordinal(), self.question.last.toordinal() + 1)
        since, until = self.network.valid_from, self.network.valid_until
        return [
            start
            for start in sorted(self.free.get(index, ()))
            if (day := tick_time(start, LOCAL).toordinal()) in days
            and all(since[s, index] <= day <= until[s, index] for s in services)
        ]

    async def earliest(self, stations: Sequence[int], services: Sequence[int]) -> Mapping[int, Outlook]:
        self.asked.append(list(stations))
        return {index: Outlook(next(iter(self.starts(index, services)), None)) for index in stations}

    async def outlook(self, stations: Sequence[int], services: Sequence[int]) -> Mapping[int, Outlook]:
        found = await self.earliest(stations, services)
        return {index: Outlook(start, self.loads.get(index, 0.0)) for index, (start, _load) in found.items()}

    def bookable(self, station: int, services: Sequence[int]) -> bool:
        return station not in self.shut


def open_always(network: Network, asked: Question, start: int | None = None) -> Diary:
    """Everybody has time at the same hour."""
    at = tick(asked.first.day) if start is None else start
    return Diary(network, asked, {station.index: [at] for station in network.stations})


def can_here(**changes: object) -> dict[int, Can]:
    """The first service, at the station."""
    return {0: Can(**changes)}  # type: ignore[arg-type]
