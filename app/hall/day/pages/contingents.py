"""How many walk-in tickets a day are given out for each service."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from app.hall.day.pages.frame import DAY, MANAGE, Managing, said, see, show
from app.hall.pages.frame import FORM_AGAIN, READ, AtBoard, Here, Typed, sentences, text_of
from app.hall.service.contingents import MOST, Contingents, allowances
from app.kit.clock import local_date
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid
from app.kit.text import to_halfwidth
from app.stations.snapshot import ServiceFacts

router = Door(route_class=RetryingRoute)
CONTINGENTS = f"{DAY}/contingents"
NO_NUMBER = lazy("{code}: enter a whole number from 0 to {most}, or nothing for as many as come.")


@router.get(CONTINGENTS, dependencies=[READ])
async def look(here: AtBoard, done: Annotated[str, Query(max_length=40)] = "") -> HTMLResponse:
    """Every service that a walk-in may ask for, with its number and what of it is used today."""
    return await contingents_page(here, done=done)


@router.post(CONTINGENTS, dependencies=[MANAGE])
async def save(here: Managing, typed: Typed) -> Response:
    """Those that were changed in the form: what somebody else has changed meanwhile stays."""
    found = await allowances(here.at.database, here.at.network, here.station, local_date(here.at.now))
    try:
        wanted = changed_in(typed, [each.service for each in found])
    except Invalid as problem:
        return await contingents_page(here, typed, by_field(problem))
    changed = await Contingents(here.at.session, here.station, here.at.now, here.at.caller).set(wanted)
    return see(here, "saved" if changed or not wanted else "already", part="/contingents")


async def contingents_page(
    here: Here, typed: FormData | None = None, errors: Mapping[str, str] | None = None, *, done: str = ""
) -> HTMLResponse:
    found = await allowances(here.at.database, here.at.network, here.station, local_date(here.at.now))
    context = {"allowances": found, "typed": typed or {}, "errors": errors or {}, "done": said(done)}
    return show(here, "contingents.html", context, status_code=FORM_AGAIN if errors else 200)


def by_field(problem: Invalid) -> dict[str, str]:
    return {error.field: error.sentence() for error in problem.errors} or sentences(problem)


def changed_in(typed: FormData, services: list[ServiceFacts]) -> dict[ServiceFacts, int | None]:
    """What differs from what the form had shown. Raises Invalid, with the field of each that is no number."""
    wanted: dict[ServiceFacts, int | None] = {}
    errors = []
    for service in services:
        text = to_halfwidth(text_of(typed, f"limit.{service.code}", 40))
        if text == text_of(typed, f"was.{service.code}", 40):
            continue
        if text and not (text.isascii() and text.isdigit() and int(text) <= MOST):
            places = {"code": service.code, "most": MOST}
            errors.append(FieldError(f"limit.{service.code}", "number", NO_NUMBER.msgid, places))
        else:
            wanted[service] = int(text) if text else None
    if errors:
        raise Invalid(errors=errors)
    return wanted
