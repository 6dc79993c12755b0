"""Changing a station's time in two steps: what is asked, then everybody whom it concerns with what they are offered.

The three forms (close, retire a desk, new hours) differ in their fields alone. The second step has the first one's
fields in its address, and nothing is saved before it is confirmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from app.closing.asked import (
    SENTENCES,
    WEEKDAYS,
    CloseForm,
    ReasonForm,
    RetireForm,
    WeekForm,
    closing,
    new_week,
    retiring,
)
from app.closing.chosen import in_words, read, written
from app.closing.concerned import concerned
from app.closing.errors import BookedSince, DeskAttended
from app.closing.pages.frame import CHANGE, FORM_AGAIN, HOURS, Change, Here, ToChange, see
from app.closing.planning import Planner, Proposal
from app.closing.rules.changes import NewWeek, StationChange
from app.closing.rules.choosing import Offer
from app.closing.service import Closings
from app.closing.words import CHOSEN, REASONS, Reason
from app.hall.errors import DeskUnknown
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.formats import weekday
from app.kit.i18n import tr
from app.stations.opening import timetables
from app.stations.snapshot import DeskFacts
from app.stations.views import in_clock_times, week_rows
from app.web.forms import judged

router = Door(route_class=RetryingRoute)
CONFLICT = 409
MOST_FIELDS = 5000
TO = "to."
"""Before the reference of a request, the name of the field with what was chosen for it."""
Fields = Mapping[str, str]
Judged = tuple[StationChange | None, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the forms: its page, its model, and what it makes of a station."""

    name: str
    form: type[ReasonForm]
    make: Callable[[Any, Here, DeskFacts | None], Judged]


CLOSE = Kind("close", CloseForm, lambda form, here, _desk: closing(form, here.asked_at))
WEEK = Kind("week", WeekForm, lambda form, here, _desk: new_week(form, here.asked_at))
RETIRE = Kind("retire", RetireForm, lambda form, _here, desk: retiring(form, desk) if desk else (None, {}))


@dataclass(frozen=True, slots=True)
class Asking:
    """A form on its way: which one, at which station, what was typed, and for which desk."""

    kind: Kind
    here: Here
    given: Fields
    desk: DeskFacts | None = None

    @property
    def path(self) -> str:
        return (
            f"{self.here.path}/desks/{self.desk.code}/{self.kind.name}"
            if self.desk
            else f"{self.here.path}/{self.kind.name}"
        )

    def judged(self) -> Judged:
        """The change that is asked for, or a sentence for each field that is wrong."""
        form, errors = judged(self.kind.form, self.given, SENTENCES)
        return (None, errors) if form is None else self.kind.make(form, self.here, self.desk)


# --- What is asked -------------------------------------------------------------------------------------------------


@router.get(f"{HOURS}/{{code}}/close", dependencies=[CHANGE])
async def close(here: ToChange, desk: str = "") -> HTMLResponse:
    return ask(Asking(CLOSE, here, {"desk": desk, "reason": Reason.STAFF.value}))


@router.get(f"{HOURS}/{{code}}/week", dependencies=[CHANGE])
async def week(here: ToChange) -> HTMLResponse:
    now = timetables(here.station.hours, here.asked_at.today)[0].week
    hours = {name: ", ".join(in_clock_times(windows)) for name, windows in zip(WEEKDAYS, now, strict=True)}
    return ask(Asking(WEEK, here, {"reason": Reason.HOURS.value, **hours}))


@router.get(f"{HOURS}/{{code}}/desks/{{desk}}/retire", dependencies=[CHANGE])
async def retire(here: ToChange, desk: str) -> HTMLResponse:
    """Raises DeskUnknown."""
    return ask(Asking(RETIRE, here, {"reason": Reason.STAFF.value}, desk_in_use(here, desk)))


def ask(asking: Asking, errors: Mapping[str, str] | None = None) -> HTMLResponse:
    here = asking.here
    today = here.asked_at.today
    monday_on = week_rows(timetables((), today)[0], today)["rows"]
    context = {
        "given": asking.given,
        "errors": errors or {},
        "reasons": [(reason.value, str(words)) for reason, words in REASONS.items()],
        "desks": [(each.code, tr(each, "name")) for each in here.station.desks if each.active],
        "desk": asking.desk,
        "weekdays": [(name, weekday(day)) for name, (day, _rows) in zip(WEEKDAYS, monday_on, strict=True)],
        "today": today,
        "check_path": f"{asking.path}/check",
    }
    return here.show(f"{asking.kind.name}.html", context, status_code=FORM_AGAIN if errors else 200)


def desk_in_use(here: Here, code: str) -> DeskFacts:
    """Raises DeskUnknown."""
    found = here.asked_at.desk(code)
    if found is None:
        raise DeskUnknown
    return found


# --- Whom it concerns ----------------------------------------------------------------------------------------------


@router.get(f"{HOURS}/{{code}}/close/check", dependencies=[CHANGE])
async def check_close(here: ToChange) -> HTMLResponse:
    return await check(Asking(CLOSE, here, fields_of(here.at.request)))


