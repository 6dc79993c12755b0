"""Pages of requests in the office's frame, for staff; the same pages without it for the applicant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.accounts.rules.rights import Caller, Permission
from app.requests.answers import NOT_TO_KEEP, code_of
from app.requests.queries import RequestView
from app.requests.section import may_at
from app.requests.visiting import OFFICE, PUBLIC, Visitor, address, private
from app.stations.snapshot import StationFacts
from app.web.templating import page


def show_office(
    request: Request, caller: Caller, name: str, context: Mapping[str, Any], *, status_code: int = 200
) -> HTMLResponse:
    """A page in the office's frame, whose sections the application has from above."""
    sections = [
        (path, str(label))
        for path, label, permission in request.app.state.office_sections
        if permission is None or caller.may(permission)
    ]
    frame = {"sections": sections, "section": OFFICE, "done": ""}
    return page(request, name, frame | dict(context), status_code=status_code, headers=NOT_TO_KEEP)


def show(visitor: Visitor, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
    """A page that serves both sides: `frame` is the template that it stands in."""
    if visitor.as_staff:
        inside = {"frame": "office/frame.html", **context}
        return show_office(visitor.request, visitor.caller, f"requests/{name}", inside, status_code=status_code)
    return private(visitor.request, name, {"frame": "requests/plain.html", **context}, status_code=status_code)


@dataclass(frozen=True, slots=True)
class Other:
    """A request that this one was split into or from: where it is, its page if it may be opened, its code if told."""

    reference: str
    station: StationFacts
    came_from: bool
    path: str
    code: str


def others_of(visitor: Visitor, view: RequestView) -> list[Other]:
    """What is linked, for whoever looks: staff open what is within their reach, and see of the rest where it went."""
    secret_key = visitor.secret_key if view.linked and visitor.knows_code(view) else None
    found = []
    for each in view.linked:
        reached = not visitor.as_staff or may_at(visitor, each.station, Permission.REQUESTS_READ)
        path = address(each.reference, base=OFFICE if visitor.as_staff else PUBLIC) if reached else ""
        found.append(Other(each.reference, each.station, each.came_from, path, code_of(each, secret_key) or ""))
    return found
