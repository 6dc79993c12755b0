"""Saying how it went: five levels and, if one wants, words."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Form, Response

from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import lazy
from app.kit.problems import Problem
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.models import REASON_LENGTH
from app.requests.pages.steps import Typed
from app.requests.queries import RequestView
from app.requests.rating_words import INDICATORS, LEVELS
from app.requests.service.rating import ratable, rate, rating_of
from app.requests.visiting import FORM_AGAIN, Changing, FollowRoute, Looking, Visitor, private, see

router = Door(route_class=FollowRoute)
PAGE = "rate"
CHOOSE = lazy("Please choose how satisfied you are.")


@router.get("/r/{reference}/rate")
async def ask(visitor: Looking) -> Response:
    """The question; back to the request where there is nothing to say yet, or it was said."""
    view = await visitor.open()
    if not ratable(view) or await rating_of(visitor.session, view.request.id):
        return see(visitor.address())
    return rate_page(visitor, view, {}, {})


@router.post("/r/{reference}/rate")
async def answer(
    visitor: Changing,
    sent: Typed,
    level: Annotated[str, Form(max_length=10)] = "",
    words: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Whoever presses twice has said it once."""
    view = await visitor.open(lock=True)
    errors = {} if level in map(str, LEVELS) else {"level": str(CHOOSE)}
    sides, cleaned = indicators_in(sent), ""
    try:
        cleaned = Paragraph(REASON_LENGTH, blank=True).validate(words)
    except TextError as error:
        errors["words"] = _(MESSAGES[error.code]).format(**error.context)
    if errors:
        return rate_page(visitor, view, {"level": level, "words": words, **sides}, errors)
    try:
        await rate(
            visitor.session,
            view,
            int(level),
            cleaned or None,
            visitor.caller.actor,
            at=visitor.now,
            indicators={key: int(chosen) for key, chosen in sides.items()},
        )
    except Problem:
        await visitor.session.rollback()
        return see(visitor.address())
    return see(f"{visitor.address()}?changed=rated")


def indicators_in(sent: Mapping[str, object]) -> dict[str, str]:
    """The levels that were chosen for single sides; what is none of the five counts as not chosen."""
    return {key: str(sent[key]) for key in INDICATORS if str(sent.get(key, "")) in map(str, LEVELS)}


def rate_page(visitor: Visitor, view: RequestView, typed: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    context = {
        "view": view,
        "typed": typed,
        "errors": errors,
        "levels": [(str(level), str(label)) for level, label in LEVELS.items()],
        "indicators": [(key, str(label)) for key, label in INDICATORS.items()],
        "here_path": visitor.address(PAGE),
        "back": visitor.address(),
    }
    return private(visitor.request, "rate.html", context, status_code=FORM_AGAIN if errors else 200)