@router.get(f"{HOURS}/{{code}}/week/check", dependencies=[CHANGE])
async def check_week(here: ToChange) -> HTMLResponse:
    return await check(Asking(WEEK, here, fields_of(here.at.request)))


@router.get(f"{HOURS}/{{code}}/desks/{{desk}}/retire/check", dependencies=[CHANGE])
async def check_retire(here: ToChange, desk: str) -> HTMLResponse:
    return await check(Asking(RETIRE, here, fields_of(here.at.request), desk_in_use(here, desk)))


async def check(asking: Asking) -> HTMLResponse:
    change, errors = asking.judged()
    return ask(asking, errors) if change is None else await check_page(asking, change)


def fields_of(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.query_params.items() if value.strip()}


async def check_page(asking: Asking, change: StationChange, refused: str = "") -> HTMLResponse:
    """Everybody concerned, each with the best that is free; `refused` says why the list is shown anew."""
    here = asking.here
    at, desk_id = here.at, None if isinstance(change, NewWeek) else change.desk_id
    async with at.database.reader() as session:
        found = await concerned(session, at.network, here.station, change, at.now)
    proposals = await planner_of(here, change).propose(found.movable)
    context = {
        "kind": asking.kind.name,
        "change": change,
        "given": asking.given,
        "desk": next((desk for desk in here.station.desks if desk.id == desk_id), None),
        "week": week_of(change),
        "rows": [row_of(here, proposal) for proposal in proposals],
        "counts": counts_of(proposals),
        "begun": found.begun,
        "form_path": asking.path,
        "refused": refused,
    }
    return here.show("check.html", context, status_code=CONFLICT if refused else 200)


def week_of(change: StationChange) -> list[tuple[str, list[str]]]:
    """New hours as rows of weekday and windows."""
    if not isinstance(change, NewWeek):
        return []
    monday = change.first - timedelta(days=change.first.weekday())
    days = (monday + timedelta(days=n) for n in range(len(change.week)))
    return [(weekday(day), in_clock_times(windows)) for day, windows in zip(days, change.week, strict=True)]


def planner_of(here: Here, change: StationChange) -> Planner:
    state = here.at.request.app.state
    after = change.applied(here.station)
    return Planner(here.at.network, after, state.availability, here.at.now, state.settings.booking.reach_km)


@dataclass(frozen=True, slots=True)
class Row:
    """A person of the list: who, and what can be chosen for them, each as value and words, the best one first."""

    proposal: Proposal
    name: str
    choices: list[tuple[str, str]]


def row_of(here: Here, proposal: Proposal) -> Row:
    choices = [(Offer.ASK.value, str(CHOSEN[Offer.ASK]))]
    if proposal.offer is not Offer.ASK:
        choices.insert(0, (written(proposal), in_words(proposal, here.station)))
    return Row(proposal, f"{TO}{proposal.booked.reference}", choices)


def counts_of(proposals: list[Proposal]) -> dict[str, int]:
    return {offer.value: sum(each.offer is offer for each in proposals) for offer in Offer}


# --- Confirmed -----------------------------------------------------------------------------------------------------


@router.post(f"{HOURS}/{{code}}/close", dependencies=[CHANGE])
async def confirm_close(change: Change) -> Response:
    return await confirm(CLOSE, change)


@router.post(f"{HOURS}/{{code}}/week", dependencies=[CHANGE])
async def confirm_week(change: Change) -> Response:
    return await confirm(WEEK, change)


@router.post(f"{HOURS}/{{code}}/desks/{{desk}}/retire", dependencies=[CHANGE])
async def confirm_retire(change: Change, desk: str) -> Response:
    return await confirm(RETIRE, change, desk_in_use(change.here, desk))


async def confirm(kind: Kind, at: Change, desk: DeskFacts | None = None) -> Response:
    """Carry it out, or show the list anew when it isn't as it was shown."""
    here, work = at.here, at.work
    given = form_fields(await work.request.form(max_fields=MOST_FIELDS))
    fields = {name: value for name, value in given.items() if not name.startswith(TO)}
    asking = Asking(kind, here, fields, desk)
    change, errors = asking.judged()
    if change is None:
        return ask(asking, errors)
    read_all = {name.removeprefix(TO): read(value) for name, value in given.items() if name.startswith(TO)}
    closings = Closings(work.session, work.network, work.letters, work.caller.actor, work.now)
    try:
        chosen = {reference: each for reference, each in read_all.items() if each is not None}
        moved = await closings.carry_out(here.station, change, chosen, planner_of(here, change))
    except (BookedSince, DeskAttended) as problem:
        await work.session.rollback()
        return await check_page(asking, change, problem.sentence())
    if moved.to_call:
        return see(here.path, done="changed", call=",".join(moved.to_call))
    return see(here.path, done="changed" if moved.counts else "unchanged_people")


def form_fields(form: FormData) -> dict[str, str]:
    """What was sent, by the whole name of each field."""
    return {name: value for name, value in form.items() if isinstance(value, str) and value.strip()}
