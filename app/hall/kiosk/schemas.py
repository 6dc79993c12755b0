"""What the JSON doors of kiosks take and send."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import UUID7, Field

from app.hall.rules.handing_in import Outcome
from app.hall.rules.states import Priority
from app.hall.schemas import Codes
from app.kit.schemas import Out, Strict, WrittenTime

MOST_AT_ONCE = 100
HIGHEST = 99_999
OwnPriority = Literal[Priority.NONE, Priority.ELDERLY, Priority.DISABLED]
"""What somebody may say of themselves; what is urgent, staff decide."""


class LeaseIn(Strict):
    """`holder` is an id that the kiosk's browser has made for itself once: each browser gets numbers of its own."""

    holder: UUID


class RangeOut(Out):
    first: int
    last: int


class LeaseOut(Out):
    """The numbers that this browser gives out on `day`, in this order, online and offline; `at` is the time here.

    `exhausted` are the services of which there are no more tickets today.
    """

    station_code: str
    at: datetime
    day: date
    open: bool
    ranges: list[RangeOut]
    exhausted: list[str]


class GivenOutIn(Strict):
    """A ticket that was given out offline: its id, made by the kiosk (UUIDv7), its number, and when that was."""

    ticket_id: UUID7
    number: Annotated[int, Field(ge=1, le=HIGHEST)]
    given_at: WrittenTime
    service_codes: Codes
    priority: OwnPriority = Priority.NONE
    language: Literal["zh-CN", "en"] = "zh-CN"


class HandIn(Strict):
    tickets: Annotated[list[GivenOutIn], Field(min_length=1, max_length=MOST_AT_ONCE)]


class HandedInOut(Out):
    """What became of a ticket. `number` is the one by which it is called: another one where it was `renumbered`."""

    ticket_id: UUID
    outcome: Outcome
    number: str | None


class HandInOut(Out):
    items: list[HandedInOut]
