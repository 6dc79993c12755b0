"""Registers as they are looked at: which there are, what is wrong with one, where its rows lie."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.demand.models import Register, RegisterFault, RegisterPoint
from app.demand.rules import CELLS_PER_DEGREE

MOST_CELLS = 3000


class Listed(NamedTuple):
    """A register with the name of who has taken it in."""

    register: Register
    by: str | None


class Cell(NamedTuple):
    """How many rows lie in a cell (see `rules.cell_of`)."""

    x: int
    y: int
    rows: int


async def listed(session: AsyncSession) -> list[Listed]:
    """Those that count, by name; what is only looked at is not among them."""
    asked = (
        select(Register, Person.name)
        .join(Person, Person.id == Register.taken_by, isouter=True)
        .where(Register.taken_at.is_not(None))
        .order_by(Register.name, Register.id)
    )
    return [Listed(*row) for row in await session.execute(asked)]


async def waiting(session: AsyncSession, person_id: UUID | None) -> Register | None:
    """What somebody has handed in and not taken in yet."""
    asked = select(Register).where(Register.taken_at.is_(None), Register.created_by == person_id)
    return (await session.scalars(asked.order_by(Register.created_at.desc()).limit(1))).first()


async def find(session: AsyncSession, register_id: UUID) -> Register | None:
    return await session.get(Register, register_id)


async def faults(session: AsyncSession, register_id: UUID, most: int | None = None) -> Sequence[RegisterFault]:
    """By row, the first of them."""
    asked = select(RegisterFault).where(RegisterFault.register_id == register_id).order_by(RegisterFault.n)
    return (await session.scalars(asked.limit(most))).all()


async def cells(session: AsyncSession, register_id: UUID) -> list[Cell]:
    """Where its rows lie, most of them first; at most MOST_CELLS."""
    point = RegisterPoint
    x, y = (cast(func.round(degrees * CELLS_PER_DEGREE), Integer) for degrees in (point.lon, point.lat))
    rows = func.count()
    asked = select(x, y, rows).where(point.register_id == register_id).group_by(x, y).order_by(rows.desc(), x, y)
    return [Cell(*row) for row in await session.execute(asked.limit(MOST_CELLS))]


async def by_county(session: AsyncSession, register_id: UUID) -> dict[str | None, tuple[int, float]]:
    """Rows and their weight by county, None beyond all boundaries."""
    point = RegisterPoint
    asked = (
        select(point.county_adcode, func.count(), func.sum(point.weight))
        .where(point.register_id == register_id)
        .group_by(point.county_adcode)
    )
    return {county: (rows, weight) for county, rows, weight in await session.execute(asked)}
