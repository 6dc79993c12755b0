"""The kiosk's own pages: by touch, by keys or with a scanner, in both languages, also without scripts while online."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field, ValidationError
from starlette.datastructures import FormData

from app.hall.arriving import reference_in
from app.hall.asked import letter_of, offered
from app.hall.errors import AlreadyIn, Exhausted, HallClosed, HallHalted, OtherDay, OtherStation
from app.hall.kiosk.errors import StationShut
from app.hall.kiosk.queries import exhausted
from app.hall.kiosk.schemas import HIGHEST
from app.hall.kiosk.standing import AtKiosk, Kiosk, KioskAtWork, Working
from app.hall.offers import PRIORITIES
from app.hall.pages.frame import Typed, sentences, text_of, texts_of
from app.hall.pages.tickets import qr_code, ticket_url
from app.hall.queries import ticket_of
from app.hall.rules.states import Priority, State
from app.hall.schemas import MOST_SERVICES
from app.hall.waits import counters_of
from app.kit.clock import local_date
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import current_locale, lazy, tr
from app.kit.ids import ALPHABET
from app.kit.problems import FieldError, Invalid, NotFound, Problem, TooMany
from app.web.assets import STATIC
from app.web.templating import page

router = Door(route_class=RetryingRoute)
SEE_OTHER, FORM_AGAIN = 303, 422
SECRET = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
WORKER = STATIC / "js" / "kiosk-worker.js"
OWN_PRIORITIES = (Priority.NONE, Priority.ELDERLY, Priority.DISABLED)
NO_SERVICE = lazy("Please choose what you have come for.")
TOO_MANY = lazy("Please choose at most {most} at once; the staff add more at the desk.")
NONE_LEFT = lazy("All tickets of today for “{name}” are given out. Please choose something else, or ask the staff.")
NO_REFERENCE = lazy("Please scan the code of your confirmation, or type your reference.")
NOT_HERE_TODAY = lazy(
    "This booking is not for today at this station. Please look at your confirmation, or ask the staff."
)
NOT_POSSIBLE = lazy("You can't be checked in with this reference here. Please ask the staff.")
HAS_TICKET = lazy("This booking has its ticket already: {number}.")


@router.get("/kiosk/worker.js")
async def worker() -> Response:
    """The service worker: served from here, so that its scope is the kiosks and nothing else."""
    return Response(WORKER.read_bytes(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/kiosk/{secret}")
async def start(kiosk: AtKiosk) -> HTMLResponse:
    """A ticket, or an appointment."""
    return start_page(kiosk)


@router.get("/kiosk/{secret}/new")
async def new(kiosk: AtKiosk) -> HTMLResponse:
    return await new_page(kiosk)


@router.post("/kiosk/{secret}/new")
async def give(kiosk: Working, typed: Typed) -> Response:
    """The ticket, or the page with what is wrong."""
    try:
        ticket = await kiosk.give(wanted(typed), priority_of(typed), printed_of(typed))
    except Problem as problem:
        await kiosk.session.rollback()
        return await new_page(kiosk, typed, {"service_codes": why_not(kiosk, problem)})
    return to_ticket(kiosk, ticket.id)


@router.get("/kiosk/{secret}/arrive")
async def arrive(kiosk: AtKiosk) -> HTMLResponse:
    return arrive_page(kiosk)


@router.post("/kiosk/{secret}/arrive")
async def check_in(kiosk: Working, typed: Typed) -> Response:
    """The ticket of whoever has an appointment today, or why there is none: nothing of the booking is shown."""
    try:
        reference = reference_in(text_of(typed, "reference"))
        if not reference:
            raise Invalid(errors=[FieldError("reference", "required", NO_REFERENCE.msgid)])
        ticket = await kiosk.check_in(reference)
    except Problem as problem:
        await kiosk.session.rollback()
        return arrive_page(kiosk, text_of(typed, "reference", 40), {"reference": why_not(kiosk, problem)})
    return to_ticket(kiosk, ticket.id)


@router.get("/kiosk/{secret}/tickets/{ticket_id}")
async def ticket(kiosk: AtKiosk, ticket_id: Annotated[UUID, Path()]) -> HTMLResponse:
    """The number, large, and how long it will take. Raises NotFound, also for one of another day or station."""
    line = await ticket_of(kiosk.database, ticket_id)
    if line is None or line.station_id != kiosk.station.id or line.day != local_date(kiosk.now):
        raise NotFound
    standing = await counters_of(kiosk.request).of(kiosk.station, kiosk.network, kiosk.now)
    before = next((n for n, each in enumerate(standing.board.waiting) if each.id == line.id), None)
    context = {
        "line": line,
        "services": [kiosk.network.service_by_id[each] for each in line.service_ids],
        "before": before if line.state is State.WAITING else None,
        "wait": standing.waits.get(line.id),
        "qr": qr_code(ticket_url(kiosk.request, line.id)),
    }
    return show(kiosk, "ticket", context)


@router.get("/kiosk/{secret}/paper")
async def paper(kiosk: AtKiosk) -> HTMLResponse:
    """A ticket that the kiosk has given out by itself: the page is kept in the browser, and filled in there."""
    return show(kiosk, "paper", {})


def show(kiosk: Kiosk, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
    base = f"/kiosk/{kiosk.request.path_params['secret']}"
    own = {"station": kiosk.station, "device": kiosk.device, "base": base, "errors": {}, "closed": "", "at": name}
    return page(kiosk.request, f"hall/kiosk_{name}.html", own | dict(context), status_code=status_code, headers=SECRET)


def start_page(kiosk: Kiosk) -> HTMLResponse:
    """What there is to choose; or why nothing is given out, and when that is next."""
    why = "down" if not kiosk.station.active else "halted" if kiosk.halted else "today"
    context = {
        "closed": "" if kiosk.open else why,
        "walk_ins": kiosk.takes_walk_ins,
        "opens_next": kiosk.opening().opens_next,
    }
    return show(kiosk, "start", context)


async def new_page(
    kiosk: Kiosk, typed: FormData | None = None, errors: Mapping[str, str] | None = None
) -> HTMLResponse:
    if not kiosk.takes_walk_ins:
        return start_page(kiosk)
    none_left = await exhausted(kiosk.database, kiosk.station.id, kiosk.now)
    by_category: dict[str, list[Any]] = {}
    for service in offered(kiosk.network, kiosk.station, local_date(kiosk.now)):
        by_category.setdefault(service.category, []).append((service, letter_of(service), service.id in none_left))
    context = {
        "categories": dict(sorted(by_category.items(), key=lambda each: each[1][0][1])),
        "chosen": texts_of(typed, "service_codes") if typed else [],
        "priority": text_of(typed, "priority", 20) if typed else Priority.NONE.value,
        "priorities": [(each.value, str(PRIORITIES[each])) for each in OWN_PRIORITIES],
        "errors": errors or {},
    }
    return show(kiosk, "new", context, status_code=FORM_AGAIN if errors else 200)


def arrive_page(kiosk: Kiosk, reference: str = "", errors: Mapping[str, str] | None = None) -> HTMLResponse:
    if not kiosk.open:
        return start_page(kiosk)
    context = {"reference": reference, "errors": errors or {}, "keys": [*ALPHABET, "-"]}
    return show(kiosk, "arrive", context, status_code=FORM_AGAIN if errors else 200)


def to_ticket(kiosk: KioskAtWork, ticket_id: UUID) -> RedirectResponse:
    secret = kiosk.request.path_params["secret"]
    return RedirectResponse(f"/kiosk/{secret}/tickets/{ticket_id}?lang={current_locale()}", SEE_OTHER, SECRET)


def wanted(typed: FormData) -> list[str]:
    """The codes of the services that were chosen. Raises Invalid."""
    codes = texts_of(typed, "service_codes")
    if not codes:
        raise Invalid(errors=[FieldError("service_codes", "required", NO_SERVICE.msgid)])
    if len(codes) > MOST_SERVICES:
        raise Invalid(errors=[FieldError("service_codes", "too_many", TOO_MANY.msgid, {"most": MOST_SERVICES})])
    return codes


def priority_of(typed: FormData) -> Priority:
    """What people may say of themselves; anything else counts as nothing."""
    said = text_of(typed, "priority", 20)
    return next((each for each in OWN_PRIORITIES if each.value == said), Priority.NONE)


class PrintedIn(BaseModel):
    """What the kiosk's script adds to the form: the id and the number that it has for the ticket."""

    ticket_id: UUID
    number: Annotated[int, Field(ge=1, le=HIGHEST)]


def printed_of(typed: FormData) -> tuple[UUID, int] | None:
    try:
        found = PrintedIn.model_validate({name: typed.get(name) for name in PrintedIn.model_fields})
    except ValidationError:
        return None  # without scripts there is none
    return found.ticket_id, found.number


def why_not(kiosk: Kiosk, problem: Problem) -> str:
    """In plain words, without anything of a booking that isn't theirs to see."""
    if isinstance(problem, Exhausted):
        service = kiosk.network.services[kiosk.network.service_index[problem.data["service_code"]]]
        return NONE_LEFT.format(name=tr(service, "name"))
    if isinstance(problem, OtherDay | OtherStation):
        return str(NOT_HERE_TODAY)
    if isinstance(problem, AlreadyIn):
        return HAS_TICKET.format(**problem.data)
    if isinstance(problem, Invalid | HallClosed | HallHalted | StationShut | TooMany):
        return next(iter(sentences(problem).values()))
    return str(NOT_POSSIBLE)
