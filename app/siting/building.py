"""A plan's question in numbers: who serves what now, where the new ones could be, and whom they would serve."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from app.coverage.demand import DemandStore
from app.coverage.points import Points
from app.coverage.supply import MOST_ASKED, Choices, Waits, capable
from app.kit.geo import Point, contains, rings_of
from app.siting.asked import PlanAsked
from app.siting.rules.questions import Need, Places, Question, TooLargeError
from app.siting.rules.states import Kind, Source
from app.slots.queries import Availability
from app.stations.atlas import DivisionFacts
from app.stations.directory import TOWN_DIGITS, Directory


class NetworkChangedError(Exception):
    """A service or the demand that was asked for is there no more."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place, and which of the services [k] it would give; `county` is its code, "" where it isn't known."""

    code: str
    name_zh: str
    name_en: str
    lon: float
    lat: float
    county: str
    gives: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """The question, its candidates in the same order, and as of when its demand is."""

    question: Question
    candidates: tuple[Candidate, ...]
    demand_as_of: datetime


@dataclass(frozen=True, slots=True)
class Supply:
    """What it is built from."""

    directory: Directory
    demand: DemandStore
    availability: Availability
    now: datetime


async def build(asked: PlanAsked, at: Supply) -> Built:
    """Raises NetworkChangedError, TooLargeError."""
    network, on = at.directory.network, asked.on or date.min
    try:
        services = [network.service_index[code] for code in asked.service_codes]
    except KeyError as error:
        raise NetworkChangedError from error
    if asked.basis not in at.demand.bases:
        raise NetworkChangedError
    kept = await at.demand.current(at.directory, asked.basis, on, at.now)
    points = kept.demand.of([network.services[index].id for index in services])
    choices = capable(network, services, on, asked.use)
    serving = choices if asked.within_days is None else await _soon(at, asked, services, choices)
    found = sorted(_candidates(asked, at.directory, points, choices, serving), key=lambda each: each.code)
    return Built(_question(asked, at.directory, points, serving, found), tuple(found), kept.at)


async def _soon(at: Supply, asked: PlanAsked, services: Sequence[int], choices: Choices) -> Choices:
    """Those that have time soon enough: [k, s]. Raises TooLargeError."""
    if int(choices.any(axis=0).sum()) > MOST_ASKED:
        raise TooLargeError
    waits = Waits(at.directory.network, at.availability, asked.on or date.min, at.now)
    days = await waits.days(services, choices)
    soon: Choices = choices & (days <= (asked.within_days or 0))
    return soon


def _question(
    asked: PlanAsked, directory: Directory, points: Points, serving: Choices, candidates: list[Candidate]
) -> Question:
    network = directory.network
    own = points.of_county(asked.county) if asked.county else np.ones(len(points), np.bool_)
    gives = np.array([each.gives for each in candidates], np.bool_).reshape(len(candidates), len(serving)).T
    return Question(
        objective=asked.objective,
        most=asked.new_stations,
        within_km=asked.within_km,
        points=Places(points.lon[own], points.lat[own]),
        weight=points.weight[own],
        county=points.county[own],
        counties=points.counties,
        stations=Places(network.lons, network.lats),
        candidates=Places(
            np.array([each.lon for each in candidates], np.float64),
            np.array([each.lat for each in candidates], np.float64),
        ),
        needs=_needs(serving, gives),
    )


def _needs(serving: Choices, gives: Choices) -> tuple[Need, ...]:
    """Services that are served alike are one need."""
    counts: dict[bytes, int] = {}
    first: dict[bytes, int] = {}
    for n, (served, given) in enumerate(zip(serving, gives, strict=True)):
        key = np.packbits(np.concatenate((served, given))).tobytes()
        counts[key] = counts.get(key, 0) + 1
        first.setdefault(key, n)
    return tuple(Need(counts[key], serving[n], gives[n]) for key, n in first.items())


def _candidates(
    asked: PlanAsked, directory: Directory, points: Points, choices: Choices, serving: Choices
) -> Iterable[Candidate]:
    """In the county, where one is asked for."""
    if isinstance(asked.candidates, list):
        found = _listed(asked, directory)
    elif asked.kind is not Kind.STATIONS:
        found = _stations(asked, directory, choices, serving)
    elif asked.candidates is Source.DEMAND:
        found = _demand(points, len(choices))
    else:
        found = _towns(directory, choices)
    return (each for each in found if not asked.county or each.county == asked.county)


def _listed(asked: PlanAsked, directory: Directory) -> Iterable[Candidate]:
    gives = (True,) * len(asked.service_codes)
    for each in asked.candidates if isinstance(asked.candidates, list) else ():
        county = _county(directory.atlas.divisions, Point(each.lon, each.lat))
        yield Candidate(each.code, "", "", each.lon, each.lat, county, gives)


def _county(divisions: Iterable[DivisionFacts], at: Point) -> str:
    inside = (each.adcode for each in divisions if each.geometry and contains(rings_of(each.geometry), at))
    return next(inside, "")


def _demand(points: Points, services: int) -> Iterable[Candidate]:
    """Where somebody is."""
    for n in np.flatnonzero(points.weight > 0).tolist():
        where = float(points.lon[n]), float(points.lat[n]), points.counties[points.county[n]]
        yield Candidate(points.codes[n], points.names_zh[n], points.names_en[n], *where, (True,) * services)


def _towns(directory: Directory, choices: Choices) -> Iterable[Candidate]:
    """Towns without a station that may do all of it."""
    able = np.asarray(choices.all(axis=0))
    taken = {each.town_code[:TOWN_DIGITS] for each in directory.network.stations if able[each.index]}
    for each in directory.atlas.towns:
        if each.code not in taken:
            place = each.code, each.name_zh, each.name_en, each.lon, each.lat
            yield Candidate(*place, each.county_adcode, (True,) * len(choices))


def _stations(asked: PlanAsked, directory: Directory, choices: Choices, serving: Choices) -> Iterable[Candidate]:
    """Stations in use for which there is something to give."""
    network = directory.network
    gives: Choices = np.asarray(choices & ~serving if asked.kind is Kind.DESKS else ~choices)
    for each in network.stations:
        own = tuple(bool(row[each.index]) for row in gives)
        if each.active and any(own):
            place = each.code, each.name_zh, each.name_en, each.lon, each.lat
            yield Candidate(*place, each.county_adcode, own)
