"""Divisions with their boundaries, former divisions and towns: small, so kept in memory at the network's version."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.catalogue.search.fold import fold
from app.kit.db import Database


@dataclass(frozen=True, slots=True)
class DivisionFacts:
    """A county-level division; the label's place, the figures and the boundary (GeoJSON, WGS-84) where known."""

    adcode: str
    name_zh: str
    name_en: str
    label_lon: float | None
    label_lat: float | None
    area_km2: float | None
    population_2020: int | None
    geometry: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class FormerDivision:
    """An abolished division, such as 340221 芜湖县; `now` is the code of the one that it has become."""

    adcode: str
    name_zh: str
    now: str


@dataclass(frozen=True, slots=True)
class TownFacts:
    """A township-level unit with its point; `coord_precision` is in words, such as "~4 km"."""

    code: str
    county_adcode: str
    name_zh: str
    name_en: str
    unit_type: str
    lon: float
    lat: float
    coord_class: str
    coord_precision: str


@dataclass(frozen=True, eq=False)
class Atlas:
    """One version of it. Divisions and towns stand in the operator's own order."""

    version: int
    divisions: tuple[DivisionFacts, ...]
    former: tuple[FormerDivision, ...]
    towns: tuple[TownFacts, ...]

    @cached_property
    def division_by_code(self) -> dict[str, DivisionFacts]:
        return {division.adcode: division for division in self.divisions}

    @cached_property
    def town_by_code(self) -> dict[str, TownFacts]:
        return {town.code: town for town in self.towns}

    @cached_property
    def _by_words(self) -> dict[str, set[str]]:
        """Folded codes and names, present and former, whole and without "区" or "District", to codes in force."""
        found: dict[str, set[str]] = {}
        for division in self.divisions:
            for words in (division.adcode, *_names(division.name_zh, division.name_en)):
                found.setdefault(fold(words), set()).add(division.adcode)
        for former in self.former:
            for words in (former.adcode, former.name_zh):
                found.setdefault(fold(words), set()).add(former.now)
        return found

    def county(self, words: str) -> DivisionFacts | None:
        """The division of a code or a name, present or former; None when there is none, or more than one."""
        codes = self._by_words.get(fold(words), set())
        return self.division_by_code[next(iter(codes))] if len(codes) == 1 else None


def _names(name_zh: str, name_en: str) -> set[str]:
    """镜湖区 is also 镜湖, and Jinghu District also Jinghu; a bare character is no name."""
    shorter = {name_zh[:-1]} if name_zh.endswith(("区", "县", "市")) and len(name_zh) > len("芜湖") else set()
    without = {name_en.removesuffix(kind) for kind in (" District", " County", " City")}
    return {name_zh, name_en} | shorter | without


DIVISIONS = """
    SELECT adcode, name_zh, name_en, label_lon, label_lat, area_km2::float8, population_2020, geometry
    FROM division ORDER BY position, adcode
"""
FORMER = "SELECT adcode, name_zh, now FROM division_alias ORDER BY adcode"
TOWNS = """
    SELECT code, county_adcode, name_zh, name_en, unit_type, lon, lat, coord_class, precision
    FROM town ORDER BY position, code
"""


async def load_atlas(database: Database) -> Atlas:
    """Everything in one transaction that sees one state."""
    async with database.pool.connection() as connection, connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        versions = await (await connection.execute("SELECT version FROM network_state")).fetchall()
        divisions = await (await connection.execute(DIVISIONS)).fetchall()
        former = await (await connection.execute(FORMER)).fetchall()
        towns = await (await connection.execute(TOWNS)).fetchall()
    return Atlas(
        version=versions[0][0],
        divisions=tuple(DivisionFacts(*row) for row in divisions),
        former=tuple(FormerDivision(*row) for row in former),
        towns=tuple(TownFacts(*row) for row in towns),
    )
