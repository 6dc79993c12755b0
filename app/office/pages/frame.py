"""What the pages of the office share: their sections by rights, forms read and judged, going on after a post."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts.rules.rights import Caller, Permission
from app.kit.i18n import LazyString, lazy
from app.web.forms import address, judged, placed, typed, wrong
from app.web.templating import page

__all__ = ["FORM_AGAIN", "SECTIONS", "address", "judged", "placed", "see", "show", "typed", "wrong"]
SEE_OTHER, FORM_AGAIN = 303, 422
NOT_TO_KEEP = {"Cache-Control": "no-store"}
SECTIONS: tuple[tuple[str, LazyString, Permission | None], ...] = (
    ("/office", lazy("Overview"), None),
    ("/office/requests", lazy("Requests"), Permission.REQUESTS_READ),
    ("/office/hall", lazy("Counter"), Permission.HALL_READ),
    ("/office/reception", lazy("Reception"), Permission.REQUESTS_READ),
    ("/office/ratings", lazy("Ratings"), Permission.REQUESTS_MANAGE),
    ("/office/hours", lazy("Hours and closures"), Permission.HOURS_READ),
    ("/office/coverage", lazy("Coverage"), Permission.COVERAGE_READ),
    ("/office/performance", lazy("Performance"), Permission.COVERAGE_READ),
    ("/office/plans", lazy("Plans"), Permission.COVERAGE_READ),
    ("/office/codes", lazy("Credit codes"), Permission.CODES_READ),
    ("/office/messages", lazy("Mails"), Permission.MESSAGES_READ),
    ("/office/people", lazy("People and roles"), Permission.PEOPLE_READ),
    ("/office/organisations", lazy("Organisations"), Permission.ORGANISATIONS_READ),
    ("/office/registers", lazy("Registers"), Permission.REGISTERS_MANAGE),
    ("/office/webhooks", lazy("Webhooks and group robots"), Permission.WEBHOOKS_MANAGE),
    ("/office/settings", lazy("Settings"), Permission.SETTINGS_READ),
    ("/office/audit", lazy("Record"), Permission.AUDIT_READ),
    ("/office/retention", lazy("Retention"), Permission.RETENTION_READ),
)


def show(
    request: Request, caller: Caller, name: str, context: Mapping[str, Any], *, status_code: int = 200
) -> HTMLResponse:
    """A page of the office, with the sections that the caller may open."""
    own = [(path, str(label)) for path, label, permission in SECTIONS if permission is None or caller.may(permission)]
    full = {"sections": own, "section": _section(request.url.path), "done": _done(request), **context}
    return page(request, f"office/{name}", full, status_code=status_code, headers=NOT_TO_KEEP)


def _section(path: str) -> str:
    """The section that an address belongs to: the longest that it begins with."""
    return max((own for own, *_ in SECTIONS if path == own or path.startswith(f"{own}/")), key=len, default="/office")


# What was done, said on the page that follows; the address names it by its key only.
DONE: Mapping[str, LazyString] = {
    "invited": lazy("The account is there. A mail with the link to set the password is on its way."),
    "mailed": lazy("A mail with a link to set the password is on its way."),
    "corrected": lazy("The changes are saved."),
    "disabled": lazy("The account is disabled, and its sessions have ended."),
    "enabled": lazy("The account is enabled again."),
    "reset": lazy("The second factor is removed, and the sessions have ended."),
    "granted": lazy("The role is given. The person signs in again to use it."),
    "revoked": lazy("The role is taken away, and the sessions have ended."),
    "gone": lazy("The role is taken away. This person has no role any more that you can see."),
    "accepted": lazy("The code is accepted. Whoever asked is told by mail."),
    "refused": lazy("The code is refused. Whoever asked is told by mail."),
    "resent": lazy("The mail goes out in a moment."),
    "owner": lazy("This person is an owner now."),
    "owner_invited": lazy("A mail with the invitation to become an owner is on its way."),
    "closed": lazy("The organisation is closed."),
}


def _done(request: Request) -> str:
    said = DONE.get(request.query_params.get("done", ""))
    return str(said) if said else ""


def see(path: str, done: str = "") -> RedirectResponse:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(f"{path}?{urlencode({'done': done})}" if done else path, SEE_OTHER, NOT_TO_KEEP)
