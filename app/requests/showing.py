"""Pages of requests in the office's frame, for staff; the same pages without it for the applicant."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.accounts.rules.rights import Caller
from app.requests.answers import NOT_TO_KEEP
from app.requests.visiting import OFFICE, Visitor, private
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
