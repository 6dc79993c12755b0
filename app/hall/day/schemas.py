"""What the JSON doors of the day take and send."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.hall.rules.states import HaltReason
from app.hall.schemas import Code, Reason
from app.hall.service.contingents import MOST
from app.kit.schemas import Out, Strict

PerDay = Annotated[int, Field(ge=0, le=MOST)]


class HaltIn(Strict):
    """Why the hall is stopped; `other` needs words."""

    reason: HaltReason
    words: Reason = ""


class ContingentIn(Strict):
    """Walk-in tickets a day for a service; null for as many as come."""

    service_code: Code
    per_day: PerDay | None


class ContingentsIn(Strict):
    """Those that are changed; all others stay as they are."""

    contingents: Annotated[list[ContingentIn], Field(min_length=1, max_length=500)]


class ContingentOut(Out):
    service_code: str
    per_day: int | None
    used_today: int


class ContingentsOut(Out):
    contingents: list[ContingentOut]


class OpeningOut(Out):
    """Since `closed_at` only appointments get a ticket today; since `halted_at` nobody does, and nobody is called."""

    station_code: str
    closed_at: datetime | None
    halted_at: datetime | None
    halt_reason: HaltReason | None


class HourOut(Out):
    """`load` is the busy share of the time in which desks were staffed; null where none was."""

    start: datetime
    booked: int
    walk_ins: int
    served: int
    most_waiting: int
    load: float | None


class DayOut(Out):
    """A day so far. Waits are in minutes until the first call, null while nobody was called."""

    station_code: str
    day: date
    booked: int
    walk_ins: int
    waiting: int
    served: int
    no_shows: int
    left: int
    wait_p50_min: float | None
    wait_p90_min: float | None
    hours: list[HourOut]
