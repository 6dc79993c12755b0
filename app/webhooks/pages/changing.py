"""Setting up a webhook, changing and ending it; another secret; a test; sending again."""

from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Query, Response
from fastapi.responses import HTMLResponse

from app.kit.clock import LOCAL
from app.kit.i18n import current_locale
from app.kit.i18n import gettext as _
from app.kit.problems import Conflict
from app.notify.relaying.relay import installed
from app.web.limits import limited
from app.webhooks.errors import NotOffered
from app.webhooks.models import Subscription
from app.webhooks.pages.forms import (
    GROUP,
    SYSTEM,
    Sheet,
    counties,
    filled,
    forget,
    place,
    robot_of,
    station_groups,
    typed,
    wanted,
)
from app.webhooks.pages.frame import Acting, Call, Looking, Route, see
from app.webhooks.pages.looking import one_page
from app.webhooks.queries import find
from app.webhooks.rules.kinds import KINDS
from app.webhooks.rules.robots import WEBHOOK
from app.webhooks.service.replaying import ping, replay
from app.webhooks.words import LANGUAGES


async def new(call: Looking, to: Annotated[str, Query(max_length=10)] = "") -> HTMLResponse:
    """First asks what is told, where there is a choice."""
    offered = installed()
    if offered and to not in (SYSTEM, GROUP):
        return call.show("choice.html", {})
    return form_page(call, Sheet(group=offered and to == GROUP, language=current_locale()), None)


async def make(call: Acting) -> Response:
    """The answer itself shows the secret: loading it again asks whether to send the form again.

    A group's robot has no secret to show: its page comes, where a test can be sent. Raises NotOffered.
    """
    sheet = typed(await call.request.form())
    if sheet.group and not installed():
        raise NotOffered
    chosen = place(call, sheet)
    asked = await wanted(sheet, call.outbound)
    if asked is None:
        return form_page(call, sheet, None)
    try:
        made, secret = await call.managing.make(call.directory.network, asked, chosen)
    except Conflict as problem:
        sheet.errors[""] = problem.sentence()
        return form_page(call, sheet, None)
    if asked.robot:
        return see(f"{call.base}/{made.id}", "made")
    return secret_page(call, made, secret, anew=False)


async def edit(call: Looking, webhook: UUID) -> HTMLResponse:
    found = await find(call.session, call.reach, webhook)
    return form_page(call, filled(found), found)


async def change(call: Acting, webhook: UUID) -> Response:
    """Raises WebhookUnknown, WebhookEnded."""
    found = await find(call.session, call.reach, webhook)
    sheet = typed(await call.request.form())
    sheet.group = found.via != WEBHOOK
    asked = await wanted(sheet, call.outbound, readdress=False)
    if asked is None:
        return form_page(call, sheet, found)
    await call.managing.change(webhook, asked)
    return see(f"{call.base}/{webhook}", "changed")


async def ask_rotate(call: Looking, webhook: UUID) -> HTMLResponse:
    """Another secret; for a group, another robot."""
    found = await find(call.session, call.reach, webhook)
    return sure_page(call, found, ends=False) if found.via == WEBHOOK else robot_page(call, Sheet(), found)


async def rotate(call: Acting, webhook: UUID) -> Response:
    """Raises WebhookUnknown, WebhookEnded."""
    found = await find(call.session, call.reach, webhook)
    if found.via != WEBHOOK:
        return await _readdress(call, found)
    found, secret = await call.managing.rotate(webhook)
    return secret_page(call, found, secret, anew=True)


async def _readdress(call: Acting, found: Subscription) -> Response:
    sheet = typed(await call.request.form())
    sheet.group = True
    robot = robot_of(sheet)
    if robot is None:
        forget(sheet)
        return robot_page(call, sheet, found)
    await call.managing.readdress(found.id, robot)
    return see(f"{call.base}/{found.id}", "readdressed")


async def ask_end(call: Looking, webhook: UUID) -> HTMLResponse:
    return sure_page(call, await find(call.session, call.reach, webhook), ends=True)


async def end(call: Acting, webhook: UUID) -> Response:
    """Raises WebhookUnknown."""
    await call.managing.end(webhook)
    return see(f"{call.base}/{webhook}", "ended")


async def send_test(call: Acting, webhook: UUID, _limit: Annotated[None, Depends(limited("message"))]) -> Response:
    """Raises WebhookUnknown, WebhookEnded, PingedJustNow."""
    await ping(call.managing, webhook)
    return see(f"{call.base}/{webhook}", "pinged")


async def send_again(
    call: Acting,
    webhook: UUID,
    event: Annotated[UUID | None, Form()] = None,
    since: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """One event, or all since a day. Raises WebhookUnknown, WebhookEnded."""
    found = await find(call.session, call.reach, webhook)
    day = _day(since)
    if event is None and day is None:
        wrong = _("Enter the day since when all shall be sent again, such as 2026-12-01.")
        return await one_page(call, found, wrong=wrong)
    count = await replay(call.managing, webhook, event=event, since=None if event else day)
    return see(f"{call.base}/{webhook}", "replayed" if count else "nothing")


def _day(text: str) -> datetime | None:
    """Where a day begins here; None for what is no day."""
    try:
        return datetime.combine(datetime.fromisoformat(text.strip()).date(), time(), LOCAL)
    except ValueError:
        return None


def form_page(call: Call, sheet: Sheet, found: Subscription | None) -> HTMLResponse:
    own = call.own is not None
    context = {
        "sheet": sheet,
        "errors": sheet.errors,
        "webhook": found,
        "spoken": LANGUAGES,
        "choice": installed() and not found,
        "kinds": [(kind, str(words), kind) for kind, words in KINDS.items()],
        "counties": [] if own or found else counties(call),
        "station_groups": [] if own or found else station_groups(call),
        "everything": call.reach.scope.everything,
    }
    return call.show("form.html", context, again=bool(sheet.errors))


def secret_page(call: Call, found: Subscription, secret: str, *, anew: bool) -> HTMLResponse:
    return call.show("secret.html", {"webhook": found, "secret": secret, "anew": anew})


def robot_page(call: Call, sheet: Sheet, found: Subscription) -> HTMLResponse:
    context = {"sheet": sheet, "errors": sheet.errors, "webhook": found, "here": call.request.url.path}
    return call.show("robot.html", context, again=bool(sheet.errors))


def sure_page(call: Call, found: Subscription, *, ends: bool) -> HTMLResponse:
    return call.show("sure.html", {"webhook": found, "ends": ends, "here": call.request.url.path})


CHANGING: tuple[Route, ...] = (
    ("GET", "/new", new),
    ("POST", "", make),
    ("GET", "/{webhook:uuid}/change", edit),
    ("POST", "/{webhook:uuid}/change", change),
    ("GET", "/{webhook:uuid}/rotate", ask_rotate),
    ("POST", "/{webhook:uuid}/rotate", rotate),
    ("GET", "/{webhook:uuid}/end", ask_end),
    ("POST", "/{webhook:uuid}/end", end),
    ("POST", "/{webhook:uuid}/test", send_test),
    ("POST", "/{webhook:uuid}/again", send_again),
)
