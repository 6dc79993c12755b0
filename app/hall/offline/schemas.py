"""What the JSON doors of a counter without a network take and send."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import UUID7, Field

from app.hall.kiosk.schemas import MOST_AT_ONCE, GivenOutIn, HandedInOut, LeaseOut
from app.hall.rules.offline import StepOutcome
from app.hall.rules.states import Action, State
from app.hall.schemas import DeskCode
from app.kit.schemas import Out, Strict, WrittenTime


class KnownTicket(Out):
    """A ticket as a browser needs it to go on in the same order: see rules.calling."""

    ticket_id: UUID
    number: str
    nth: int
    state: State
    first_from: datetime
    rank_at: datetime
    wants: int
    desk: str | None
    for_desk: str | None
    service_codes: list[str]


class OwnDesk(Out):
    desk: str
    skills: int


class CounterOut(LeaseOut):
    """The numbers of this browser, the tickets that are here, and where its person sits."""

    tickets: list[KnownTicket]
    own: OwnDesk | None


class StepTaken(Strict):
    """A step as it was taken without a network; its id is made by the browser (UUIDv7)."""

    event_id: UUID7
    ticket_id: UUID
    action: Literal[Action.CALL, Action.START, Action.FINISH, Action.NO_SHOW]
    desk: DeskCode
    at: WrittenTime


class CounterHandIn(Strict):
    """Tickets that were given out there, and steps: the tickets come first."""

    tickets: Annotated[list[GivenOutIn], Field(max_length=MOST_AT_ONCE, default_factory=list)]
    steps: Annotated[list[StepTaken], Field(max_length=MOST_AT_ONCE, default_factory=list)]


class StepOut(Out):
    """What became of a step, and where its ticket stands now."""

    event_id: UUID
    outcome: StepOutcome
    state: State | None


class CounterHandInOut(Out):
    items: list[HandedInOut]
    steps: list[StepOut]
