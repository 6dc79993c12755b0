"""The network as people look things up in it: what `snapshot` and `atlas` hold, made searchable and drawable.

Derived things are made when they are first asked for and kept as long as their version of the network is current.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated

import numpy as np
import numpy.typing as npt
from fastapi import Depends, Request

from app.catalogue.search.fold import fold
from app.catalogue.search.sounds import spoken
from app.kit.conditional import Document
from app.kit.db import Database
from app.stations.atlas import Atlas, DivisionFacts, TownFacts, load_atlas
from app.stations.geojson import Feature, area_feature, document, point_feature
from app.stations.snapshot import Network, NetworkStore, StationFacts

TOWN_DIGITS = 9
EXACT = "geonames"
Place = StationFacts | TownFacts | DivisionFacts


@dataclass(frozen=True, slots=True)
class Words:
    """What a station is found by, folded: its code without signs, its names, and everything with pinyin."""

    code: str
    names: str
    everything: str


@dataclass(frozen=True, eq=False)
class Directory:
    """One version of the network and its atlas. Words are in the stations' order."""

    network: Network
    atlas: Atlas

    def county_of(self, station: StationFacts) -> DivisionFacts | None:
        return self.atlas.division_by_code.get(station.county_adcode)

    def town_of(self, station: StationFacts) -> TownFacts | None:
        return self.atlas.town_by_code.get(station.town_code[:TOWN_DIGITS])

    @cached_property
    def station_counts(self) -> Counter[str]:
        """Stations in use by county."""
        return Counter(station.county_adcode for station in self.network.stations if station.active)

    @cached_property
    def words(self) -> tuple[Words, ...]:
        return tuple(self._words(station) for station in self.network.stations)

    def _words(self, station: StationFacts) -> Words:
        code = fold(station.code).replace(" ", "")
        places = [station, *_known(self.town_of(station)), *_known(self.county_of(station))]
        return Words(
            code=code,
            names=fold(f"{station.name_zh} {station.name_en}"),
            everything=f"{code} {fold(station.code)} {fold(station.address_zh)} {_everything(places)}",
        )

    @cached_property
    def town_words(self) -> tuple[str, ...]:
        """What a town is found by, in the atlas's order."""
        divisions = self.atlas.division_by_code
        return tuple(_everything([town, *_known(divisions.get(town.county_adcode))]) for town in self.atlas.towns)

    @cached_property
    def stations_document(self) -> Document:
        """All stations in use."""
        return document([station_feature(station) for station in self.network.stations if station.active])

    @cached_property
    def counties_document(self) -> Document:
        return document([self.county_feature(division) for division in self.atlas.divisions])

    def county_feature(self, division: DivisionFacts) -> Feature:
        properties = {
            "adcode": division.adcode,
            "name_zh": division.name_zh,
            "name_en": division.name_en,
            "label_lon": division.label_lon,
            "label_lat": division.label_lat,
            "area_km2": division.area_km2,
            "population_2020": division.population_2020,
            "station_count": self.station_counts[division.adcode],
        }
        return area_feature(division.adcode, division.geometry, properties)

    def in_force(self, service: int, on: int) -> npt.NDArray[np.bool_]:
        """Which stations offer a service (by its index) on a day (its ordinal): [stations]."""
        network = self.network
        offered: npt.NDArray[np.bool_] = (
            (network.offers[service] != 0) & (network.valid_from[service] <= on) & (on <= network.valid_until[service])
        )
        return offered

    def offered_by(self, stations: Sequence[StationFacts], on: date) -> list[int]:
        """How many services each of the stations offers on a day."""
        network, day = self.network, on.toordinal()
        here = np.array([station.index for station in stations], dtype=np.intp)
        begun, unended = network.valid_from[:, here] <= day, day <= network.valid_until[:, here]
        active = np.array([service.active for service in network.services], dtype=np.bool_)[:, np.newaxis]
        counts: list[int] = np.count_nonzero((network.offers[:, here] != 0) & begun & unended & active, axis=0).tolist()
        return counts


def _known(place: Place | None) -> list[Place]:
    return [] if place is None else [place]


def _everything(places: Sequence[Place]) -> str:
    """Names in both languages, the Chinese ones also in full pinyin and as initials."""
    syllables = [spoken(fold(place.name_zh)) for place in places]
    sounds = [*map("".join, syllables), *("".join(part[0] for part in each) for each in syllables)]
    return " ".join([*(fold(f"{place.name_zh} {place.name_en}") for place in places), *sounds])


def approximate(coord_class: str) -> bool:
    """Whether a point must be shown as approximate; see PROVENANCE.md."""
    return coord_class != EXACT


def station_feature(station: StationFacts) -> Feature:
    properties = {
        "code": station.code,
        "name_zh": station.name_zh,
        "name_en": station.name_en,
        "county_adcode": station.county_adcode,
        "level": station.level,
        "model": station.model,
        "key_industry": station.key_industry,
        "address_zh": station.address_zh,
        "coord_class": station.coord_class,
        "coord_precision": station.coord_precision,
        "approximate": approximate(station.coord_class),
        "provenance": station.provenance,
    }
    return point_feature(station.code, station.lon, station.lat, properties)


class DirectoryStore:
    """The process's current Directory. `current()` is never older than the moment in which it is called."""

    def __init__(self, database: Database, networks: NetworkStore) -> None:
        self._database = database
        self._networks = networks
        self._directory: Directory | None = None
        self._loading = asyncio.Lock()

    async def current(self) -> Directory:
        network = await self._networks.current()
        if self._directory is None or self._directory.network.version < network.version:
            async with self._loading:
                if self._directory is None or self._directory.network.version < network.version:
                    self._directory = Directory(network, await load_atlas(self._database))
        return self._directory


async def current_directory(request: Request) -> Directory:
    store: DirectoryStore = request.app.state.directory
    return await store.current()


CurrentDirectory = Annotated[Directory, Depends(current_directory)]
