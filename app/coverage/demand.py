"""Where demand is, read from what is on record, and kept for some minutes: the figures say as of when they are."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import numpy as np
from fastapi import Depends, Request
from sqlalchemy import text

from app.coverage.points import Basis, Counted, Demand, Mask, Points
from app.coverage.rules.residents import CountyFigures, Residents, residents
from app.coverage.rules.ways import NOBODY, Ways
from app.demand.queries import asked_points, register_points
from app.demand.rules import CELLS_PER_DEGREE
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.geo import Floats, Point, contains, rings_of
from app.routing.nearby import Ints
from app.stations.atlas import Atlas, TownFacts
from app.stations.directory import Directory, approximate

GOOD_FOR = timedelta(minutes=5)
LOOKS_BACK = timedelta(days=365)
MOST_KEPT = 16
OUTSIDE = "outside"

FIGURES = text("""
    SELECT d.adcode, d.population_2020, nullif(d.facts->>'population_later', '')::int FROM division d
""")
REQUESTED = text("""
    SELECT round(r.lon * :cells)::int, round(r.lat * :cells)::int, i.service_id, count(*)
    FROM request r JOIN request_item i ON i.request_id = r.id AND i.station_id = r.station_id
    WHERE r.created_at >= :since AND r.created_at < :until
    GROUP BY 1, 2, 3
""")


@dataclass(frozen=True)
class Kept:
    """Demand, and when it was read."""

    demand: Demand
    at: datetime


class DemandStore:
    """The process's latest demand of each basis and day. Whoever comes while it is read anew gets the one before."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[tuple[int, Basis, date], Kept] = {}
        self._reading: dict[tuple[int, Basis, date], asyncio.Lock] = {}

    @property
    def bases(self) -> tuple[Basis, ...]:
        """What demand can be weighed by."""
        return tuple(READERS)

    async def current(self, directory: Directory, basis: Basis, on: date, now: datetime) -> Kept:
        """Of a basis, over the year before the end of the day `on`; not older than GOOD_FOR, or being read anew."""
        key = directory.network.version, basis, on
        kept = self._kept.get(key)
        lock = self._reading.setdefault(key, asyncio.Lock())
        if kept and (now - kept.at < GOOD_FOR or lock.locked()):
            return kept
        async with lock:
            kept = self._kept.get(key)
            if kept is None or now - kept.at >= GOOD_FOR:
                kept = Kept(await self._read(directory, basis, on), now)
                self._keep(key, kept)
        return kept

    def _keep(self, key: tuple[int, Basis, date], kept: Kept) -> None:
        """The oldest make room."""
        self._kept.pop(key, None)
        self._kept[key] = kept
        for old in list(self._kept)[:-MOST_KEPT]:
            del self._kept[old], self._reading[old]

    async def _read(self, directory: Directory, basis: Basis, on: date) -> Demand:
        return await READERS[basis](self._database, directory, on)


async def of_residents(database: Database, directory: Directory, _on: date) -> Demand:
    """The towns, each with its part of its county's inhabitants."""
    async with database.reader() as session:
        rows = (await session.execute(FIGURES)).all()
    figures = {adcode: CountyFigures(census, later) for adcode, census, later in rows}
    towns = directory.atlas.towns
    return Demand(_of_towns(directory.atlas, towns, residents([town.county_adcode for town in towns], figures)))


def _of_towns(atlas: Atlas, towns: Sequence[TownFacts], weights: Residents) -> Points:
    counties = _counties(atlas)
    return Points(
        Basis.RESIDENTS,
        tuple(town.code for town in towns),
        tuple(town.name_zh for town in towns),
        tuple(town.name_en for town in towns),
        np.array([town.lon for town in towns], np.float64),
        np.array([town.lat for town in towns], np.float64),
        np.array(weights.weight, np.float64),
        _places(counties, [town.county_adcode for town in towns]),
        counties,
        np.array([approximate(town.coord_class) for town in towns], np.bool_),
        np.array(weights.estimated, np.bool_),
    )


def _counties(atlas: Atlas) -> tuple[str, ...]:
    """In the operator's order; the last is none of them."""
    return (*(division.adcode for division in atlas.divisions), OUTSIDE)


def _places(counties: Sequence[str], adcodes: Sequence[str | None]) -> Ints:
    """The place of each one's county; the last for what lies in none of them."""
    at = {adcode: n for n, adcode in enumerate(counties)}
    return np.array([at.get(adcode or OUTSIDE, len(counties) - 1) for adcode in adcodes], np.int64)


