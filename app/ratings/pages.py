"""Ratings for who answers for stations: the tasks, figures, one rating with its calls; and the answer for the rater."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Form, Path, Query, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from sqlalchemy import select

from app.accounts.callers import allowed
from app.accounts.letterhead import Head
from app.accounts.rules.rights import Permission
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import lazy, tr
from app.kit.problems import Problem
from app.kit.text import MESSAGES, Paragraph, TextError
from app.ratings.models import WORDS_LENGTH
from app.ratings.queries import LATEST, answer_of, calls_of, figures, latest, rated, tasks
from app.ratings.rules import BAD
from app.ratings.service import answer as write_answer
from app.ratings.service import call_back
from app.ratings.working import Acting, Looking, Manager, reference_of
from app.requests.masking import contact_of
from app.requests.models import Request as Asked
from app.requests.queries import RequestView
from app.requests.rating_words import INDICATORS, LEVELS, indicators_of
from app.requests.service.rating import RATED_WHEN
from app.requests.showing import show_office
from app.requests.visiting import FORM_AGAIN, Visitor, see
from app.slots.errors import StationUnknown
from app.web.templating import part

router = Door(route_class=RetryingRoute)
HERE = "/office/ratings"
MANAGE = Depends(allowed(Permission.REQUESTS_MANAGE))
A_YEAR = timedelta(days=365)
Reference = Annotated[str, Path(max_length=60)]
Words = Annotated[str, Form(max_length=10_000)]
DONE = {
    "called": lazy("The call is on record."),
    "answered": lazy("The answer is on the page of the request, and the rater is told by mail."),
}
REACHED = (("yes", lazy("Somebody was reached")), ("no", lazy("Nobody was reached")))
CHOOSE = lazy("Say whether somebody was reached.")


def show(manager: Manager, name: str, context: Mapping[str, Any], *, again: bool = False) -> HTMLResponse:
    """`again`: a form with what is wrong."""
    done = DONE.get(manager.request.query_params.get("done", ""))
    full = {"section": HERE, "done": str(done) if done else "", "levels": LEVELS, "bad": BAD, **context}
    status = FORM_AGAIN if again else 200
    return show_office(manager.request, manager.caller, f"ratings/{name}", full, status_code=status)


@router.get(HERE, dependencies=[MANAGE])
async def listed(manager: Looking, station: Annotated[str, Query(max_length=32)] = "") -> HTMLResponse:
    """Tasks first, then the figures of a year, then the latest. Raises StationUnknown."""
    reached = manager.stations()
    chosen = next((each for each in reached if each.code == station), None)
    if station and chosen is None:
        raise StationUnknown
    at = (manager.session, manager.network, manager.scope)
    only = chosen.id if chosen else None
    rows = await figures(*at, manager.now - A_YEAR)
    context = {
        "stations": [(each.code, tr(each, "name")) for each in reached],
        "chosen": station,
        "tasks": await tasks(*at, manager.now, station_id=only),
        "latest": await latest(*at, manager.now, station_id=only, most=LATEST),
        "figures": [row for row in rows if only in (None, row.station.id)],
        "indicators": [(key, str(words)) for key, words in INDICATORS.items()],
        "indicators_of": indicators_of,
    }
    return show(manager, "list.html", context)


@router.get(f"{HERE}/{{reference}}", dependencies=[MANAGE])
async def one(manager: Looking, reference: Reference) -> HTMLResponse:
    """Raises RatingUnknown."""
    return await one_page(manager, reference, {}, {})


@router.post(f"{HERE}/{{reference}}/calls", dependencies=[MANAGE])
async def call(
    manager: Acting, reference: Reference, reached: Annotated[str, Form(max_length=5)] = "", call_words: Words = ""
) -> Response:
    """A call back, also when nobody was reached."""
    cleaned, errors = judged(call_words, "call_words", blank=True)
    if reached not in dict(REACHED):
        errors["reached"] = str(CHOOSE)
    if not errors:
        try:
            asked = await manager.locked(reference)
            said = reached == "yes"
            await call_back(manager.session, asked, manager.caller, manager.now, reached=said, words=cleaned)
            return see(f"{HERE}/{asked.reference}?done=called")
        except Problem as problem:
            await manager.session.rollback()
            errors[""] = problem.sentence()
    return await one_page(manager, reference, {"reached": reached, "call_words": call_words}, errors)


@router.post(f"{HERE}/{{reference}}/answer", dependencies=[MANAGE])
async def answer(manager: Acting, head: Head, reference: Reference, answer_words: Words = "") -> Response:
    """The answer, which the rater reads."""
    cleaned, errors = judged(answer_words, "answer_words", blank=False)
    if not errors:
        try:
            asked = await manager.locked(reference)
            await write_answer(manager.session, asked, manager.caller, manager.now, head=head, words=cleaned)
            return see(f"{HERE}/{asked.reference}?done=answered")
        except Problem as problem:
            await manager.session.rollback()
            errors[""] = problem.sentence()
    return await one_page(manager, reference, {"answer_words": answer_words}, errors)


def judged(words: str, field: str, *, blank: bool) -> tuple[str, dict[str, str]]:
    try:
        return Paragraph(WORDS_LENGTH, blank=blank).validate(words), {}
    except TextError as error:
        return "", {field: _(MESSAGES[error.code]).format(**error.context)}


async def one_page(
    manager: Manager, reference: str, typed: Mapping[str, str], errors: Mapping[str, str]
) -> HTMLResponse:
    found = await rated(manager.session, manager.network, manager.scope, reference_of(reference), manager.now)
    request_id = found.rating.request_id
    asked = (await manager.session.scalars(select(Asked).where(Asked.id == request_id))).one()
    context = {
        "one": found,
        "contact": contact_of(asked, masked=True),
        "indicators": indicators_of(found.rating),
        "calls": await calls_of(manager.session, request_id),
        "reached_options": [(code, str(label)) for code, label in REACHED],
        "owed": found.due is not None,
        "typed": typed,
        "errors": errors,
        "here_path": f"{HERE}/{found.reference}",
    }
    return show(manager, "one.html", context, again=bool(errors))


async def answered(visitor: Visitor, view: RequestView) -> Markup:
    """On the page of a request: the station's answer to a bad rating; for who answers for it the way there."""
    if view.request.status not in RATED_WHEN:
        return Markup()
    found = await answer_of(visitor.session, view.request.id)
    manages = visitor.as_staff and visitor.caller.may(Permission.REQUESTS_MANAGE)
    if found is None or not found.words:
        return Markup()
    context = {"answer": found, "path": f"{HERE}/{view.request.reference}" if manages else ""}
    return part(visitor.request, "ratings/answered.html", context)
