"""The third page: a day, a time; choosing one keeps it for some minutes."""

from dataclasses import replace
from datetime import date, datetime

from fastapi import Response
from fastapi.responses import HTMLResponse

from app.booking.choices import give_back, may_do
from app.booking.days import Diary, day_of, diary
from app.booking.drafts import Held
from app.booking.errors import Elsewhere
from app.booking.onsite import Trip, in_part, trip, window
from app.booking.pages.frame import Wizard, WizardPage, WizardRoute
from app.booking.pages.typed import text
from app.booking.places import Days, question, routing_origin
from app.booking.steps import Step, chosen, kept, put_aside
from app.kit.clock import LOCAL, local_date
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.geo import Point
from app.kit.i18n import gettext as _
from app.kit.problems import FieldError, Invalid, Problem
from app.requests.site_words import way_words, window_words
from app.routing.cards import Card, cards
from app.routing.queries import route
from app.routing.rules import Policy
from app.slots.queries import Availability
from app.slots.rules import State, Terms
from app.slots.service import Holds, Wish, handle
from app.slots.travel import ONSITE
from app.stations.snapshot import StationFacts

router = Door(route_class=WizardRoute)
OTHERS = 3


@router.get("/book/{draft}/when")
async def when(wizard: Wizard) -> HTMLResponse:
    """The times of the day named by `day`, else of the first day that has some."""
    _guard(wizard)
    asked = wizard.request.query_params.get("day", "")
    errors = [("", _("That day can't be booked. These days can."))] if asked and not _day(wizard, asked) else []
    return await _page(wizard, asked, errors, status_code=Invalid.status if errors else 200)


@router.post("/book/{draft}/when")
async def choose(wizard: Wizard, database: Hot) -> Response:
    """Keep the time. The one that was kept before is given back when this one is certain, not sooner."""
    _guard(wizard)
    async with wizard.request.form() as form:
        typed = text(form, "start")
    try:
        await _keep(wizard, database, _start(typed))
    except Problem as problem:
        return await _refused(wizard, typed, problem)
    return wizard.onward()


def _guard(wizard: WizardPage) -> None:
    """Raises Elsewhere also when the station can't do it any more."""
    wizard.guard(Step.WHEN)
    if not may_do(wizard.network, wizard.data, wizard.data.station or ""):
        raise Elsewhere(wizard.path(Step.WHERE))


def _start(typed: str) -> datetime:
    """Raises Invalid."""
    try:
        start = datetime.fromisoformat(typed)
        if start.tzinfo is not None:
            return start
    except ValueError:
        pass  # the same answer
    raise Invalid(errors=[FieldError("", "start_unusable", "Please choose one of the times below.")])


async def _keep(wizard: WizardPage, database: Hot, start: datetime) -> None:
    """Raises what Holds.hold raises, and TooMany."""
    data, client, state = wizard.data, wizard.draft.client, wizard.request.app.state
    if data.held and kept(data.held, wizard.now) and data.held.start == start:
        return
    await state.rates.count(client, "hold", wizard.now)
    holds: Holds = state.holds
    way = await _trip(wizard)
    wish = Wish(data.station or "", tuple(data.services), data.mode or "", start, way.point if way else None)
    held = await holds.hold(wish, client, handle(client, None, state.settings.secret_key), wizard.now)
    await give_back(database, data)
    data.held = Held(
        hold_id=held.hold_id,
        hold_token=held.hold_token,
        start=held.start,
        end=held.end,
        expires_at=held.expires_at,
        travel_min=held.travel_min,
    )
    await wizard.save()


async def _refused(wizard: WizardPage, typed: str, problem: Problem) -> HTMLResponse:
    """The same page with what happened, at the same day, and the next times there."""
    errors = [("", error.sentence()) for error in problem.errors] or [("", problem.sentence())]
    next_starts = [datetime.fromisoformat(start) for start in problem.data.get("next_starts", ())]
    return await _page(wizard, typed[:10], errors, next_starts=next_starts, status_code=problem.status)


def _terms(wizard: WizardPage) -> Terms:
    availability: Availability = wizard.request.app.state.availability
    return availability.terms(wizard.network, wizard.network.station_index[wizard.data.station or ""])


def _horizon(wizard: WizardPage) -> int:
    return _terms(wizard).horizon_days + 1


def _day(wizard: WizardPage, asked: str) -> date | None:
    return day_of(asked, *window(wizard.data, local_date(wizard.now), _horizon(wizard)))


async def _page(
    wizard: WizardPage,
    asked: str,
    errors: list[tuple[str, str]],
    *,
    next_starts: list[datetime] | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    data, way = wizard.data, await _trip(wizard)
    diary = await _diary(wizard, asked, way.point if way else None)
    others = [] if diary.selected.state is State.OPEN else await _elsewhere(wizard, diary)
    context = {
        "errors": errors,
        "diary": diary,
        "station": _station(wizard),
        "trip": way and way_words(way.travel, way.way),
        "window": data.site and window_words(data.site.first_day, data.site.last_day, data.site.part_of_day),
        "hold_min": _terms(wizard).hold_min,
        "total_min": sum(service.duration_min for service in chosen(data, wizard.catalogue)),
        "held": data.held if kept(data.held, wizard.now) else None,
        "lost": data.held if data.held and not kept(data.held, wizard.now) else None,
        "next_step": wizard.path(wizard.open_step),
        "next_starts": [start.astimezone(LOCAL) for start in next_starts or []],
        "others": others,
        "later": put_aside(data, wizard.catalogue),
    }
    return wizard.show("booking/when.html", Step.WHEN, context, status_code=status_code)


def _station(wizard: WizardPage) -> StationFacts:
    network = wizard.network
    return network.stations[network.station_index[wizard.data.station or ""]]


async def _trip(wizard: WizardPage) -> Trip | None:
    """On site the way from the station to there."""
    if wizard.data.mode != ONSITE:
        return None
    directory = await wizard.request.app.state.directory.current()
    return trip(wizard.data, directory.atlas, _station(wizard))


async def _diary(wizard: WizardPage, asked: str, site: Point | None) -> Diary:
    """On site only when somebody is there."""
    availability: Availability = wizard.request.app.state.availability
    network, data = wizard.network, wizard.data
    first, count = window(data, local_date(wizard.now), _horizon(wizard))
    days = await availability.days(
        network,
        network.station_index[data.station or ""],
        [network.service_index[code] for code in data.services],
        mode=data.mode or "",
        first=first,
        days=count,
        now=wizard.now,
        site=site,
    )
    return diary(in_part(days, data), _day(wizard, asked), wizard.path(Step.WHEN))


async def _elsewhere(wizard: WizardPage, diary: Diary) -> tuple[Card, ...]:
    """The nearest other stations that have time on the day that is looked at, when it is known from where."""
    data, state = wizard.data, wizard.request.app.state
    if data.origin is None:
        return ()
    atlas = (await state.directory.current()).atlas
    days = Days(diary.selected.date, 1, OTHERS)
    origin = routing_origin(data.origin, atlas)
    asked = question(wizard.network, data, origin, days, state.settings.booking.reach_km)
    answer = await route(wizard.network, state.availability, replace(asked, policy=Policy.NEAREST), wizard.now)
    return tuple(card for card in cards(wizard.network, answer).cards if not card.missing)
