"""Changing the working calendar: its tables, the history and the record in one transaction.

What an import has brought isn't in the history. Where the calendar isn't what the history says, a row without a
person says first what was there, so that the history never tells of a change that nobody saw.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller
from app.kit.db import violated
from app.kit.problems import Forbidden
from app.policy.dates import SpecialDay, day_setting, special_day, workdays, year_setting
from app.policy.errors import SettingMoved, SettingUnknown
from app.policy.models import PolicyChange
from app.policy.queries import newest
from app.policy.reach import may_change
from app.policy.rules import Level, Place, Setting
from app.policy.service import FOLLOWED, change
from app.stations.models import CalendarDay, CalendarYear
from app.stations.rules import Calendar, DayKind
from app.stations.rules import Kind as DayIs
from app.stations.snapshot import Network


async def set_day(
    session: AsyncSession,
    caller: Caller,
    network: Network,
    day: date,
    value: Mapping[str, Any] | None,
    *,
    last: int | None,
    reason: str,
    now: datetime,
) -> int:
    """Make a day of an announced year a holiday or a make-up day, or with None an ordinary one: the change's id.

    Raises SettingUnknown for a year that isn't announced, and what `service.change` raises.
    """
    if not may_change(caller, Place(Level.NETWORK), network):
        raise Forbidden
    year = await session.get(CalendarYear, day.year, with_for_update=True)
    if year is None:
        raise SettingUnknown
    current = await session.get(CalendarDay, day, populate_existing=True)
    setting = day_setting(day)
    last = await _caught_up(session, setting, _value(current), last, now)
    made = await change(session, caller, network, setting, value, last=last, reason=reason, now=now)
    if current is not None:
        await session.delete(current)
        await session.flush()
    if value is not None:
        session.add(_row(special_day(day, value)))
    await _recount(session, year)
    return made


async def announce(
    session: AsyncSession,
    caller: Caller,
    network: Network,
    year: int,
    days: Iterable[SpecialDay],
    *,
    reason: str,
    now: datetime,
) -> None:
    """Enter a year's public holidays: from then on it isn't provisional any more.

    Raises SettingMoved when it was announced in the meantime, and what `service.change` raises.
    """
    if not may_change(caller, Place(Level.NETWORK), network):
        raise Forbidden
    if await session.get(CalendarYear, year) is not None:
        raise SettingMoved
    setting = year_setting(year)
    last = await _caught_up(session, setting, None, await _newest_id(session, setting), now)
    await change(session, caller, network, setting, {"announced": True}, last=last, reason=reason, now=now)
    position = await session.scalar(select(func.coalesce(func.max(CalendarYear.position), -1) + 1))
    row = CalendarYear(year=year, position=position, facts={})
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise SettingMoved from error
    for day in days:
        setting = day_setting(day.day)
        last = await _caught_up(session, setting, None, await _newest_id(session, setting), now)
        await change(session, caller, network, setting, day.value, last=last, reason=reason, now=now)
        session.add(_row(day))
    await _recount(session, row)


async def withdraw(
    session: AsyncSession, caller: Caller, network: Network, year: int, *, reason: str, now: datetime
) -> None:
    """Take a year's announcement back: it is provisional again, and its days are what their weekdays say.

    Raises SettingMoved when it isn't announced any more, and what `service.change` raises.
    """
    if not may_change(caller, Place(Level.NETWORK), network):
        raise Forbidden
    row = await session.get(CalendarYear, year, with_for_update=True, populate_existing=True)
    if row is None:
        raise SettingMoved
    days = (await session.scalars(select(CalendarDay).where(CalendarDay.year == year).order_by(CalendarDay.day))).all()
    was: list[tuple[Setting, Mapping[str, Any] | None]] = [(day_setting(each.day), _value(each)) for each in days]
    for setting, value in ((year_setting(year), {"announced": True}), *was):
        last = await _caught_up(session, setting, value, await _newest_id(session, setting), now)
        await change(session, caller, network, setting, None, last=last, reason=reason, now=now)
    await session.execute(delete(CalendarDay).where(CalendarDay.year == year))
    await session.delete(row)
    await session.flush()


async def _newest_id(session: AsyncSession, setting: Setting) -> int | None:
    found = await newest(session, setting)
    return found.id if found else None


async def _caught_up(
    session: AsyncSession, setting: Setting, now_there: Mapping[str, Any] | None, last: int | None, at: datetime
) -> int | None:
    """The id that the next change follows: `last`, or a row that says what an import has brought since then."""
    before = await newest(session, setting)
    if (before.id if before else None) != last:
        raise SettingMoved
    if (before.value if before else None) == now_there:
        return last
    found = PolicyChange(
        scope=setting.place.scope,
        kind=setting.kind,
        key=setting.key,
        value=None if now_there is None else dict(now_there),
        reason="",
        changed_at=at,
        previous_id=last,
    )
    try:
        async with session.begin_nested():
            session.add(found)
    except IntegrityError as error:
        if violated(error) != FOLLOWED:
            raise
        raise SettingMoved from error
    return found.id


def _value(row: CalendarDay | None) -> Mapping[str, Any] | None:
    return None if row is None else SpecialDay(row.day, row.kind, row.name_zh or "", row.name_en or "").value


def _row(day: SpecialDay) -> CalendarDay:
    return CalendarDay(
        day=day.day,
        year=day.day.year,
        kind=day.kind,
        name_zh=day.name_zh or None,
        name_en=day.name_en or None,
    )


async def _recount(session: AsyncSession, year: CalendarYear) -> None:
    """The year's number of working days, which an exported file tells."""
    await session.flush()
    rows = await session.execute(select(CalendarDay.day, CalendarDay.kind).where(CalendarDay.year == year.year))
    special = {day: DayKind(DayIs(kind), provisional=False) for day, kind in rows}
    year.workday_count = workdays(Calendar(special, frozenset({year.year})), year.year)
    await session.flush()
