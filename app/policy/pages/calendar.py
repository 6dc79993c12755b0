"""The working calendar by year: announcing one, and adding, changing or removing a day of it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.policy.calendar import announce, set_day, withdraw
from app.policy.dates import FIRST_YEAR, LAST_YEAR, SpecialDay, day_setting, may_be_makeup, read_year, special, workdays
from app.policy.errors import SettingMoved, SettingUnknown
from app.policy.forms import SENTENCES, DayForm, DayReasonForm, ReasonForm, YearForm
from app.policy.pages.frame import CHANGE, FORM_AGAIN, MOVED, PATH, READ, Looking, see
from app.policy.queries import newest
from app.policy.rules import Level, Place
from app.policy.words import DAY_KINDS
from app.web.forms import address, judged, placed, typed

router = Door(route_class=RetryingRoute)
CALENDAR = f"{PATH}/calendar"
Desk = Annotated[Looking, Depends()]
Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR)]
CITY = Place(Level.NETWORK)


@router.get(CALENDAR, dependencies=[READ])
async def calendar_page(desk: Desk, session: Reading) -> HTMLResponse:
    """A year's special days; the year and a day to be changed are in the address, what isn't one counts as none."""
    asked = desk.request.query_params
    day = _day(asked.get("day", ""))
    text = asked.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() else desk.today.year
    year = day.year if day else year if FIRST_YEAR <= year <= LAST_YEAR else desk.today.year
    return await _shown(desk, session, year, day=day)


@router.post(f"{CALENDAR}/{{year}}/announce", dependencies=[CHANGE])
async def announce_year(request: Request, desk: Desk, year: Year, session: Writing) -> Response:
    given = typed(await request.form())
    form, errors = judged(YearForm, given, SENTENCES)
    status = FORM_AGAIN
    if form:
        days, faults = read_year(form.rows, year)
        errors = {"rows": " ".join(fault.sentence() for fault in faults[:5])} if faults else {}
        if not errors:
            try:
                await announce(session, desk.caller, desk.network, year, days, reason=form.reason, now=desk.now)
                return see(address(CALENDAR, {"year": year, "done": "announced"}))
            except SettingMoved as problem:
                status, errors = MOVED, {"": problem.sentence()}
    return await _shown(desk, session, year, form="announce", given=given, errors=errors, status_code=status)


@router.post(f"{CALENDAR}/{{year}}/withdraw", dependencies=[CHANGE])
async def withdraw_year(request: Request, desk: Desk, year: Year, session: Writing) -> Response:
    """Take a year's announcement back, such as one that was entered too early or for the wrong year."""
    given = typed(await request.form())
    form, errors = judged(ReasonForm, given, SENTENCES)
    status = FORM_AGAIN
    if form:
        try:
            await withdraw(session, desk.caller, desk.network, year, reason=form.reason, now=desk.now)
            return see(address(CALENDAR, {"year": year, "done": "withdrawn"}))
        except SettingMoved as problem:
            status, errors = MOVED, {"": problem.sentence()}
    return await _shown(desk, session, year, form="withdraw", given=given, errors=errors, status_code=status)


@router.post(f"{CALENDAR}/{{year}}/days", dependencies=[CHANGE])
async def change_day(request: Request, desk: Desk, year: Year, session: Writing) -> Response:
    """Add a day, or make one that is there something else."""
    given = typed(await request.form())
    form, errors = judged(DayForm, given, SENTENCES)
    day = form.day if form else _day(given.get("day", ""))
    if form is None:
        return await _shown(desk, session, year, day=day, form="day", given=given, errors=errors)
    wanted = special(form.day, form.kind, form.name_zh, form.name_en)
    if wrong := _wrong(desk, year, wanted):
        return await _shown(desk, session, year, day=day, form="day", given=given, errors=wrong)
    return await _changed(desk, session, form, wanted, given)


@router.post(f"{CALENDAR}/{{year}}/days/remove", dependencies=[CHANGE])
async def remove_day(request: Request, desk: Desk, year: Year, session: Writing) -> Response:
    """Make a day again what its weekday says."""
    given = typed(await request.form())
    form, errors = judged(DayReasonForm, given, SENTENCES)
    if form and form.day in desk.network.calendar.special and form.day.year == year:
        return await _changed(desk, session, form, None, given)
    day = form.day if form else _day(given.get("day", ""))
    return await _shown(
        desk, session, year, day=day, form="gone", given=given, errors=errors or {"": SettingUnknown().sentence()}
    )


def _wrong(desk: Looking, year: int, wanted: SpecialDay) -> dict[str, str]:
    if wanted.day.year != year:
        return {"day": _("Choose a day of {year}.").format(year=year)}
    if year not in desk.network.calendar.announced:
        return {"": _("This year is not announced yet. Announce it with its holidays first.")}
    if wanted.kind == "makeup" and not may_be_makeup(wanted.day):
        return {"kind": _("Only a Saturday or Sunday can be a make-up working day.")}
    there = desk.network.calendar.special.get(wanted.day)
    if there and (there.kind, there.name_zh or "", there.name_en or "") == (
        wanted.kind,
        wanted.name_zh,
        wanted.name_en,
    ):
        return {"day": _("That is what the day is already.")}
    return {}


async def _changed(
    desk: Looking,
    session: AsyncSession,
    form: DayReasonForm,
    wanted: SpecialDay | None,
    given: Mapping[str, str],
) -> Response:
    year = form.day.year
    try:
        value, last = wanted.value if wanted else None, form.last
        if last is None and (before := await newest(session, day_setting(form.day))) and before.value is None:
            last = before.id  # a day that was special once, and that nobody who adds it could have seen
        await set_day(session, desk.caller, desk.network, form.day, value, last=last, reason=form.reason, now=desk.now)
    except SettingMoved as problem:
        errors, kind = {"": problem.sentence()}, "day" if wanted else "gone"
        return await _shown(desk, session, year, day=form.day, form=kind, given=given, errors=errors, status_code=MOVED)
    return see(address(CALENDAR, {"year": year, "done": "day_set" if wanted else "day_removed"}))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


async def _shown(
    desk: Looking,
    session: AsyncSession,
    year: int,
    *,
    day: date | None = None,
    form: str = "",
    given: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status_code: int = FORM_AGAIN,
) -> HTMLResponse:
    calendar = desk.network.calendar
    last = await newest(session, day_setting(day)) if day else None
    there = calendar.special.get(day) if day else None
    of_day = {"day": day.isoformat(), "last": str(last.id) if last else ""} if day else {}
    if there:
        of_day |= {"kind": there.kind, "name_zh": there.name_zh or "", "name_en": there.name_en or ""}
    # Whoever was too late sees the new state and confirms onto that.
    typed_in = {**(given or {}), "last": of_day.get("last", "")} if form in {"day", "gone"} else {}
    context: dict[str, Any] = {
        "year": year,
        "years": sorted(calendar.announced | {desk.today.year, desk.today.year + 1} | {year}),
        "announced": year in calendar.announced,
        "days": [(each, kind) for each, kind in sorted(calendar.special.items()) if each.year == year],
        "day_kinds": DAY_KINDS,
        "workdays": workdays(calendar, year),
        "changeable": desk.may_change(CITY),
        "there": there,
        "of_day": of_day | typed_in,
        "form": form,
        "given": given or {},
        "errors": placed(errors or {}, form),
    }
    return desk.show("calendar.html", context, part=CALENDAR, status_code=status_code if errors else 200)
