"""A thing for staff: where it is, its chain, and the form of each step."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile

from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy, tr
from app.kit.problems import NotFound, Problem
from app.reception.errors import CustodyMoved
from app.reception.pages.frame import (
    FORM_AGAIN,
    HANDLE,
    MOVED_ON,
    READ,
    RECEPTION,
    AtStation,
    AtWork,
    Here,
    ThingCode,
    Typed,
    sentences,
)
from app.reception.queries import places_at
from app.reception.rules import COMES, READY, Action, Standing, steps_from, taken_in
from app.reception.schemas import LinkIn
from app.reception.service import MOST_PHOTOS
from app.reception.words import CONDITIONS, HAPPENED, VERBS
from app.reception.working import Shown
from app.requests.masking import contact_of
from app.requests.queries import Item
from app.requests.rules import State
from app.requests.words import state_tag
from app.stations.snapshot import StationFacts
from app.web.forms import judged, typed

router = Door(route_class=RetryingRoute)
ONE = f"{RECEPTION}/{{code}}/things/{{thing}}"
Verb = Annotated[str, Path(max_length=20)]
NO_DATE = lazy("Give the day as in a calendar, such as 2026-12-24.")
SENTENCES = {("due_back", code): NO_DATE for code in ("date_parsing", "date_from_datetime_parsing")}
FIELDS: Mapping[Action, tuple[str, ...]] = {
    Action.RECEIVE: ("condition", "words", "giver", "place", "photos"),
    Action.TAKE_IN: ("condition", "words", "giver", "place", "photos"),
    Action.RETURN: ("taker", "condition", "words", "photos"),
    Action.SEND_ON: ("taker", "due_back", "words", "photos"),
    Action.MOVE: ("place", "taker", "words"),
    Action.NOTE: ("condition", "words", "photos"),
}
"""What is asked for with each step, in the order of its form."""
TAKERS: Mapping[Action, LazyString] = {
    Action.RETURN: lazy("Who takes it"),
    Action.SEND_ON: lazy("To which institution"),
    Action.MOVE: lazy("Whose hands it goes into"),
}


@router.get(ONE, dependencies=[READ])
async def look(here: AtStation, thing: ThingCode, moved: str = "") -> HTMLResponse:
    """The thing; scanned before it was taken in, with the form that takes it in. Raises ThingUnknown."""
    return await thing_page(here, await here.at.thing(here.station, thing), moved=bool(moved))


@router.get(f"{ONE}/{{verb}}", dependencies=[HANDLE])
async def ask(here: AtStation, thing: ThingCode, verb: Verb) -> Response:
    """The form of a step; back to the thing where the step isn't possible any more."""
    shown, action = await here.at.thing(here.station, thing), action_of(verb)
    if action not in offered(here, shown):
        return here.see(f"/things/{shown.thing.code}", moved="on")
    return await step_page(here, shown, action)


@router.post(f"{ONE}/{{verb}}", dependencies=[HANDLE])
async def act(here: AtWork, thing: ThingCode, verb: Verb, sent: Typed) -> Response:
    """The step; then back to the lists, ready for the next label."""
    action = action_of(verb)
    shown = await here.at.thing(here.station, thing)
    code, given = shown.thing.code, typed(sent)
    link, errors = judged(LinkIn, given, SENTENCES)
    if link is not None:
        photos = [each for each in sent.getlist("photos") if isinstance(each, UploadFile) and each.filename]
        try:
            await here.at.custody(here.station).act(code, action, link.handover(), photos)
        except CustodyMoved:
            await here.at.session.rollback()
            return here.see(f"/things/{code}", moved="on")
        except Problem as problem:
            await here.at.session.rollback()
            errors = sentences(problem)
    if errors:
        return await step_page(here, await here.at.thing(here.station, code), action, sent, errors)
    return here.see(done=action.value, thing=code)


def action_of(verb: str) -> Action:
    """Raises NotFound."""
    name = verb.replace("-", "_")
    if name not in set(Action):
        raise NotFound
    return Action(name)


def offered(here: Here, shown: Shown) -> list[Action]:
    """What can be done with the thing at this station now, by whoever may."""
    thing, state = shown.thing, State(item_of(shown).status)
    if not here.may_handle or (thing.at_station_id not in (None, here.station.id)):
        return []
    found = [step.action for step in steps_from(Standing(thing.standing))]
    if thing.station_id != here.station.id or not (state in COMES or taken_in(state)):
        found = [action for action in found if action is not Action.RECEIVE]
    return found


def item_of(shown: Shown) -> Item:
    return next(item for item in shown.view.items if item.n == shown.thing.n)


def common(here: Here, shown: Shown) -> dict[str, Any]:
    item, stations = item_of(shown), here.at.network.station_by_id
    first = stations.get(shown.thing.at_station_id or 0)
    return {
        "thing": shown.thing,
        "item": item,
        "pieces": item.inputs.get("quantity"),
        "view": shown.view,
        "chain": list(reversed(shown.chain)),
        "at_station": first,
        "station_of": lambda station_id: stations[station_id],
        "elsewhere": first is not None and first.id != here.station.id,
        "item_tag": state_tag(State(item.status)),
        "ready": item.status in READY,
        "contact": contact_of(shown.view.request, masked=True),
        "verbs": {action.value: str(words) for action, words in VERBS.items()},
        "happened": {action.value: str(words) for action, words in HAPPENED.items()},
        "conditions": {condition.value: str(words) for condition, words in CONDITIONS.items()},
    }


async def thing_page(here: Here, shown: Shown, *, moved: bool = False) -> HTMLResponse:
    actions = offered(here, shown)
    taking_in = next((each for each in (Action.RECEIVE, Action.TAKE_IN) if each in actions), None)
    context = common(here, shown) | {
        "moved": str(MOVED_ON) if moved else "",
        "actions": [action.value for action in actions if action is not taking_in],
        "form": await form_context(here, shown, taking_in) if taking_in else None,
    }
    return here.show("thing.html", context)


async def step_page(
    here: Here, shown: Shown, action: Action, sent: FormData | None = None, errors: Mapping[str, str] | None = None
) -> HTMLResponse:
    form = await form_context(here, shown, action)
    context = common(here, shown) | {"form": form, "errors": errors or {}, "typed": typed(sent) if sent else None}
    return here.show("step.html", context, status_code=FORM_AGAIN if errors else 200)


async def form_context(here: Here, shown: Shown, action: Action) -> dict[str, Any]:
    """What the form of a step needs; `giver` and `taker` are whom it is likely to be."""
    holder = shown.thing.holder if action is Action.TAKE_IN else ""
    return {
        "action": action.value,
        "verb": str(VERBS[action]),
        "path": f"{here.path}/things/{shown.thing.code}/{action.replace('_', '-')}",
        "fields": FIELDS[action],
        "conditions": [(condition.value, str(words)) for condition, words in CONDITIONS.items()],
        "places": await places_at(here.at.session, here.station.id),
        "stations": _others(here.at.network.stations, here.station) if action is Action.SEND_ON else [],
        "giver": holder or "",
        "most_photos": MOST_PHOTOS,
        "optional_condition": action is Action.NOTE,
        "taker_label": str(TAKERS.get(action, "")),
        "early": action is Action.RETURN and item_of(shown).status not in READY,
    }


def _others(stations: tuple[StationFacts, ...], own: StationFacts) -> list[str]:
    """Names of the other stations of the county, to choose from."""
    return [tr(each, "name") for each in stations if each.county_adcode == own.county_adcode and each.id != own.id]
