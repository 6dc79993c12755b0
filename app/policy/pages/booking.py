"""The rules of booking: every value that is set and by whom, which one counts at a station, and a new one."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.policy.amounts import HINTS, NAMES, judged_number, number_field, rule_words
from app.policy.booking import Rule, booking_setting
from app.policy.errors import SettingUnknown
from app.policy.forms import SENTENCES, BookingForm
from app.policy.pages.frame import CHANGE, FEW_STATIONS, FORM_AGAIN, PATH, READ, Looking, first_value, see
from app.policy.queries import Entry, in_force
from app.policy.reach import scopes_seen
from app.policy.rules import Kind, Level, Place
from app.policy.snapshot import CurrentPolicy, Policy
from app.policy.words import source_sentence
from app.stations.snapshot import StationFacts
from app.web.forms import judged, typed

router = Door(route_class=RetryingRoute)
BOOKING = f"{PATH}/booking"
NEW = f"{BOOKING}/{{key}}/new"
Desk = Annotated[Looking, Depends()]


def rule_of(key: str) -> Rule:
    """The rule that an address names. Raises SettingUnknown."""
    if key not in set(Rule):
        raise SettingUnknown
    return Rule(key)


OneRule = Annotated[Rule, Depends(rule_of)]


@router.get(BOOKING, dependencies=[READ])
async def booking_page(desk: Desk, session: Reading, policy: CurrentPolicy) -> HTMLResponse:
    """What is set, as far as it concerns the caller; and what counts at one station."""
    entries = await in_force(session, Kind.BOOKING, scopes_seen(desk.caller, desk.network))
    options = desk.choices()
    asked = desk.request.query_params.get("station", "") or _only(desk)
    station = desk.station(asked)
    errors = {"station": _("Choose a station.")} if asked and station is None else {}
    context = {
        "rules": [
            (rule.value, str(NAMES[rule]), str(HINTS[rule]), _default(desk, rule), list(_rows(desk, entries, rule)))
            for rule in Rule
        ],
        "asked": asked,
        "station": tr(station, "name") if station else "",
        "answers": _counts(desk, policy, station) if station else [],
        "errors": errors,
        "may_add": bool(options["places"] or options["station_groups"] != []),
        "tried_stations": _stations(desk),
    }
    return desk.show("booking.html", context, part=BOOKING, status_code=FORM_AGAIN if errors else 200)


def _default(desk: Looking, rule: Rule) -> Mapping[str, str]:
    """What the installation says in its environment."""
    return {"value": rule_words(rule, desk.default(rule)), "variable": f"ONESTOP_{rule.value.upper()}"}


def _rows(desk: Looking, entries: Iterable[Entry], rule: Rule) -> Iterable[Mapping[str, Any]]:
    """The values of a rule, the widest first, stations by their codes."""
    levels, codes = list(Level), {str(each.id): each.code for each in desk.network.stations}
    mine = [each for each in entries if each.setting.key == rule]
    for entry in sorted(mine, key=lambda each: (levels.index(each.place.level), codes.get(each.place.id, ""))):
        yield {**desk.line(entry), "changeable": desk.may_change(entry.place)}


def _only(desk: Looking) -> str:
    """The code of the station of somebody who works at one alone."""
    mine = [each.code for each in desk.network.stations if desk.may_change(Place(Level.STATION, str(each.id)))]
    return mine[0] if len(mine) == 1 else ""


def _stations(desk: Looking) -> list[tuple[str, str]] | None:
    stations = [(each.code, tr(each, "name")) for each in desk.network.stations if each.active]
    return stations if len(stations) <= FEW_STATIONS else None


def _counts(desk: Looking, policy: Policy, station: StationFacts) -> list[Mapping[str, str]]:
    """Which value of each rule counts at a station, and who says so."""
    found = policy.booking.at(station.county_adcode, station.id)
    answers: list[Mapping[str, str]] = []
    for rule in Rule:
        mine = found.get(rule)
        value = rule_words(rule, mine.number if mine else desk.default(rule))
        why = source_sentence(mine.place.level) if mine else _("As the portal is installed")
        answers.append({"rule": str(NAMES[rule]), "value": value, "why": why})
    return answers


@router.get(NEW, dependencies=[CHANGE])
async def new_value(desk: Desk, rule: OneRule) -> HTMLResponse:
    return _form(desk, rule, {}, {})


@router.post(NEW, dependencies=[CHANGE])
async def set_value(request: Request, desk: Desk, rule: OneRule, session: Writing) -> Response:
    """A value for a place that has none of its own yet; where there is one, its page is named."""
    given = typed(await request.form())
    form, errors = judged(BookingForm, given, SENTENCES)
    if form is None:
        return _form(desk, rule, given, errors)
    place, wrong = desk.place(form)
    setting = booking_setting(place or Place(Level.NETWORK), rule)
    value, error = judged_number(setting, form.number, form.unit)
    if place is None or error:
        return _form(desk, rule, given, {**wrong, **({"number": error} if error else {})})
    there = await first_value(session, desk, setting, value, form.reason)
    if there is None:
        return see(BOOKING, "set")
    return _form(
        desk, rule, given, {"": _("There is a value for exactly this already. Change that one instead.")}, there
    )


def _form(
    desk: Looking, rule: Rule, given: Mapping[str, str], errors: Mapping[str, str], there: int | None = None
) -> HTMLResponse:
    setting = booking_setting(Place(Level.NETWORK), rule)
    context = {
        "rule": rule.value,
        "name": str(NAMES[rule]),
        "field": number_field(setting, {"number": desk.default(rule)}, given),
        "given": given,
        "errors": errors,
        "there": there,
        **desk.choices(),
    }
    return desk.show("booking_new.html", context, part=BOOKING, status_code=FORM_AGAIN if errors else 200)