async def of_enterprises(database: Database, directory: Directory, _on: date) -> Demand:
    """Enterprises of the registers that count, a place a thousandth of a degree, as they are kept."""
    async with database.reader() as session:
        found = await register_points(session)
    atlas = directory.atlas
    places, which = np.unique(np.stack([found.lon, found.lat], axis=1), axis=0, return_inverse=True)
    lon, lat = places[:, 0], places[:, 1]
    weight = np.bincount(which, found.weight, minlength=len(places)).astype(np.float64)
    counties = _counties(atlas)
    county = np.full(len(places), len(counties) - 1, np.int64)
    county[which] = _places(counties, found.county)
    approximate_ones = np.zeros(len(places), np.bool_)
    approximate_ones[which] = found.approximate
    codes = tuple(f"{x:.3f},{y:.3f}" for x, y in zip(lon.tolist(), lat.tolist(), strict=True))
    points = _named(Basis.ENTERPRISES, atlas, codes, (lon, lat), county=county, approximate=approximate_ones)
    return Demand(points.weighing(weight))


async def of_searches(database: Database, directory: Directory, on: date) -> Demand:
    """Where those were who looked for a station in the year up to `on`."""
    async with database.reader() as session:
        rows = await asked_points(session, on - LOOKS_BACK + timedelta(days=1), on)
    return of_cells(Basis.SEARCHES, directory, rows)


async def of_requests(database: Database, directory: Directory, on: date) -> Demand:
    """Where those were who have asked for something in the year up to `on`, a place a square kilometre."""
    until = datetime.combine(on + timedelta(days=1), time.min, LOCAL)
    bounds = {"since": until - LOOKS_BACK, "until": until, "cells": CELLS_PER_DEGREE}
    async with database.reader() as session:
        rows = (await session.execute(REQUESTED, bounds)).all()
    return of_cells(Basis.REQUESTS, directory, rows)


def of_cells(basis: Basis, directory: Directory, rows: Sequence[Any]) -> Demand:
    """Rows of x, y, service id, count; those without a place only add to `elsewhere`."""
    elsewhere = sum(row[3] for row in rows if row[0] is None)
    placed = [row for row in rows if row[0] is not None]
    places = {cell: n for n, cell in enumerate(dict.fromkeys((row[0], row[1]) for row in placed))}
    counted = Counted(
        np.array([places[row[0], row[1]] for row in placed], np.int64),
        np.array([row[2] for row in placed], np.int64),
        np.array([row[3] for row in placed], np.float64),
    )
    points = _cells(basis, directory.atlas, list(places))
    weight = np.bincount(counted.point, counted.n, minlength=len(points)).astype(np.float64)
    return Demand(points.weighing(weight), counted, elsewhere)


def _cells(basis: Basis, atlas: Atlas, cells: Sequence[tuple[int, int]]) -> Points:
    lon = np.array([x / CELLS_PER_DEGREE for x, _y in cells], np.float64)
    lat = np.array([y / CELLS_PER_DEGREE for _x, y in cells], np.float64)
    county = np.array([_county(atlas, at) for at in zip(lon.tolist(), lat.tolist(), strict=True)], np.int64)
    codes = tuple(f"{x / CELLS_PER_DEGREE:.2f},{y / CELLS_PER_DEGREE:.2f}" for x, y in cells)
    return _named(basis, atlas, codes, (lon, lat), county=county, approximate=np.ones(len(cells), np.bool_))


def _named(
    basis: Basis, atlas: Atlas, codes: tuple[str, ...], at: tuple[Floats, Floats], *, county: Ints, approximate: Mask
) -> Points:
    """Places [n] of no weight yet, each called after the nearest town."""
    towns = np.array([(town.lon, town.lat) for town in atlas.towns], np.float64).reshape(-1, 2)
    near = Ways(at, (towns[:, 0], towns[:, 1])).nearest(np.ones(len(towns), np.bool_)).station.tolist()
    return Points(
        basis,
        codes,
        tuple("" if n == NOBODY else atlas.towns[n].name_zh for n in near),
        tuple("" if n == NOBODY else atlas.towns[n].name_en for n in near),
        *at,
        np.zeros(len(codes)),
        county,
        _counties(atlas),
        approximate,
        np.zeros(len(codes), np.bool_),
    )


def _county(atlas: Atlas, at: tuple[float, float]) -> int:
    """The place of the county that a point lies in; that of OUTSIDE for none."""
    for n, division in enumerate(atlas.divisions):
        if division.geometry and contains(rings_of(division.geometry), Point(*at)):
            return n
    return len(atlas.divisions)


Reader = Callable[[Database, Directory, date], Coroutine[None, None, Demand]]
READERS: dict[Basis, Reader] = {
    Basis.RESIDENTS: of_residents,
    Basis.ENTERPRISES: of_enterprises,
    Basis.REQUESTS: of_requests,
    Basis.SEARCHES: of_searches,
}


async def _store(request: Request) -> DemandStore:
    store: DemandStore = request.app.state.demand
    return store


CurrentDemand = Annotated[DemandStore, Depends(_store)]
