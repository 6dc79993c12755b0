"""What the pages of the counter share: whose counter it is, the office's frame, going on after a post, what is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.hall import errors
from app.hall.queries import Line, Seat, seats_of, ticket_of
from app.hall.rules.states import State
from app.hall.words import STATES
from app.hall.working import AtCounter, Looking, Watching, Working
from app.kit.i18n import LazyString, lazy
from app.kit.problems import Invalid, Problem
from app.requests.answers import NOT_TO_KEEP
from app.requests.showing import show_office
from app.stations.snapshot import DeskFacts, StationFacts
from app.web.forms import address

HALL = "/office/hall"
SEE_OTHER, FORM_AGAIN = 303, 422
READ = Depends(allowed(Permission.HALL_READ))
WORK = Depends(allowed(Permission.HALL_WORK))
StationCode = Annotated[str, Path(max_length=32)]
DONE: Mapping[str, LazyString] = {
    "seated": lazy("You sit at this desk now."),
    "left": lazy("The desk is free."),
    "break": lazy("The break has begun. Nobody is called to your desk."),
    "back": lazy("The break is over."),
    "nobody": lazy("Nobody waits for your desk."),
}
MOVED_ON = lazy("This can't be done any more: somebody has acted in the meantime. The board shows how it stands now.")
TAKEN = lazy("Somebody sits at this desk already. Choose another desk, or ask the manager to sign them out.")
OFTEN = lazy("This ticket was called three times. If nobody comes, say so: it is kept for whoever comes back.")
REFUSED: Mapping[str, LazyString] = {
    **{each.code: each.detail for each in (errors.DeskBusy, errors.DeskUnattended, errors.OnBreak, errors.DeskUnknown)},
    **{each.code: each.detail for each in (errors.ElsewhereSignedIn, errors.TooLateToUndo, errors.TicketUnknown)},
    **{each.code: each.detail for each in (errors.HallClosed, errors.HallHalted)},
    errors.DeskTaken.code: TAKEN,
    errors.CalledOften.code: OFTEN,
    errors.InvalidTransition.code: MOVED_ON,
}
"""Why not, without what an address could make somebody read; whatever else it was, has moved on."""


async def form_of(request: Request) -> FormData:
    return await request.form()


Typed = Annotated[FormData, Depends(form_of)]


def text_of(typed: FormData, name: str, most: int = 300) -> str:
    value = typed.get(name, "")
    return value.strip()[:most] if isinstance(value, str) else ""


def texts_of(typed: FormData, name: str) -> list[str]:
    return list(dict.fromkeys(value for value in typed.getlist(name) if isinstance(value, str) and value))


@dataclass(frozen=True, slots=True)
class Here:
    """One call of a page of a station's counter, whose caller may look there; `at` changes it where it is Working."""

    at: Looking
    station: StationFacts

    @property
    def path(self) -> str:
        return f"{HALL}/{self.station.code}"

    @property
    def may_work(self) -> bool:
        return self.at.reaches(self.station, Permission.HALL_WORK)

    @property
    def may_manage(self) -> bool:
        return self.at.reaches(self.station, Permission.HALL_MANAGE)

    def show(self, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
        own = {"section": HALL, "station": self.station, "hall_path": self.path, "may_work": self.may_work}
        words = {"services_of": self.services_of, "errors": {}}
        full = own | words | dict(context)
        return show_office(self.at.request, self.at.caller, f"hall/{name}", full, status_code=status_code)

    def services_of(self, service_ids: tuple[int, ...]) -> list[Any]:
        return [self.at.network.service_by_id[each] for each in service_ids]

    def see(self, **said: object) -> RedirectResponse:
        """Post, redirect, get: back to the board, which says it."""
        return RedirectResponse(address(self.path, said), SEE_OTHER, NOT_TO_KEEP)

    def desk_by_id(self, desk_id: int | None) -> DeskFacts | None:
        return next((desk for desk in self.station.desks if desk.id == desk_id), None)

    async def my_seat(self) -> Seat | None:
        seats = await seats_of(self.at.database, self.station, self.at.now)
        return next((seat for seat in seats.values() if seat.person_id == self.at.caller.person_id), None)

    async def my_desk(self) -> DeskFacts:
        """The desk at which the caller sits and has no break. Raises DeskUnattended, OnBreak."""
        seat = await self.my_seat()
        desk = self.desk_by_id(seat.desk_id if seat else None)
        if seat is None or desk is None:
            raise errors.DeskUnattended
        if seat.break_since:
            raise errors.OnBreak
        return desk

    async def ticket(self, ticket_id: Any) -> Line:  # noqa: ANN401 - a UUID as the route has read it
        """Raises TicketUnknown, also for one of another station."""
        line = await ticket_of(self.at.database, ticket_id)
        if line is None or line.station_id != self.station.id:
            raise errors.TicketUnknown
        return line


@dataclass(frozen=True, slots=True)
class HereAtWork(Here):
    """The same for whoever may work there."""

    at: Working

    async def refused(self, problem: Problem) -> RedirectResponse:
        """Nothing was changed; the board says why."""
        await self.at.session.rollback()
        return self.see(refused=problem.code)


async def counter(at: Watching, code: StationCode) -> Here:
    """Raises StationUnknown, also where the caller may not look."""
    return Here(at, at.station(code, Permission.HALL_READ))


async def acting(at: AtCounter, code: StationCode) -> HereAtWork:
    """Raises StationUnknown, also where the caller may not work."""
    return HereAtWork(at, at.station(code))


AtBoard = Annotated[Here, Depends(counter)]
AtWork = Annotated[HereAtWork, Depends(acting)]


def said(done: str, refused: str) -> dict[str, str]:
    """What an address of ours says was done, or why not, as sentences; nothing for any other words."""
    why = REFUSED.get(refused, MOVED_ON) if refused else ""
    return {"done": str(DONE.get(done, "")), "refused": str(why)}


def sentences(problem: Problem) -> dict[str, str]:
    """For the summary of a form: by field where it names one."""
    if isinstance(problem, Invalid) and problem.errors:
        return {error.field.split(".")[0]: error.sentence() for error in problem.errors}
    if isinstance(problem, errors.InvalidTransition):
        return {"": problem.detail.format(**{**problem.data, "state": STATES[State(problem.data["state"])]})}
    return {"": problem.sentence()}
