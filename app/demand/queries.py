"""What was asked for and where, and where enterprises are, for whoever counts over it."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.demand.models import QuestionCount, SearchCount


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
