"""What could not be routed: questions by outcome, and requests that were declined, by service and county."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.demand.boundaries import county_codes
from app.demand.queries import outcomes, searches
from app.demand.rules import CELLS_PER_DEGREE, UNMET, Outcome
from app.kit.clock import LOCAL
from app.kit.i18n import tr
from app.stations.atlas import DivisionFacts
from app.stations.directory import Directory
from app.stations.snapshot import ServiceFacts

FEW = 10
"""A share over fewer questions says little, and is marked."""

# From where they were sent; those that don't say, from the county of their station.
DECLINED = text("""
    SELECT i.service_id, round(r.lon * :cells)::int, round(r.lat * :cells)::int, s.county_adcode, count(*)
    FROM request_item i JOIN request r ON r.id = i.request_id AND r.station_id = i.station_id
    JOIN station s ON s.id = r.station_id
    WHERE i.status = 'declined' AND r.created_at >= :since AND r.created_at < :until
    GROUP BY 1, 2, 3, 4
""")


class Span(NamedTuple):
    """Days, both inclusive."""

    first: date
    last: date


@dataclass(slots=True)
class Tally:
    """The numbers of one service in one county: questions by outcome, and items of requests that were declined."""

    by_outcome: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    declined: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One service in one county (None beyond all boundaries) where something could not be routed."""

    service: ServiceFacts
    county: DivisionFacts | None
    questions: int
    by_outcome: Mapping[str, int]
    declined: int

    @property
    def routed(self) -> int:
        return self.by_outcome.get(Outcome.ROUTED, 0)

    @property
    def unmet(self) -> int:
        return self.questions - self.routed

    @property
    def share(self) -> float | None:
        """Of the questions that could not be routed; None without questions."""
        return self.unmet / self.questions if self.questions else None

    @property
    def few(self) -> bool:
        return self.questions < FEW

    @property
    def reasons(self) -> list[tuple[Outcome, int]]:
        """What stood in the way, the most frequent first."""
        found = [(outcome, self.by_outcome[outcome]) for outcome in UNMET if self.by_outcome.get(outcome)]
        return sorted(found, key=lambda each: -each[1])

    @property
    def key(self) -> tuple[str, str]:
        """Tells rows apart."""
        return self.service.code, self.county.adcode if self.county else ""


@dataclass(frozen=True, slots=True)
class Report:
    """All rows with something unmet; the totals are those of all questions that fit, also where nothing is unmet."""

    rows: Sequence[Row]
    questions: int
    unmet: int
    declined: int
    searches: int
    searches_in_vain: int


def _name(row: Row) -> str:
    return tr(row.county, "name") if row.county else ""


ORDERS: Mapping[str, Callable[[Row], tuple[object, ...]]] = {
    "unmet": lambda row: (-row.unmet, -row.declined, *row.key),
    "share": lambda row: (row.few, -(row.share or 0), -row.unmet, *row.key),
    "questions": lambda row: (-row.questions, *row.key),
    "declined": lambda row: (-row.declined, -row.unmet, *row.key),
    "service": lambda row: row.key,
    "county": lambda row: (row.county is None, _name(row), -row.unmet, *row.key),
}
"""By what rows can be sorted; by share those over few questions come last."""


async def unmet(
    session: AsyncSession,
    directory: Directory,
    span: Span,
    *,
    service: ServiceFacts | None = None,
    county: DivisionFacts | None = None,
    sort: str = "unmet",
) -> Report:
    """What could not be routed in a span of days: of one service, from one county, or all; sorted by one of ORDERS."""
    tallies = await _tallies(session, directory, span)
    rows = [row for row in _rows(directory, tallies) if _fits(row, service, county)]
    shown = [row for row in rows if row.unmet or row.declined]
    found, in_vain = await searches(session, *span)
    return Report(
        rows=sorted(shown, key=ORDERS[sort]),
        questions=sum(row.questions for row in rows),
        unmet=sum(row.unmet for row in rows),
        declined=sum(row.declined for row in rows),
        searches=found + in_vain,
        searches_in_vain=in_vain,
    )


def _fits(row: Row, service: ServiceFacts | None, county: DivisionFacts | None) -> bool:
    return (service is None or row.service is service) and (county is None or row.county is county)


async def _tallies(session: AsyncSession, directory: Directory, span: Span) -> Mapping[tuple[int, str | None], Tally]:
    """By service id and county."""
    tallies: dict[tuple[int, str | None], Tally] = defaultdict(Tally)
    for service_id, county, outcome, n in await outcomes(session, *span):
        tallies[service_id, county].by_outcome[outcome] += n
    bounds = {
        "cells": CELLS_PER_DEGREE,
        "since": datetime.combine(span.first, time.min, LOCAL),
        "until": datetime.combine(span.last + timedelta(days=1), time.min, LOCAL),
    }
    declined = (await session.execute(DECLINED, bounds)).all()
    placed = [row for row in declined if row[1] is not None]
    xs, ys = (np.array([row[n] for row in placed], np.float64) / CELLS_PER_DEGREE for n in (1, 2))
    sent_from = iter(county_codes(directory.atlas, xs, ys))
    for service_id, x, _y, county_of_station, n in declined:
        county = county_of_station if x is None else next(sent_from)
        tallies[service_id, county].declined += n
    return tallies


def _rows(directory: Directory, tallies: Mapping[tuple[int, str | None], Tally]) -> list[Row]:
    """Counts of services or counties that are gone are left out, and so beyond what anybody could still do."""
    services, counties = directory.network.service_by_id, directory.atlas.division_by_code
    return [
        Row(
            services[service_id],
            counties.get(county) if county else None,
            sum(tally.by_outcome.values()),
            tally.by_outcome,
            tally.declined,
        )
        for (service_id, county), tally in tallies.items()
        if service_id in services and (county is None or county in counties)
    ]
