"""Keeping a question and ending it; each person for themselves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.coverage.errors import NoAddress, ReportUnknown, TooManyReports
from app.coverage.reports.models import CoverageReport
from app.kit.clock import local_date
from app.kit.ids import new_id

MOST = 20
"""So many a person may keep."""
MONDAY = 1


class Every(StrEnum):
    """On Mondays, or on the first of the month."""

    WEEK = "week"
    MONTH = "month"


def following(every: Every, day: date) -> date:
    """The first Monday, or first of a month, after a day."""
    if every is Every.WEEK:
        return day + timedelta(days=7 - (day.isoweekday() - MONDAY))
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


async def keep(
    session: AsyncSession, person_id: UUID, asked: Mapping[str, str], every: Every, *, language: str, now: datetime
) -> CoverageReport:
    """The question is asked for a person from now on; one that is kept already is left as it is.

    Raises NoAddress, TooManyReports. Of several at once for one person the second waits for the first.
    """
    person = (await session.execute(select(Person).where(Person.id == person_id).with_for_update())).scalar_one()
    if not person.email:
        raise NoAddress
    own = await reports_of(session, person_id)
    same = [each for each in own if (each.asked, each.every) == (dict(asked), every)]
    if same:
        return same[0]
    if len(own) >= MOST:
        raise TooManyReports(most=MOST)
    report = CoverageReport(
        id=new_id(),
        person_id=person_id,
        asked=dict(asked),
        every=every,
        language=language,
        next_on=following(every, local_date(now)),
        created_at=now,
    )
    session.add(report)
    await session.flush()
    return report


async def reports_of(session: AsyncSession, person_id: UUID) -> Sequence[CoverageReport]:
    """The oldest first."""
    own = select(CoverageReport).where(CoverageReport.person_id == person_id)
    return (await session.execute(own.order_by(CoverageReport.created_at, CoverageReport.id))).scalars().all()


async def end(session: AsyncSession, person_id: UUID, report_id: UUID) -> None:
    """Raises ReportUnknown, also where it is another person's."""
    own = (CoverageReport.id == report_id, CoverageReport.person_id == person_id)
    ended = (await session.execute(delete(CoverageReport).where(*own).returning(CoverageReport.id))).scalar()
    if ended is None:
        raise ReportUnknown
