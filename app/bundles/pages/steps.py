"""What can be done with one step besides booking it: leave it out, take it up again, add a request made on its own."""

from typing import Annotated, Any

from fastapi import Depends, Form, Path, Response

from app.bundles import service
from app.bundles.errors import ItemNotFound, ItemTaken
from app.bundles.finding import request_of
from app.bundles.pages.frame import BundleRoute, Call, Changing, Looking, see
from app.bundles.queries import BundleView, Step
from app.bundles.rules.standing import OPEN
from app.bundles.words import package_name, state_tag, why
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.kit.problems import Conflict, Problem
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.models import REASON_LENGTH
from app.web.limits import limited

router = Door(route_class=BundleRoute)
Key = Annotated[str, Path(max_length=32)]
Text = Annotated[str, Form(max_length=10_000)]


@router.get("/bundles/{reference}/steps/{step}")
async def one(call: Looking, step: Key) -> Response:
    """Raises StepUnknown; a step that is no longer open is shown with the others."""
    view = await call.open()
    if view.step(step).state not in OPEN:
        return see(call.address())
    return step_page(call, view, view.step(step), {}, {})


@router.post("/bundles/{reference}/steps/{step}/leave-out")
async def leave_out(call: Changing, step: Key, reason: Text = "") -> Response:
    view = await call.open(lock=True)
    found = view.step(step)
    try:
        cleaned = Paragraph(REASON_LENGTH).validate(reason)
    except TextError as error:
        blank = _("Say in a few words why it is left out; your colleagues read it.")
        words = blank if error.code == "text_blank" else _(MESSAGES[error.code]).format(**error.context)
        return step_page(call, view, found, {"reason": words}, {"reason": reason})
    try:
        await service.leave_out(call.session, view, step, cleaned, call.doer)
    except Conflict as problem:
        return await refused(call, problem)
    return see(f"{call.address()}?done=left-out")


@router.post("/bundles/{reference}/steps/{step}/take-up")
async def take_up(call: Changing, step: Key) -> Response:
    try:
        await service.take_up(call.session, await call.open(lock=True), step, call.doer)
    except Conflict as problem:
        return await refused(call, problem)
    return see(f"{call.address()}?done=taken-up")


@router.post("/bundles/{reference}/steps/{step}/link", dependencies=[Depends(limited("follow"))])
async def link(call: Changing, step: Key, request_reference: Text = "", code: Text = "") -> Response:
    view = await call.open(lock=True)
    found, typed = view.step(step), {"request_reference": request_reference, "code": code}
    try:
        request = await request_of(call.session, call.around, call.caller, request_reference[:60], code[:40])
        await service.link(call.session, view, step, request, call.doer)
    except (ItemNotFound, ItemTaken) as problem:
        await call.session.rollback()
        again = await call.open()
        return step_page(call, again, again.step(found.key), {"request_reference": problem.sentence()}, typed)
    except Conflict as problem:
        return await refused(call, problem)
    return see(f"{call.address()}?done=linked")


async def refused(call: Call, problem: Problem) -> Response:
    """Back to the bundle, which says what came between."""
    await call.session.rollback()
    return see(f"{call.address()}?refused={problem.code}")


def step_page(call: Call, view: BundleView, step: Step, errors: dict[str, str], typed: dict[str, Any]) -> Response:
    package = view.bundle.package
    context = {
        "step": step,
        "name": tr(step.service, "name"),
        "package": package_name(package),
        "why": why(package, step.key),
        "tag": state_tag(step.state),
        "waits_for": [tr(each.service, "name") for each in view.steps if each.key in step.standing.waits_for],
        "waits": step.state.value == "waits",
        "errors": errors,
        "typed": {"reason": "", "request_reference": "", "code": "", **typed},
        "step_path": call.address("steps", step.key),
    }
    return call.show("step.html", context, again=bool(errors))
