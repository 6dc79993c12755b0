"""What is done with a result by a button: verified, sent back, issued, withdrawn."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Form, Path, Response

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.catalogue.snapshot import CurrentCatalogue
from app.kit.doors import Door
from app.kit.problems import FieldError, Invalid, Problem
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.models import REASON_LENGTH
from app.requests.queries import RequestView
from app.requests.service.planning import Given
from app.requests.visiting import OFFICE, Changing, Editor, FollowRoute, see
from app.results import service
from app.results.errors import OwnResult, ResultChanged
from app.results.pages.frame import results_page
from app.results.service import At, Press

router = Door(route_class=FollowRoute)
VERIFY = Depends(allowed(Permission.RESULTS_VERIFY))
ONE = f"{OFFICE}/{{reference}}/results/{{n}}"
ItemNumber = Annotated[int, Path(ge=1, le=1000)]
Attempt = Annotated[int | None, Form(ge=1, le=1000)]
Words = Annotated[str, Form(max_length=10_000)]
Step = Callable[[At, Given], Awaitable[RequestView]]


@router.post(f"{ONE}/verify", dependencies=[VERIFY])
async def verify(visitor: Changing, n: ItemNumber, attempt: Attempt = None) -> Response:
    """Raises nothing for whoever has entered it: the page says why not."""
    return await _take(visitor, n, "verified", lambda at, given: service.verify(at, attempt, given))


@router.post(f"{ONE}/refuse", dependencies=[VERIFY])
async def refuse(visitor: Changing, n: ItemNumber, attempt: Attempt = None, reason: Words = "") -> Response:
    return await _take(visitor, n, "refused", lambda at, given: service.refuse(at, attempt, given), reason=reason)


@router.post(f"{ONE}/issue", dependencies=[VERIFY])
async def issue(visitor: Changing, n: ItemNumber, catalogue: CurrentCatalogue, late_reason: Words = "") -> Response:
    state = visitor.request.app.state

    async def press(at: At, given: Given) -> RequestView:
        about = catalogue.by_code[at.item.service.code]
        return await service.issue(at, Press(state.settings.secret_key, about, state.issue_listeners), given)

    return await _take(visitor, n, "issued", press, late=late_reason)


@router.post(f"{ONE}/withdraw", dependencies=[VERIFY])
async def withdraw(visitor: Changing, n: ItemNumber, reason: Words = "") -> Response:
    listeners = visitor.request.app.state.withdrawal_listeners

    async def take_back(at: At, given: Given) -> RequestView:
        return await service.withdraw(at, given, listeners)

    return await _take(visitor, n, "withdrawn", take_back, reason=reason)


async def _take(visitor: Editor, n: int, done: str, step: Step, *, reason: str = "", late: str = "") -> Response:
    editor = replace(visitor, permission=Permission.RESULTS_VERIFY)
    view = await editor.open(lock=True)
    at = At(editor.session, editor.changes, view, n, editor.caller.person_id, editor.now)
    try:
        await step(at, Given(_clean(reason, "reason"), _clean(late, "late_reason")))
    except (OwnResult, ResultChanged) as problem:
        return await _again(editor, {"": problem.sentence()}, n, reason, late)
    except Invalid as problem:
        return await _again(editor, {each.field: each.sentence() for each in problem.errors}, n, reason, late)
    except Problem as problem:
        await editor.session.rollback()
        return see(f"{editor.address()}?refused={problem.code}")
    return see(f"{editor.address('results')}?changed={done}")


async def _again(editor: Editor, errors: dict[str, str], n: int, reason: str, late: str) -> Response:
    """The page with what is wrong, as the request stands now."""
    await editor.session.rollback()
    reading = replace(editor, permission=Permission.REQUESTS_READ)
    named = {f"{name}.{n}" if name else "": words for name, words in errors.items()}
    typed = {f"reason.{n}": reason, f"late_reason.{n}": late}
    return await results_page(reading, await reading.open(), named, typed=typed)


def _clean(text: str, name: str) -> str:
    try:
        return Paragraph(REASON_LENGTH, blank=True).validate(text)
    except TextError as error:
        fault = FieldError(name, error.code, MESSAGES[error.code], error.context)
        raise Invalid(errors=[fault]) from None
