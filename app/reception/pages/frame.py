"""What the pages of reception share: whose it is, the office's frame, forms read, going on after a post."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.kit.i18n import lazy
from app.kit.problems import Invalid, Problem
from app.reception.words import facts_of, standing_tag, what_it_is
from app.reception.working import AtReception, Looking, Watching, Working
from app.requests.answers import NOT_TO_KEEP
from app.requests.showing import show_office
from app.stations.snapshot import StationFacts
from app.web import bodies
from app.web.forms import address

RECEPTION = "/office/reception"
SEE_OTHER, FORM_AGAIN = 303, 422
READ = Depends(allowed(Permission.REQUESTS_READ))
HANDLE = Depends(allowed(Permission.REQUESTS_HANDLE))
StationCode = Annotated[str, Path(max_length=32)]
ThingCode = Annotated[str, Path(max_length=40)]
MOVED_ON = lazy("That was not done: somebody has acted in the meantime. This is how it stands now.")
# Labels are scanned on these pages alone: elsewhere no page of ours may ask for the camera.
WITH_CAMERA = {
    **NOT_TO_KEEP,
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=()",
}


async def form_of(request: Request) -> AsyncIterator[FormData]:
    """What was sent, its files closed when the page has been answered."""
    async with bodies.form_of(request) as form:
        yield form


Typed = Annotated[FormData, Depends(form_of)]


@dataclass(frozen=True, slots=True)
class Here:
    """One call of a page of a station's reception, whose caller may look there; `at` writes where it is Working."""

    at: Looking
    station: StationFacts

    @property
    def path(self) -> str:
        return f"{RECEPTION}/{self.station.code}"

    @property
    def may_handle(self) -> bool:
        return self.at.may_at(self.station, Permission.REQUESTS_HANDLE)

    def show(self, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
        own = {"section": RECEPTION, "station": self.station, "here_path": self.path, "may_handle": self.may_handle}
        words = {"standing_tag": standing_tag, "what_it_is": what_it_is, "facts_of": facts_of, "errors": {}}
        full = own | words | dict(context)
        answer = show_office(self.at.request, self.at.caller, f"reception/{name}", full, status_code=status_code)
        answer.headers.update(WITH_CAMERA)
        return answer

    def see(self, path: str = "", **said: object) -> RedirectResponse:
        """Post, redirect, get: going back or reloading repeats nothing."""
        return RedirectResponse(address(f"{self.path}{path}", said), SEE_OTHER, NOT_TO_KEEP)


@dataclass(frozen=True, slots=True)
class HereAtWork(Here):
    """The same for whoever may write there."""

    at: Working


async def reception(at: Watching, code: StationCode) -> Here:
    """Raises StationUnknown, also where the caller may not look."""
    return Here(at, at.station(code, Permission.REQUESTS_READ))


async def acting(at: AtReception, code: StationCode) -> HereAtWork:
    """Raises StationUnknown, also where the caller may not work."""
    return HereAtWork(at, at.station(code, Permission.REQUESTS_HANDLE))


AtStation = Annotated[Here, Depends(reception)]
AtWork = Annotated[HereAtWork, Depends(acting)]


def sentences(problem: Problem) -> dict[str, str]:
    """For the summary of a form: by field where it names one."""
    if isinstance(problem, Invalid) and problem.errors:
        return {error.field: error.sentence() for error in problem.errors}
    return {"": problem.sentence()}
