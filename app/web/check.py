"""The way past a limit that is near: a calculation by the browser (`app.kit.work`), or a wait.

A form that was sent gets a page that calculates and sends the same form again, with nothing lost; a program gets the
challenge in the problem and presents it in the header ``X-Work``. The page starts by itself once; when its answer was
not taken, which is rare, the next calculation waits for a press of the button, so that nothing goes round by itself.
"""

from collections.abc import Sequence
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.kit.problems import TooMany
from app.kit.rates import Rates
from app.kit.work import Work, WorkNeeded
from app.web.client import address_key
from app.web.templating import page

HEADER = "x-work"
FIELD = "work"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
NOT_KEPT = {"Cache-Control": "no-store"}  # what was typed is in the page, a password too
Fields = Sequence[tuple[str, str]]


class FormWorkNeeded(WorkNeeded):
    """The same for a form: `fields` are sent again; `again` says that a calculation was not taken."""

    fields: Fields = ()
    again: bool = False


async def admit(request: Request, thing: str, now: datetime) -> None:
    """Count the caller's address, or take its calculation instead. Raises WorkNeeded, TooMany.

    Whoever has signed in is counted by the account too, so that coming from many addresses does not help.
    """
    rates: Rates = request.app.state.rates
    account = _account(request)
    if account and not await rates.free(account, thing, now, paid=True):
        raise TooMany(retry_after=rates.wait(thing, now))
    caller = address_key(request)
    if await rates.free(caller, thing, now):
        return
    work: Work = request.app.state.work
    form = await _form(request)
    presented = _presented(request, form)
    payment = work.payment(thing, caller, presented, now) if presented else None
    if payment is not None and await rates.paid(caller, thing, now, payment):
        return
    level = await rates.price(caller, thing, now)
    challenge = work.challenge(thing, caller, level, now)
    members = challenge.members()
    if form is None:
        raise WorkNeeded(retry_after=rates.wait(thing, now), **members)
    needed = FormWorkNeeded(retry_after=rates.wait(thing, now), **members)
    needed.fields, needed.again = _carried(form), bool(presented)
    raise needed


def _account(request: Request) -> str | None:
    """Under which the account is counted, where `accounts` has found out before that there is one."""
    person_id = getattr(getattr(request.state, "caller", None), "person_id", None)
    return f"person:{person_id}" if person_id else None


async def _form(request: Request) -> FormData | None:
    """The form that was sent, if one was and all of it can be sent again: files can't."""
    if not request.headers.get("content-type", "").startswith(FORMS):
        return None
    form = await request.form()
    return form if all(isinstance(value, str) for value in form.values()) else None


def _presented(request: Request, form: FormData | None) -> str:
    sent = form.get(FIELD, "") if form is not None else ""
    return request.headers.get(HEADER, "") or (sent if isinstance(sent, str) else "")


def _carried(form: FormData) -> Fields:
    return [(name, value) for name, value in form.multi_items() if name != FIELD and isinstance(value, str)]


def work_page(request: Request, needed: FormWorkNeeded) -> HTMLResponse:
    context = {"fields": needed.fields, "again": needed.again, "seconds": needed.data["retry_after"], **needed.data}
    return page(request, "web/work.html", context, status_code=needed.status, headers=needed.headers | NOT_KEPT)
