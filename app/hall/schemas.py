"""What the JSON doors of the counter take and send."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.hall.models import REASON_LENGTH
from app.hall.rules.states import Kind, Priority, State
from app.kit.schemas import Out, Strict
from app.kit.text import Paragraph

MOST_SERVICES = 10
Code = Annotated[str, Field(min_length=1, max_length=40)]
Codes = Annotated[list[Code], Field(min_length=1, max_length=MOST_SERVICES)]
DeskCode = Annotated[str, Field(min_length=1, max_length=16, examples=["D1"])]
Reason = Annotated[str, Paragraph(REASON_LENGTH, blank=True)]


class WalkIn(Strict):
    """Somebody without an appointment. `urgent` needs a reason; without a language it is that of the call."""

    service_codes: Codes
    priority: Priority = Priority.NONE
    priority_reason: Reason = ""
    language: Literal["zh-CN", "en"] | None = None


class CheckIn(Strict):
    """Somebody with an appointment of today."""

    reference: Annotated[str, Field(min_length=1, max_length=40, examples=["ZT-7K3M-9QXD-J"])]
    priority: Priority = Priority.NONE
    priority_reason: Reason = ""


class CallNext(Strict):
    desk: DeskCode


class SignIn(Strict):
    """Sit down at a desk; with categories for these alone, of those that the desk is for."""

    desk: DeskCode
    categories: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=20, default_factory=list)]


class StepIn(Strict):
    """What may come with a step: `desk` with `call` and `transfer`, `station` with `transfer` to another one, `done`
    with `finish` (what was really done; `rest` says what becomes of the others), `service_codes` with `start` and
    `split`, `priority` with `prioritise`."""

    desk: DeskCode | None = None
    station: Annotated[str | None, Field(max_length=32)] = None
    done: Annotated[list[Code], Field(max_length=MOST_SERVICES, default_factory=list)]
    rest: Literal["queue", "leave"] = "queue"
    service_codes: Annotated[list[Code], Field(max_length=MOST_SERVICES, default_factory=list)]
    priority: Priority | None = None
    priority_reason: Reason = ""


class TicketOut(Out):
    """A ticket. `wait_p50_min` and `wait_p90_min` are there while it waits and somebody sits at a desk for it."""

    ticket_id: UUID
    number: str
    station_code: str
    kind: Kind
    state: State
    service_codes: list[str]
    open_service_codes: list[str]
    priority: Priority
    issued_at: datetime
    booked_at: datetime | None
    reference: str | None
    desk: str | None
    for_desk: str | None
    calls: int
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    wait_p50_min: int | None = None
    wait_p90_min: int | None = None


class SeatOut(Out):
    """Somebody at a desk."""

    desk: str
    name: str
    categories: list[str]
    since: datetime
    break_since: datetime | None


class BoardOut(Out):
    """The waiting in the order in which they are called now; `done` are those of the last hour.

    `at` is when this was made up: since then nothing has changed.
    """

    station_code: str
    at: datetime
    waiting: list[TicketOut]
    called: list[TicketOut]
    serving: list[TicketOut]
    parked: list[TicketOut]
    done: list[TicketOut]
    desks: list[SeatOut]
