"""The deadlines: all rules in force, which of them wins for a case, and a new one."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from app.catalogue.labels import MODES
from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.policy.amounts import judged_number
from app.policy.forms import SENTENCES, DeadlineForm
from app.policy.pages.frame import CHANGE, FEW_STATIONS, FORM_AGAIN, PATH, READ, Looking, first_value, see
from app.policy.queries import Entry, in_force
from app.policy.reach import scopes_seen
from app.policy.rules import Allowance, Clock, DeadlineKey, Kind, Level, Setting, deadline_key
from app.policy.snapshot import CurrentPolicy, Policy
from app.policy.words import CLOCK_HINTS, CLOCKS, about_words, source_sentence
from app.stations.facts import ServiceFacts
from app.web.forms import judged, typed

router = Door(route_class=RetryingRoute)
NEW = f"{PATH}/deadlines/new"
Desk = Annotated[Looking, Depends()]


@router.get(PATH, dependencies=[READ])
async def deadlines_page(desk: Desk, session: Reading, policy: CurrentPolicy) -> HTMLResponse:
    """The rules in force, as many as concern the caller, and a form that says which rule counts for a case."""
    entries = await in_force(session, Kind.DEADLINE, scopes_seen(desk.caller, desk.network))
    asked = {name: desk.request.query_params.get(name, "") for name in ("service", "mode", "station")}
    answers, errors = _tried(desk, policy, asked) if any(asked.values()) else ([], {})
    context = {
        "clocks": [
            (str(words), str(CLOCK_HINTS[code]), [_row(desk, each) for each in _ordered(entries, code)])
            for code, words in CLOCKS.items()
        ],
        "asked": asked,
        "answers": answers,
        "errors": errors,
        "may_add": bool(desk.choices()["places"] or desk.choices()["station_groups"] != []),
        **_options(desk),
        "tried_stations": _stations(desk),
    }
    return desk.show("deadlines.html", context, part=PATH, status_code=FORM_AGAIN if errors else 200)


def _ordered(entries: Iterable[Entry], clock: str) -> list[Entry]:
    """The rules of a clock, the weakest first, as a reader adds exceptions to what holds for all."""
    levels = list(Level)
    mine = [each for each in entries if deadline_key(each.setting.key).clock == clock]
    return sorted(mine, key=lambda each: (levels.index(each.place.level), each.place.id, each.setting.key))


def _row(desk: Looking, entry: Entry) -> Mapping[str, Any]:
    days = int((entry.value or {})["days"])
    due, provisional = desk.network.calendar.add_workdays(desk.today, days)
    return {
        **desk.line(entry),
        "about": about_words(entry.setting.key, desk.catalogue),
        "due": due,
        "provisional": provisional,
        "changeable": desk.may_change(entry.place),
    }


def _options(desk: Looking) -> Mapping[str, Any]:
    return {
        "clock_options": [(code.value, str(CLOCKS[code])) for code in Clock],
        "category_options": [(each.code, tr(each, "name")) for each in desk.catalogue.categories],
        "service_options": [(each.code, f"{each.code} {tr(each, 'name')}") for each in desk.catalogue.offered],
        "mode_options": [(code, str(words)) for code, words in MODES.items()],
    }


def _stations(desk: Looking) -> list[tuple[str, str]] | None:
    stations = [(each.code, tr(each, "name")) for each in desk.network.stations if each.active]
    return stations if len(stations) <= FEW_STATIONS else None


def _tried(desk: Looking, policy: Policy, asked: Mapping[str, str]) -> tuple[list[Mapping[str, Any]], dict[str, str]]:
    """What each clock allows in the case that was asked about, with the rule that says so."""
    service, station = _service(desk, asked["service"]), desk.station(asked["station"])
    errors: dict[str, str] = {}
    if service is None:
        errors["service"] = _("Choose a service.")
    if station is None:
        errors["station"] = _("Choose a station.")
    if asked["mode"] not in MODES:
        errors["mode"] = _("Choose where the service is done.")
    if errors or service is None or station is None:
        return [], errors
    return [
        _answer(desk, str(words), policy.allowance(code, service, asked["mode"], station))
        for code, words in ((code, CLOCKS[code]) for code in Clock)
    ], {}


def _answer(desk: Looking, words: str, found: Allowance | None) -> Mapping[str, Any]:
    if found is None:
        return {"clock": words, "days": None}
    due, provisional = desk.network.calendar.add_workdays(desk.today, found.days)
    why = source_sentence(found.source)
    return {"clock": words, "days": found.days, "why": why, "due": due, "provisional": provisional}


def _service(desk: Looking, code: str) -> ServiceFacts | None:
    index = desk.network.service_index.get(code)
    return None if index is None else desk.network.services[index]


@router.get(NEW, dependencies=[CHANGE])
async def new_deadline(desk: Desk) -> HTMLResponse:
    return _form(desk, {}, {})


@router.post(NEW, dependencies=[CHANGE])
async def make_deadline(request: Request, desk: Desk, session: Writing) -> Response:
    """A rule about what there is no rule yet; where there is one, its page is named."""
    given = typed(await request.form())
    form, errors = judged(DeadlineForm, given, SENTENCES)
    if form is None:
        return _form(desk, given, errors)
    setting, wrong = _setting(desk, form)
    if setting is None:
        return _form(desk, given, wrong)
    value, error = judged_number(setting, form.number, "")
    if error:
        return _form(desk, given, {"number": error})
    there = await first_value(session, desk, setting, value, form.reason)
    if there is None:
        return see(PATH, "set")
    sentence = _("There is a rule about exactly this already. Change that one instead.")
    return _form(desk, given, {"": sentence}, there=there)


def _setting(desk: Looking, form: DeadlineForm) -> tuple[Setting | None, Mapping[str, str]]:
    place, errors = desk.place(form)
    wrong = dict(errors)
    if form.category and form.service:
        wrong["service"] = _("Choose a category or a service, not both.")
    elif form.service and form.service not in desk.network.service_index:
        wrong["service"] = _("Choose a service.")
    if form.category and form.category not in desk.catalogue.category_by_code:
        wrong["category"] = _("Choose a category.")
    if wrong or place is None:
        return None, wrong
    key = DeadlineKey(form.clock, form.service or None, form.category or None, form.mode or None)
    return Setting(place, Kind.DEADLINE, key.text), {}


def _form(
    desk: Looking, given: Mapping[str, str], errors: Mapping[str, str], *, there: int | None = None
) -> HTMLResponse:
    context = {"given": given, "errors": errors, "there": there, **_options(desk), **desk.choices()}
    return desk.show("deadline_new.html", context, part=PATH, status_code=FORM_AGAIN if errors else 200)
