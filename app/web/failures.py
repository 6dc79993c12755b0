"""The page for each thing that can go wrong: what happened, and the next step."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.kit.i18n import LazyString, lazy
from app.web.templating import page


@dataclass(frozen=True)
class Failure:
    """The words for one status; `retry` offers the same address again."""

    title: LazyString
    detail: LazyString
    next_step: LazyString
    retry: bool = False


_SEARCH = lazy("Check the address for a slip, or start from the home page and search for the service.")
_AGAIN = lazy("Go back one page, check what you entered and send it again.")

FAILURES: Mapping[int, Failure] = {
    400: Failure(
        lazy("We could not read that request"),
        lazy("Something in the address or in the form arrived incomplete."),
        _AGAIN,
    ),
    403: Failure(
        lazy("This page is not open to you"),
        lazy("It belongs to somebody else, or it needs a role that you don't have."),
        lazy("If you followed a link from a message, open it again from there. Staff sign in first."),
    ),
    404: Failure(
        lazy("There is no such page"), lazy("The address is wrong, or what it named is no longer there."), _SEARCH
    ),
    405: Failure(
        lazy("That does not work on this page"),
        lazy("The page was called in a way that it does not know."),
        lazy("Go back one page and use the buttons there."),
    ),
    409: Failure(
        lazy("Things have changed in the meantime"),
        lazy("Somebody was faster, or this step was already done."),
        lazy("Go back one page and reload it to see how things stand now."),
    ),
    410: Failure(
        lazy("This is no longer available"),
        lazy("The link has expired, or what it named was closed."),
        lazy("Start again from the home page; it only takes a minute."),
    ),
    413: Failure(
        lazy("That is too much at once"),
        lazy("What you sent is larger than we can take."),
        lazy("Send a smaller file or a shorter text."),
    ),
    422: Failure(lazy("Please check what you entered"), lazy("Some of what was sent can't be used."), _AGAIN),
    429: Failure(
        lazy("That was too often in a short time"),
        lazy("To keep the booking fair, each visitor can only do this so often."),
        lazy("Wait a minute, then try again. Nothing that you entered before is lost."),
        retry=True,
    ),
    500: Failure(
        lazy("Something went wrong on our side"),
        lazy("It is not your fault, and nothing was changed."),
        lazy("Try again in a moment. If it keeps happening, tell your station."),
        retry=True,
    ),
    503: Failure(
        lazy("We will be back in a moment"),
        lazy("The service is being maintained or is very busy just now. Nothing was changed."),
        lazy("Try again in a few minutes. Appointments that are already booked stay as they are."),
        retry=True,
    ),
}


def failure(status: int) -> Failure:
    """The words for a status; one that we have no words for is its class: 400 or 500."""
    server_error = 500
    return FAILURES.get(status) or FAILURES[server_error if status >= server_error else 400]


def error_page(
    request: Request,
    status: int,
    detail: str = "",
    *,
    incident: str = "",
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page of a failure. `detail` is the sentence of a problem, already translated; `incident` the number of the
    request in the log, shown so that it can be quoted."""
    words = failure(status)
    context = {
        "status": status,
        "title": str(words.title),
        "detail": detail or str(words.detail),
        "next_step": str(words.next_step),
        "retry": words.retry and request.method == "GET",
        "incident": incident,
    }
    return page(request, "web/error.html", context, status_code=status, headers=headers)
