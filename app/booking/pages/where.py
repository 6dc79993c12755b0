"""The second page: from where, then which station. Who may do it, who has time, and who was passed over and why."""

from fastapi import Response
from fastapi.responses import HTMLResponse
from pydantic import Field
from starlette.datastructures import FormData

from app.booking.choices import keep_time_if_it_fits, may_do
from app.booking.drafts import Origin
from app.booking.errors import Elsewhere
from app.booking.pages.frame import Wizard, WizardPage, WizardRoute, see
from app.booking.pages.typed import text, texts
from app.booking.places import Days, origin_label, points, question, routing_origin, town_choice
from app.booking.steps import Step
from app.kit.clock import local_date
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.geo import Crs
from app.kit.i18n import tr
from app.kit.problems import FieldError, Invalid
from app.kit.schemas import Strict
from app.kit.validation import validated
from app.requests.site_words import window_words
from app.routing.asked import tell
from app.routing.cards import cards
from app.routing.origins import origin_of_point, origin_of_town
from app.routing.queries import Answer, route
from app.routing.rules import Policy
from app.routing.words import POLICIES
from app.slots.queries import Availability
from app.slots.travel import ONSITE
from app.stations.directory import CurrentDirectory, Directory

router = Door(route_class=WizardRoute)
FEW, MANY = 5, 20
SITE = "site"
LONGEST_WORDS = 100


class Place(Strict):
    """A point as it is typed, or filled in by the browser or the map."""

    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    crs: Crs


@router.get("/book/{draft}/where")
async def where(wizard: Wizard, directory: CurrentDirectory) -> HTMLResponse:
    """The question where one is; once that is known, the stations. `change` asks again, `more` shows more of them."""
    wizard.guard(Step.WHERE)
    asked = wizard.request.query_params
    if wizard.data.mode == ONSITE and wizard.data.site is None:
        raise Elsewhere(wizard.path(SITE))
    if wizard.data.origin is None or "change" in asked or "find" in asked:
        return _ask(wizard, directory, {})
    return await _offer(wizard, directory, MANY if "more" in asked else FEW)


@router.post("/book/{draft}/where")
async def choose(wizard: Wizard, directory: CurrentDirectory, database: Hot) -> Response:
    """A place, another order, or a station."""
    wizard.guard(Step.WHERE)
    before = wizard.data.model_copy(deep=True)
    async with wizard.request.form() as form:
        try:
            chosen = _take(wizard, directory, form)
        except Invalid as problem:
            return await _refused(wizard, directory, form, problem)
    await keep_time_if_it_fits(database, wizard.data, before)
    await wizard.save()
    if not chosen:
        return see(wizard.path(Step.WHERE))
    day = text(form, "day")
    return see(f"{wizard.path(Step.WHEN)}?day={day}") if day.replace("-", "").isdigit() else wizard.onward()


def _take(wizard: WizardPage, directory: Directory, form: FormData) -> bool:
    """What was chosen; True when it is a station. Raises Invalid."""
    data = wizard.data
    if "station" in form:
        _take_station(wizard, text(form, "station"), texts(form, "covers"))
        return True
    if "policy" in form:
        data.policy = policy if (policy := text(form, "policy")) in set(Policy) else data.policy
    elif "town" in form:
        data.origin = _town(directory, text(form, "town"))
    else:
        data.origin = _point(form)
    return False


def _take_station(wizard: WizardPage, code: str, covers: list[str]) -> None:
    """A station that does everything, or the services that it was chosen for; the others are put aside.

    Raises Invalid.
    """
    data = wizard.data
    kept = [service for service in data.services if service in covers] if covers else data.services
    wanted = data.model_copy(update={"services": kept})
    if not kept or not may_do(wizard.network, wanted, code):
        raise Invalid(
            errors=[FieldError("", "station_unfit", "This station does not do this. Please choose another one.")]
        )
    aside = [service for service in data.services if service not in kept]
    data.station, data.services = code, kept
    data.later = [service for service in dict.fromkeys([*data.later, *aside]) if service not in kept]


