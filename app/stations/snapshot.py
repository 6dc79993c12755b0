"""The network as it is read on every request: immutable, in memory, made anew when the network's version changes.

79 stations or 41,352: facts that are looked at one by one are small frozen objects; what is asked of all stations at
once (who offers what, where) stands in arrays of [services, stations].
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from fastapi import Depends, Request

from app.catalogue.deliverables import result_of
from app.kit.db import Database
from app.kit.geo import unit_vectors
from app.stations.facts import (
    ALWAYS,
    DESIGNATED,
    MODES,
    ONLINE,
    ONSITE,
    STATION,
    ClosureFacts,
    DeskFacts,
    ServiceFacts,
    ServiceIndex,
    StationFacts,
    StationIndex,
)
from app.stations.rules import Calendar, DayKind, HoursRule, Kind

__all__ = [
    "ALWAYS",
    "DESIGNATED",
    "MODES",
    "ONLINE",
    "ONSITE",
    "STATION",
    "ClosureFacts",
    "CurrentNetwork",
    "DeskFacts",
    "Network",
    "NetworkStore",
    "ServiceFacts",
    "ServiceIndex",
    "StationFacts",
    "StationIndex",
    "current_network",
    "load_calendar",
    "load_network",
    "mode_bits",
]

Row = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Network:
    """One version of the network. Stations and services are ordered by code; the index is the place in all arrays.

    `offers` [services, stations] has the bits of MODES and DESIGNATED, 0 where the station can't do it at all.
    `valid_from` and `valid_until` [services, stations] are date ordinals, both inclusive; 0 and ALWAYS when open.
    """

    version: int
    stations: tuple[StationFacts, ...]
    services: tuple[ServiceFacts, ...]
    category_bit: Mapping[str, int]
    offers: npt.NDArray[np.uint8]
    valid_from: npt.NDArray[np.int32]
    valid_until: npt.NDArray[np.int32]
    calendar: Calendar

    @cached_property
    def station_index(self) -> dict[str, StationIndex]:
        return {station.code: station.index for station in self.stations}

    @cached_property
    def service_index(self) -> dict[str, ServiceIndex]:
        return {service.code: service.index for service in self.services}

    @cached_property
    def service_by_id(self) -> dict[int, ServiceFacts]:
        return {service.id: service for service in self.services}

    @cached_property
    def station_by_id(self) -> dict[int, StationFacts]:
        return {station.id: station for station in self.stations}

    @cached_property
    def lons(self) -> npt.NDArray[np.float64]:
        return np.array([station.lon for station in self.stations], dtype=np.float64)

    @cached_property
    def lats(self) -> npt.NDArray[np.float64]:
        return np.array([station.lat for station in self.stations], dtype=np.float64)

    @cached_property
    def vectors(self) -> npt.NDArray[np.float64]:
        """Unit vectors [stations, 3] of the points, for nearest-neighbour trees."""
        return unit_vectors(self.lons, self.lats)

    @cached_property
    def active(self) -> npt.NDArray[np.bool_]:
        return np.array([station.active for station in self.stations], dtype=np.bool_)


class NetworkStore:
    """The process's current Network. `current()` is never older than the moment in which it is called.

    `along` is called with the version of a network that was read, before anybody gets it: it reads what else depends
    on the version, so that this costs no call a look.
    """

    def __init__(
        self,
        database: Database,
        version: Callable[[], Awaitable[int]],
        along: Callable[[int], Awaitable[object]] | None = None,
    ) -> None:
        self._database = database
        self._version = version
        self._along = along
        self._network: Network | None = None
        self._loading = asyncio.Lock()

    async def current(self) -> Network:
        version = await self._version()
        network = self._network
        if network is not None and network.version >= version:
            return network
        async with self._loading:
            if self._network is None or self._network.version < version:
                network = await load_network(self._database)
                if self._along:
                    await self._along(network.version)
                self._network = network
            return self._network


async def load_network(database: Database) -> Network:
    """Everything in one transaction that sees one state, whatever is committed meanwhile."""
    async with database.pool.connection() as connection, connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

        async def rows(statement: Any) -> list[Row]:  # noqa: ANN401 - psycopg wants a LiteralString, and these are
            return await (await connection.execute(statement)).fetchall()

        [(version,)] = await rows("SELECT version FROM network_state")
        bits = {code: 1 << n for n, (code,) in enumerate(await rows("SELECT code FROM category ORDER BY position"))}
        services = _services(await rows(SERVICES), bits)
        desks = _grouped(await rows(DESKS), lambda row: _desk(row, bits))
        hours = _grouped(await rows(HOURS), _interned(_hours))
        closures = _grouped(await rows(CLOSURES), lambda row: ClosureFacts(*row))
        stations = _stations(await rows(STATIONS), desks, hours, closures)
        offers, valid_from, valid_until = _blank(len(services), len(stations))
        places = {station.id: station.index for station in stations}
        indices = {service.id: service.index for service in services}
        async with connection.cursor("capabilities") as cursor:
            await cursor.execute(CAPABILITIES)
            while batch := await cursor.fetchmany(20_000):
                _fill(batch, places, indices, (offers, valid_from, valid_until))
        calendar = _calendar(await rows(CALENDAR_DAYS), await rows("SELECT year FROM calendar_year"))
    for array in (offers, valid_from, valid_until):
        array.flags.writeable = False
    return Network(version, stations, services, bits, offers, valid_from, valid_until, calendar)


SERVICES = """
    SELECT id, code, category_code, name_zh, name_en, duration_min,
        (SELECT sum(CASE mode WHEN 'station' THEN 1 WHEN 'onsite' THEN 2 ELSE 4 END) FROM unnest(modes) mode)::int,
        mandatory, designation_required, active, deliverable_zh
    FROM service ORDER BY code COLLATE "C"
