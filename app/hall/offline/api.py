"""A counter without a network, for programs: what it needs to know ahead, and handing in what was done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request

from app.audit.service import Actor
from app.hall.errors import DeskUnknown
from app.hall.kiosk.api import given_out
from app.hall.kiosk.queries import Device, exhausted
from app.hall.kiosk.schemas import HandedInOut, LeaseIn, RangeOut
from app.hall.kiosk.service import HandingIn, Leases
from app.hall.offline.errors import PassUnknown
from app.hall.offline.passes import Pass, read, still_works
from app.hall.offline.schemas import (
    CounterHandIn,
    CounterHandInOut,
    CounterOut,
    KnownTicket,
    OwnDesk,
    StepOut,
    StepTaken,
)
from app.hall.offline.service import Done, Replaying, counter_device
from app.hall.queries import Line, board_of
from app.hall.service import Bookings, Counter
from app.hall.working import Now, desk_of
from app.kit.clock import LOCAL, local_date
from app.kit.db import RetryingRoute, WriteSession, Writing
from app.kit.doors import Door
from app.kit.problems import Invalid, TooMany, problem_responses
from app.requests.correspondence import CurrentLetters
from app.requests.letters import Letters
from app.requests.service import Changes
from app.stations.snapshot import CurrentNetwork, Network, StationFacts
from app.web.client import address_of

router = Door(tags=["hall"], route_class=RetryingRoute)
MAY = (PassUnknown, Invalid, TooMany)
Shown = Annotated[
    str, Header(max_length=200, description="What the counter's offline page was given when it was opened.")
]


@dataclass(frozen=True, slots=True)
class AtCounter:
    """A call of a browser at a counter, with everything that handing in needs."""

    request: Request
    network: Network
    now: datetime
    shown: Pass
    session: WriteSession
    letters: Letters

    @property
    def station(self) -> StationFacts:
        return self.network.station_by_id[self.shown.station_id]

    async def device(self) -> Device:
        return await counter_device(self.session, self.station.id, self.now)

    def counter(self, at: datetime) -> Counter:
        return Counter(self.session, self.network, self.station, at, self.shown.person_id)

    def bookings(self, at: datetime) -> Bookings:
        actor = Actor("person", self.shown.person_id, address=address_of(self.request), via="offline counter")
        changes = Changes(self.session, self.network, at, actor, self.letters, by_station=True)
        return Bookings(self.session, self.network, self.station, changes)

    def done(self, step: StepTaken) -> Done:
        """Raises DeskUnknown."""
        return Done(step.event_id, step.ticket_id, step.action, desk_of(self.station, step.desk).id, step.at)


async def at_counter(
    *,
    request: Request,
    x_counter_pass: Shown,
    network: CurrentNetwork,
    now: Now,
    session: Writing,
    letters: CurrentLetters,
) -> AtCounter:
    """Raises PassUnknown, TooMany."""
    shown = read(x_counter_pass, request.app.state.settings.secret_key, now)
    known = shown is not None and shown.station_id in network.station_by_id
    if shown is None or not known or not await still_works(request.app.state.database, shown):
        raise PassUnknown
    await request.app.state.rates.count(f"counter:{shown.person_id}", "ticket", now)
    return AtCounter(request, network, now, shown, session, letters)


Here = Annotated[AtCounter, Depends(at_counter)]


@router.post("/counters/leases", responses=problem_responses(*MAY))
async def lease_to_counter(sent: LeaseIn, here: Here) -> CounterOut:
    """What a browser at a counter needs to go on without a network: numbers ahead, the tickets here, its desk."""
    ranges = await Leases(here.session, await here.device(), here.now).take(sent.holder)
    database, services = here.request.app.state.database, here.network.service_by_id
    board = await board_of(database, here.station, here.now)
    desks = {desk.id: desk.code for desk in here.station.desks}
    seat = next((each for each in board.seats.values() if each.person_id == here.shown.person_id), None)
    return CounterOut(
        station_code=here.station.code,
        at=here.now.astimezone(LOCAL),
        day=local_date(here.now),
        open=True,
        ranges=[RangeOut(first=each.first, last=each.last) for each in ranges],
        exhausted=sorted(services[each].code for each in await exhausted(database, here.station.id, here.now)),
        tickets=[known(line, desks, here.network) for line in (*board.waiting, *board.called, *board.serving)],
        own=OwnDesk(desk=desks[seat.desk_id], skills=seat.skills) if seat else None,
    )


@router.post("/counters/hand-ins", responses=problem_responses(*MAY, DeskUnknown))
async def hand_in_counter(sent: CounterHandIn, here: Here) -> CounterHandInOut:
    """Tickets and steps of a counter that had no network. The same again is `known`; a step of a ticket with which
    another desk has gone on in the meantime is `overtaken`: it changes nothing, and is kept on record."""
    steps = [here.done(each) for each in sent.steps]
    handing = HandingIn(here.session, here.network, await here.device(), here.now)
    items = await handing.all([given_out(each) for each in sent.tickets])
    who = here.station.id, here.shown.person_id
    settled = await Replaying(here.session, here.counter, here.bookings, who, here.now).all(steps)
    return CounterHandInOut(
        items=[HandedInOut.model_validate(each) for each in items],
        steps=[StepOut.model_validate(each) for each in settled],
    )


def known(line: Line, desks: dict[int, str], network: Network) -> KnownTicket:
    return KnownTicket(
        ticket_id=line.id,
        number=line.shown,
        nth=line.number,
        state=line.state,
        first_from=line.first_from,
        rank_at=line.rank_at,
        wants=line.wants,
        desk=desks.get(line.desk_id or 0),
        for_desk=desks.get(line.for_desk_id or 0),
        service_codes=[network.service_by_id[each].code for each in line.open_ids],
    )
