"""Cancelling: asked once more, with a reason if the applicant wants to give one."""

from typing import Annotated

from fastapi import Form, Response

from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Invalid, Problem
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.models import REASON_LENGTH
from app.requests.queries import RequestView
from app.requests.rules import Action
from app.requests.service.planning import possible
from app.requests.visiting import (
    FORM_AGAIN,
    Changing,
    Choosing,
    FollowRoute,
    Visitor,
    private,
    see,
)

router = Door(route_class=FollowRoute)
PAGE = "cancel"


@router.get("/r/{reference}/cancel")
async def ask_again(visitor: Choosing) -> Response:
    view = await visitor.open()
    if not possible(view, Action.CANCEL, visitor.party, visitor.now):
        return see(visitor.address())
    return cancel_page(visitor, view, "", "")


@router.post("/r/{reference}/cancel")
async def cancel(visitor: Changing, reason: Annotated[str, Form(max_length=10_000)] = "") -> Response:
    """Cancelled, also when it was already: whoever presses twice sees the same."""
    view = await visitor.open(lock=True)
    try:
        cleaned = Paragraph(REASON_LENGTH, blank=True).validate(reason)
    except TextError as error:
        return cancel_page(visitor, view, reason, _(MESSAGES[error.code]).format(**error.context))
    try:
        await visitor.changes.cancel(view, cleaned or None)
    except Invalid as problem:
        return cancel_page(visitor, view, reason, problem.errors[0].sentence())
    except Problem:
        await visitor.session.rollback()
        return see(visitor.address())
    return see(f"{visitor.address()}?changed=cancelled")


def cancel_page(visitor: Visitor, view: RequestView, reason: str, error: str) -> Response:
    context = {
        "view": view,
        "reason": reason,
        "errors": {"reason": error} if error else {},
        "as_staff": visitor.as_staff,
        "here_path": visitor.address(PAGE),
        "back": visitor.address(),
    }
    return private(visitor.request, "cancel.html", context, status_code=FORM_AGAIN if error else 200)