"""
DESKS = "SELECT station_id, id, code, name_zh, name_en, categories, channel, active FROM desk ORDER BY station_id, code"
HOURS = """
    SELECT station_id, iso_weekday, extract(epoch FROM opens)::int / 300, extract(epoch FROM closes)::int / 300,
        valid_from, valid_until
    FROM opening_hours ORDER BY station_id, iso_weekday, opens
"""
CLOSURES = """
    SELECT station_id, starts, ends, desk_id, reason_zh, reason_en
    FROM closure WHERE ends > now() - interval '1 day' ORDER BY station_id, starts
"""
STATIONS = """
    SELECT id, code, name_zh, name_en, county_adcode, division_code, town_code, lon, lat, coord_class, coord_precision,
        address_zh, model, level, key_industry, provenance, active, hours_version, parent_id
    FROM station ORDER BY code COLLATE "C"
"""
CAPABILITIES = "SELECT station_id, service_id, modes, designated, valid_from, valid_until FROM capability"
CALENDAR_DAYS = "SELECT day, kind, name_zh, name_en FROM calendar_day"


def _grouped(rows: Iterable[Row], make: Callable[[Row], Any]) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = {}
    for station_id, *rest in rows:
        groups.setdefault(station_id, []).append(make(tuple(rest)))
    return groups


def _interned(make: Callable[[Row], Any]) -> Callable[[Row], Any]:
    """Equal rows give one object: 41,352 stations keep few different hours."""
    known: dict[Row, Any] = {}

    def interning(row: Row) -> Any:  # noqa: ANN401 - whatever `make` makes
        if row not in known:
            known[row] = make(row)
        return known[row]

    return interning


def _hours(row: Row) -> HoursRule:
    return HoursRule(*row)


def _desk(row: Row, bits: Mapping[str, int]) -> DeskFacts:
    desk_id, code, name_zh, name_en, categories, channel, active = row
    skills = sum(bits[category] for category in categories)
    return DeskFacts(desk_id, code, name_zh, name_en, skills, channel == "public", active)


def _services(rows: Iterable[Row], bits: Mapping[str, int]) -> tuple[ServiceFacts, ...]:
    return tuple(
        ServiceFacts(*(ServiceIndex(n), *row[:-1], bits[row[2]], result_of(row[2], row[-1])))
        for n, row in enumerate(rows)
    )


def _stations(
    rows: list[Row], desks: dict[int, list[Any]], hours: dict[int, list[Any]], closures: dict[int, list[Any]]
) -> tuple[StationFacts, ...]:
    places = {row[0]: StationIndex(n) for n, row in enumerate(rows)}
    same_hours = _interned(lambda row: row)

    def station(index: int, row: Row) -> StationFacts:
        *own, hours_version, parent_id = row
        hers = tuple(desks.get(row[0], ())), same_hours(tuple(hours.get(row[0], ()))), tuple(closures.get(row[0], ()))
        return StationFacts(*(StationIndex(index), *own, places.get(parent_id), *hers, hours_version))

    return tuple(station(n, row) for n, row in enumerate(rows))


def mode_bits(modes: Iterable[str]) -> int:
    return sum(MODES[mode] for mode in modes)


def _blank(services: int, stations: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    shape = (services, stations)
    return np.zeros(shape, np.uint8), np.zeros(shape, np.int32), np.full(shape, ALWAYS, np.int32)


def _fill(
    rows: Iterable[Row],
    places: Mapping[int, int],
    indices: Mapping[int, int],
    arrays: tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32], npt.NDArray[np.int32]],
) -> None:
    offers, valid_from, valid_until = arrays
    for station_id, service_id, modes, designated, first, last in rows:
        at = indices[service_id], places[station_id]
        offers[at] = mode_bits(modes) | (DESIGNATED if designated else 0)
        valid_from[at] = first.toordinal() if first else 0
        valid_until[at] = last.toordinal() if last else ALWAYS


def _calendar(days: Iterable[Row], years: Iterable[Row]) -> Calendar:
    special: dict[date, DayKind] = {
        day: DayKind(Kind(kind), provisional=False, name_zh=name_zh, name_en=name_en)
        for day, kind, name_zh, name_en in days
    }
    return Calendar(special, frozenset(year for (year,) in years))


async def load_calendar(database: Database) -> Calendar:
    """The working calendar alone, for whoever needs nothing else of the network."""
    days = await database.fetch(CALENDAR_DAYS, ())
    return _calendar(days, await database.fetch("SELECT year FROM calendar_year", ()))


async def current_network(request: Request) -> Network:
    store: NetworkStore = request.app.state.network
    return await store.current()


CurrentNetwork = Annotated[Network, Depends(current_network)]