def _town(directory: Directory, code: str) -> Origin:
    if not code:
        raise Invalid(errors=[FieldError("town", "missing", "Please choose your town from the list.")])
    found = origin_of_town(directory.atlas, code)
    return Origin(lon=found.lon, lat=found.lat, town=found.town)


def _point(form: FormData) -> Origin:
    typed = {name: text(form, name) for name in Place.model_fields}
    if not typed["lon"] and not typed["lat"]:
        raise Invalid(
            errors=[
                FieldError(
                    "lon", "missing", "Please use your position, click on the map, or choose your town from the list."
                )
            ]
        )
    place = validated(Place, typed)
    origin_of_point(place.lon, place.lat, place.crs)
    return Origin(lon=place.lon, lat=place.lat, crs=place.crs)


async def _refused(wizard: WizardPage, directory: Directory, form: FormData, problem: Invalid) -> HTMLResponse:
    """What was asked again, as it was filled in. Two faults of one point are one sentence."""
    by_sentence = {error.sentence(): error.field for error in reversed(problem.errors)}
    errors = {field: sentence for sentence, field in by_sentence.items()}
    if "station" in form and wizard.data.origin:
        return await _offer(wizard, directory, FEW, errors)
    typed = {name: text(form, name) for name in ("lon", "lat", "crs", "town")}
    return _ask(wizard, directory, errors, typed)


def _ask(
    wizard: WizardPage,
    directory: Directory,
    errors: dict[str, str],
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    origin = wizard.data.origin
    known = {"town": origin.town or "", "lon": "", "lat": "", "crs": "wgs84"} if origin else {}
    if origin and not origin.town:
        known |= {"lon": str(origin.lon), "lat": str(origin.lat), "crs": origin.crs}
    find = wizard.request.query_params.get("find", "").strip()[:LONGEST_WORDS]
    context = {
        "errors": errors,
        "typed": {"lon": "", "lat": "", "crs": "wgs84", "town": ""} | known | (typed or {}),
        "towns": town_choice(directory, find),
        "origin_known": origin is not None,
    }
    return wizard.show("booking/place.html", Step.WHERE, context, status_code=Invalid.status if errors else 200)


async def _offer(
    wizard: WizardPage, directory: Directory, limit: int, errors: dict[str, str] | None = None
) -> HTMLResponse:
    data = wizard.data
    answer = await _answer(wizard, directory, limit)
    found = cards(wizard.network, answer)
    context = {
        "errors": errors or {},
        "found": found,
        "points": points(
            [card.station for card in found.cards] + [row.station for row in found.passed_over], ranked=len(found.cards)
        ),
        "map_lon": answer.question.origin.point.lon,
        "map_lat": answer.question.origin.point.lat,
        "place": origin_label(data.origin, directory.atlas) if data.origin else "",
        "window": data.site and window_words(data.site.first_day, data.site.last_day, data.site.part_of_day),
        "policies": POLICIES.items(),
        "unfit": _unfit(wizard),
        "may_be_more": limit == FEW and len(found.cards) == FEW,
    }
    return wizard.show("booking/where.html", Step.WHERE, context, status_code=Invalid.status if errors else 200)


async def _answer(wizard: WizardPage, directory: Directory, limit: int) -> Answer:
    state = wizard.request.app.state
    availability: Availability = state.availability
    origin = wizard.data.origin
    if origin is None:
        raise ValueError("a place is asked for first")
    when = Days(local_date(wizard.now), availability.farthest(wizard.network) + 1, limit)
    asked = question(
        wizard.network,
        wizard.data,
        routing_origin(origin, directory.atlas),
        when,
        state.settings.booking.reach_km,
    )
    answer = await route(wizard.network, availability, asked, wizard.now)
    tell(state.questions, wizard.network, answer, wizard.now)
    return answer


def _unfit(wizard: WizardPage) -> str:
    """The name of a station that was chosen before and can't do it (any more)."""
    network, code = wizard.network, wizard.data.station
    if not code or may_do(network, wizard.data, code) or code not in network.station_index:
        return ""
    return tr(network.stations[network.station_index[code]], "name")
