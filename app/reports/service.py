"""Keeping a question and ending it; each person for themselves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.kit.clock import local_date
from app.kit.ids import new_id
from app.reports.errors import NoAddress, ReportUnknown, TooManyReports
from app.reports.models import MailReport
from app.reports.rules import Every, following

MOST = 20
"""So many a person may keep."""


async def keep(
    session: AsyncSession,
    person_id: UUID,
    view: str,
    asked: Mapping[str, str],
    every: Every,
    *,
    language: str,
    now: datetime,
) -> MailReport:
    """The question is asked for a person from now on; one that is kept already is left as it is.

    Raises NoAddress, TooManyReports. Of several at once for one person the second waits for the first.
    """
    person = (await session.execute(select(Person).where(Person.id == person_id).with_for_update())).scalar_one()
    if not person.email:
        raise NoAddress
    own = await reports_of(session, person_id)
    same = [each for each in own if (each.view, each.asked, each.every) == (view, dict(asked), every)]
    if same:
        return same[0]
    if len(own) >= MOST:
        raise TooManyReports(most=MOST)
    report = MailReport(
        id=new_id(),
        person_id=person_id,
        view=view,
        asked=dict(asked),
        every=every,
        language=language,
        next_on=following(every, local_date(now)),
        created_at=now,
    )
    session.add(report)
    await session.flush()
    return report


async def reports_of(session: AsyncSession, person_id: UUID) -> Sequence[MailReport]:
    """The oldest first."""
    own = select(MailReport).where(MailReport.person_id == person_id)
    return (await session.execute(own.order_by(MailReport.created_at, MailReport.id))).scalars().all()


async def end(session: AsyncSession, person_id: UUID, report_id: UUID) -> None:
    """Raises ReportUnknown, also where it is another person's."""
    own = (MailReport.id == report_id, MailReport.person_id == person_id)
    ended = (await session.execute(delete(MailReport).where(*own).returning(MailReport.id))).scalar()
    if ended is None:
        raise ReportUnknown


async def forget(session: AsyncSession, person_id: UUID) -> None:
    """The account is closed: nothing is sent any more, and nothing asked is kept."""
    await session.execute(delete(MailReport).where(MailReport.person_id == person_id))
