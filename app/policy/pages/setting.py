"""One setting: its value in force, all that it was, and changing it, taking it away, or going back.

The address names the change that whoever looks has seen in force. Who posts to it after somebody else has changed
the setting is shown the new state, with what was typed, and confirms it there or not.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.policy.amounts import judged_number, number_field
from app.policy.calendar import set_day
from app.policy.errors import SettingMoved, SettingUnknown
from app.policy.forms import SENTENCES, NumberForm, ReasonForm
from app.policy.pages.frame import CHANGE, FORM_AGAIN, MOVED, PATH, READ, Looking, see
from app.policy.queries import Entry, find, history_of
from app.policy.reach import sees
from app.policy.rules import Kind, Level, Setting, number_of
from app.policy.service import change
from app.web.forms import judged, placed, typed

router = Door(route_class=RetryingRoute)
ONE = f"{PATH}/changes/{{change_id}}"
NUMBERS = frozenset({Kind.DEADLINE, Kind.BOOKING})
PARTS_OF = {Kind.CALENDAR: f"{PATH}/calendar", Kind.BOOKING: f"{PATH}/booking", Kind.TEXT: f"{PATH}/texts"}
Desk = Annotated[Looking, Depends()]
ChangeId = Annotated[int, Path(ge=1, lt=2**63)]


@router.get(ONE, dependencies=[READ])
async def setting_page(desk: Desk, change_id: ChangeId, session: Reading) -> HTMLResponse:
    return await _shown(desk, session, await _seen(desk, session, change_id))


@router.post(ONE, dependencies=[CHANGE])
async def set_number(request: Request, desk: Desk, change_id: ChangeId, session: Writing) -> Response:
    entry = await _seen(desk, session, change_id)
    given = typed(await request.form())
    form, errors = judged(NumberForm, given, SENTENCES)
    if form and entry.setting.kind in NUMBERS:
        value, error = judged_number(entry.setting, form.number, form.unit)
        if not error and number_of(value) == number_of(entry.value):
            error = _("That is the number already.")
        if not error:
            return await _changed(desk, session, entry, value, given=given, done="set")
        errors = {"number": error}
    return await _shown(desk, session, entry, form="set", given=given, errors=errors)


@router.post(f"{ONE}/remove", dependencies=[CHANGE])
async def remove(request: Request, desk: Desk, change_id: ChangeId, session: Writing) -> Response:
    """Take the setting away: from then on what is more general holds."""
    entry = await _seen(desk, session, change_id)
    given = typed(await request.form())
    form, errors = judged(ReasonForm, given, SENTENCES)
    if form is None or entry.value is None or entry.setting.kind not in NUMBERS:
        return await _shown(desk, session, entry, form="removed", given=given, errors=errors)
    return await _changed(desk, session, entry, None, given=given, done="removed")


@router.post(f"{ONE}/restore/{{earlier_id}}", dependencies=[CHANGE])
async def restore(
    request: Request, desk: Desk, change_id: ChangeId, earlier_id: ChangeId, session: Writing
) -> Response:
    """The value of an earlier change again, as a new change."""
    entry = await _seen(desk, session, change_id)
    earlier = await _seen(desk, session, earlier_id)
    if earlier.setting != entry.setting or not _restorable(desk, entry.setting):
        raise SettingUnknown
    given = typed(await request.form())
    form, errors = judged(ReasonForm, given, SENTENCES)
    if form is None:
        return await _shown(desk, session, entry, form=f"restored{earlier_id}", given=given, errors=errors)
    return await _changed(desk, session, entry, earlier.value, given=given, done="restored")


async def _seen(desk: Looking, session: AsyncSession, change_id: int) -> Entry:
    """The change, if its place is one that the caller sees. Raises SettingUnknown."""
    entry = await find(session, change_id)
    if entry is None or not sees(desk.caller, entry.place, desk.network):
        raise SettingUnknown
    return entry


def _restorable(desk: Looking, setting: Setting) -> bool:
    """Whether an earlier value can be had again; a day only in a year that is announced, a year is announced anew."""
    year, day, _rest = setting.key.partition("-")
    if setting.kind is Kind.CALENDAR:
        return bool(day) and int(year) in desk.network.calendar.announced
    return setting.kind in NUMBERS | {Kind.TEXT}


async def _changed(
    desk: Looking,
    session: AsyncSession,
    entry: Entry,
    value: Mapping[str, Any] | None,
    *,
    given: Mapping[str, str],
    done: str,
) -> Response:
    reason = ReasonForm.model_validate(given).reason
    caller, network, setting, last, now = desk.caller, desk.network, entry.setting, entry.id, desk.now
    try:
        if setting.kind is Kind.CALENDAR:
            day = date.fromisoformat(setting.key)
            made = await set_day(session, caller, network, day, value, last=last, reason=reason, now=now)
        else:
            made = await change(session, caller, network, setting, value, last=last, reason=reason, now=now)
    except SettingMoved as problem:
        return await _shown(
            desk, session, entry, form=done, given=given, errors={"": problem.sentence()}, status_code=MOVED
        )
    return see(f"{PATH}/changes/{made}", done)


async def _shown(
    desk: Looking,
    session: AsyncSession,
    entry: Entry,
    *,
    form: str = "",
    given: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status_code: int = FORM_AGAIN,
) -> HTMLResponse:
    history = await history_of(session, entry.setting)
    current = history[0]
    mine = (given or {}) if form == "set" else {}
    changeable = desk.may_change(entry.place) and entry.setting.kind in NUMBERS
    context: dict[str, Any] = {
        "here": desk.line(current),
        "current": current,
        "number": number_of(current.value),
        "field": number_field(entry.setting, current.value, mine) if changeable else None,
        "due": None,
        "provisional": False,
        "history": [desk.line(each) for each in history],
        "changeable": changeable,
        "restorable": desk.may_change(entry.place) and _restorable(desk, entry.setting),
        "text_path": _text_path(desk, entry.setting),
        "form": form,
        "given": given or {},
        "errors": placed(errors or {}, form),
    }
    if entry.setting.kind is Kind.DEADLINE and current.value:
        days = number_of(current.value) or 0
        context["due"], context["provisional"] = desk.network.calendar.add_workdays(desk.today, days)
    part = PARTS_OF.get(entry.setting.kind, PATH)
    return desk.show("setting.html", context, part=part, status_code=status_code if errors else 200)


def _text_path(desk: Looking, setting: Setting) -> str:
    """The page on which an own text is written; empty for other settings."""
    if setting.kind is not Kind.TEXT:
        return ""
    station = None if setting.place.level is Level.NETWORK else desk.network.station_by_id.get(int(setting.place.id))
    return f"{PATH}/texts/{setting.key}?station={station.code if station else ''}"
