"""The catalogue's intervals as they are for whoever derives a due date, and stay until its transaction ends.

When an interval is changed, a trigger moves the dates that follow from it (migration `service_intervals`) behind the
same lock. Taken before the instrument's row, so that nobody waits for somebody who waits.
"""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalogue.models import Service

LOCK = select(func.pg_advisory_xact_lock_shared(func.hashtextextended("ledger:intervals", 0)))

Intervals = Mapping[int, int | None]
"""Months by the id of a service; None where the customer sets them."""


async def keep_intervals(session: AsyncSession) -> None:
    """From now on, until this transaction ends, no interval is changed."""
    await session.execute(LOCK)


async def intervals(session: AsyncSession) -> Intervals:
    """The intervals of all services, kept as they are. Two statements: the lock, then what it guards."""
    await keep_intervals(session)
    rows = await session.execute(select(Service.id, Service.validity_months))
    return {row.id: row.validity_months for row in rows}
