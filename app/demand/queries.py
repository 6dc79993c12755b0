"""What was asked for and where, and where enterprises are, for whoever counts over it."""

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.demand.models import QuestionCount, SearchCount
from app.kit.geo import Floats

# Who stands in several registers counts once, as in the newest; those without a code can't be told to be the same.
POINTS = text("""
    SELECT lon, lat, weight, county_adcode, approximate FROM (
        SELECT DISTINCT ON (p.code_hash) p.lon, p.lat, p.weight, p.county_adcode, p.approximate
        FROM register_point p JOIN register r ON r.id = p.register_id
        WHERE r.taken_at IS NOT NULL AND p.code_hash IS NOT NULL
        ORDER BY p.code_hash, r.as_of DESC, r.taken_at DESC, r.id
    ) of_known
    UNION ALL
    SELECT p.lon, p.lat, p.weight, p.county_adcode, p.approximate
    FROM register_point p JOIN register r ON r.id = p.register_id
    WHERE r.taken_at IS NOT NULL AND p.code_hash IS NULL
""")


class Enterprises(NamedTuple):
    """Enterprises [n] of all registers that count: degrees of WGS-84 to a thousandth, weight, county (None beyond all
    boundaries), and whether the point is that of the town only."""

    lon: Floats
    lat: Floats
    weight: Floats
    county: list[str | None]
    approximate: npt.NDArray[np.bool_]


class AskedAt(NamedTuple):
    """How often one service was asked for in a cell (see `rules.cell_of`), whatever became of it."""

    x: int
    y: int
    service_id: int
    n: int


class Unmet(NamedTuple):
    """How many questions for a service from a county had an outcome; `county` is None beyond all boundaries."""

    service_id: int
    county: str | None
    outcome: str
    n: int


async def register_points(session: AsyncSession) -> Enterprises:
    """Where enterprises are, each once, and how much each weighs."""
    rows = (await session.execute(POINTS)).all()
    lon, lat, weight, county, approximate = zip(*rows, strict=True) if rows else ((),) * 5
    return Enterprises(
        np.array(lon, np.float64),
        np.array(lat, np.float64),
        np.array(weight, np.float64),
        list(county),
        np.array(approximate, np.bool_),
    )


async def asked_points(session: AsyncSession, since: date, until: date, service_id: int | None = None) -> list[AskedAt]:
    """Where services, or one of them, were asked for on the days from `since` to `until`, both inclusive."""
    counted, total = QuestionCount, func.sum(QuestionCount.n)
    asked = (
        select(counted.x, counted.y, counted.service_id, total)
        .where(counted.day.between(since, until))
        .group_by(counted.x, counted.y, counted.service_id)
        .order_by(counted.x, counted.y, counted.service_id)
    )
    if service_id is not None:
        asked = asked.where(counted.service_id == service_id)
    return [AskedAt(*row) for row in await session.execute(asked)]


async def outcomes(session: AsyncSession, since: date, until: date) -> list[Unmet]:
    """What became of the questions of the days from `since` to `until`, both inclusive."""
    counted = QuestionCount
    alike = counted.service_id, counted.county_adcode, counted.outcome
    asked = select(*alike, func.sum(counted.n)).where(counted.day.between(since, until)).group_by(*alike)
    return [Unmet(*row) for row in await session.execute(asked)]


async def searches(session: AsyncSession, since: date, until: date) -> tuple[int, int]:
    """How many searches of the catalogue have found something on these days, and how many nothing."""
    counted = SearchCount
    asked = select(counted.found, func.sum(counted.n)).where(counted.day.between(since, until)).group_by(counted.found)
    found = {kind: int(n) for kind, n in await session.execute(asked)}
    return found.get(True, 0), found.get(False, 0)
