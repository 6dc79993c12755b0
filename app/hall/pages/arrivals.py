"""Who comes: a ticket for somebody without an appointment, and checking in somebody who has one."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from app.hall.arriving import Expected, expected, reference_in
from app.hall.asked import offered
from app.hall.offers import PRIORITIES
from app.hall.pages.frame import (
    FORM_AGAIN,
    HALL,
    SEE_OTHER,
    WORK,
    AtBoard,
    AtWork,
    Here,
    HereAtWork,
    Typed,
    sentences,
    text_of,
    texts_of,
)
from app.hall.pages.tickets import why_of
from app.hall.schemas import MOST_SERVICES
from app.kit.clock import local_date
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import current_locale, lazy
from app.kit.problems import FieldError, Invalid, Problem
from app.kit.text import TextError, normalise_phone
from app.requests.answers import NOT_TO_KEEP
from app.requests.rules import State
from app.requests.words import state_tag

router = Door(route_class=RetryingRoute)
NEW, ARRIVALS = f"{HALL}/{{code}}/new", f"{HALL}/{{code}}/arrivals"
LANGUAGES = ("zh-CN", "en")
NO_SERVICE = lazy("Tick what they have come for.")
TOO_MANY = lazy("Choose at most {most} services for one ticket.")
NO_REFERENCE = lazy("Scan the code, or type the reference.")
NO_PHONE = lazy("Enter the whole phone number that was given with the booking.")
NO_NAME = lazy("Enter the name, or how it begins.")
NOTHING: Mapping[str, Any] = {}


@router.get(NEW, dependencies=[WORK])
async def new(here: AtBoard) -> HTMLResponse:
    """The form for somebody without an appointment."""
    return new_page(here)


@router.post(NEW, dependencies=[WORK])
async def issue(here: AtWork, typed: Typed) -> Response:
    """The ticket's number, large, or the form with what is wrong."""
    try:
        codes = wanted(typed)
        language = text_of(typed, "language", 8)
        ticket = await here.at.walk_in(here.station, codes, language if language in LANGUAGES else None, why_of(typed))
    except Problem as problem:
        await here.at.session.rollback()
        return new_page(here, typed, sentences(problem))
    return issued(here, ticket.id)


@router.get(ARRIVALS, dependencies=[WORK])
async def look(here: AtBoard) -> HTMLResponse:
    """Check in by reference, or find the booking by phone number and name."""
    return arrivals_page(here)


@router.post(ARRIVALS, dependencies=[WORK])
async def check_in(here: AtWork, typed: Typed) -> Response:
    """The ticket of somebody with an appointment of today, or why there is none."""
    try:
        reference = reference_in(text_of(typed, "reference"))
        if not reference:
            raise Invalid(errors=[FieldError("reference", "required", NO_REFERENCE.msgid)])
        ticket = await here.at.check_in(here.station, reference, why_of(typed))
    except Problem as problem:
        await here.at.session.rollback()
        found = sentences(problem)
        errors = {"reference" if name == "" else name: sentence for name, sentence in found.items()}
        return arrivals_page(here, {"typed": typed, "errors": errors})
    return issued(here, ticket.id)


@router.post(f"{ARRIVALS}/find", dependencies=[WORK])
async def find(here: AtWork, typed: Typed) -> HTMLResponse:
    """Today's bookings under a phone number and a name; sent by post, so that they stand in no address."""
    try:
        asked = whom(typed)
    except Invalid as problem:
        return arrivals_page(here, {"typed": typed, "errors": sentences(problem)})
    found = await expected(here.at.session, here.at.network, here.station, asked, here.at.now)
    return arrivals_page(here, {"typed": typed, "found": found})


def wanted(typed: FormData) -> list[str]:
    """The codes of the services that were ticked. Raises Invalid."""
    codes = texts_of(typed, "service_codes")
    if not codes:
        raise Invalid(errors=[FieldError("service_codes", "required", NO_SERVICE.msgid)])
    if len(codes) > MOST_SERVICES:
        raise Invalid(errors=[FieldError("service_codes", "too_many", TOO_MANY.msgid, {"most": MOST_SERVICES})])
    return codes


def whom(typed: FormData) -> tuple[str, str]:
    """The phone number in its one form, and the name. Raises Invalid."""
    errors, phone, name = list[FieldError](), "", text_of(typed, "name", 80)
    try:
        phone = normalise_phone(text_of(typed, "phone", 40))
    except TextError:
        errors.append(FieldError("phone", "mobile_invalid", NO_PHONE.msgid))
    if not name:
        errors.append(FieldError("name", "required", NO_NAME.msgid))
    if errors:
        raise Invalid(errors=errors)
    return phone, name


def issued(here: HereAtWork, ticket_id: object) -> RedirectResponse:
    return RedirectResponse(f"{here.path}/tickets/{ticket_id}?issued=true", SEE_OTHER, NOT_TO_KEEP)


def new_page(here: Here, typed: FormData | None = None, errors: Mapping[str, str] = NOTHING) -> HTMLResponse:
    by_category: dict[str, list[Any]] = {}
    for service in offered(here.at.network, here.station, local_date(here.at.now)):
        by_category.setdefault(service.category, []).append(service)
    context = {
        "categories": by_category,
        "chosen": texts_of(typed, "service_codes") if typed else [],
        "typed": typed or {},
        "errors": errors,
        "priorities": [(each.value, str(words)) for each, words in PRIORITIES.items()],
        "language": text_of(typed, "language", 8) if typed else current_locale(),
    }
    return here.show("new.html", context, status_code=FORM_AGAIN if errors else 200)


def arrivals_page(here: Here, more: Mapping[str, Any] = NOTHING) -> HTMLResponse:
    """`found` are Expected, None while nothing was looked for."""
    context = {"typed": {}, "errors": {}, "found": None, "tag": tag_of, **more}
    return here.show("arrivals.html", context, status_code=FORM_AGAIN if context["errors"] else 200)


def tag_of(found: Expected) -> tuple[str, str]:
    return state_tag(State(found.status))
