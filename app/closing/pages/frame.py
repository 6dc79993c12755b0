"""What the pages of hours and closures share: who looks at which station, their frame in the office, what was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Path
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.closing.asked import At
from app.closing.words import DONE, span_words
from app.hall.working import AtCounter, Looking, Watching, Working
from app.requests.answers import NOT_TO_KEEP
from app.requests.showing import show_office
from app.stations.snapshot import StationFacts

HOURS = "/office/hours"
SEE_OTHER, FORM_AGAIN = 303, 422
READ, CHANGE = (Depends(allowed(each)) for each in (Permission.HOURS_READ, Permission.HOURS_CHANGE))
Code = Annotated[str, Path(max_length=32)]


@dataclass(frozen=True, slots=True)
class Here:
    """A station of which somebody looks at the hours."""

    at: Looking
    station: StationFacts

    @property
    def path(self) -> str:
        return f"{HOURS}/{self.station.code}"

    @property
    def asked_at(self) -> At:
        return At(self.station, self.at.now)

    @property
    def may_change(self) -> bool:
        return self.at.reaches(self.station, Permission.HOURS_CHANGE)

    def show(self, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
        own: dict[str, Any] = {
            "section": HOURS,
            "station": self.station,
            "hours_path": self.path,
            "may_change": self.may_change,
        }
        own["span"] = span_words
        done = DONE.get(self.at.request.query_params.get("done", ""))
        full = own | {"done": str(done) if done else ""} | dict(context)
        return show_office(self.at.request, self.at.caller, f"closing/{name}", full, status_code=status_code)


@dataclass(frozen=True, slots=True)
class Changing:
    """The same, with everything that a change needs."""

    here: Here
    work: Working


async def looking(at: Watching, code: Code) -> Here:
    """Raises StationUnknown, also where the caller may not look."""
    return Here(at, at.station(code, Permission.HOURS_READ))


async def may_change(at: Watching, code: Code) -> Here:
    """Raises StationUnknown, also where the caller may not change anything."""
    return Here(at, at.station(code, Permission.HOURS_CHANGE))


async def changing(work: AtCounter, code: Code) -> Changing:
    """Raises StationUnknown, also where the caller may not change anything."""
    return Changing(Here(work, work.station(code, Permission.HOURS_CHANGE)), work)


AtHours = Annotated[Here, Depends(looking)]
ToChange = Annotated[Here, Depends(may_change)]
Change = Annotated[Changing, Depends(changing)]


def see(path: str, **query: str) -> RedirectResponse:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, SEE_OTHER, NOT_TO_KEEP)
