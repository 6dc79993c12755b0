"""What can come between a caller and a place at a desk.

Problem
├── NotFound 404     StationUnknown (in a path), HoldUnknown
├── Invalid 422      one field each: StationNotServed, ServiceUnknown, ServiceRepeated, StationInactive, NotCapable,
│                    ModeNotOffered, CapabilityExpired, NoDeskSkilled, OffGrid, PastStart, TooSoon, BeyondHorizon,
│                    OutsideHours, DateOutOfRange, SiteNotAsked, SiteUnusable, HoldMismatch, KeyReused
├── Conflict 409     SlotTaken, StationClosed (both with the next free times), HoldExpired, HoldUsed, NotBooked
└── TooMany 429      TooManyHolds (with the ends of those that are open)
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self

from app.kit.geo import PointError
from app.kit.i18n import LazyString, lazy
from app.kit.problems import Conflict, FieldError, Invalid, NotFound, TooMany
from app.policy.booking import largest_unit


class StationUnknown(NotFound):
    code = "station_unknown"
    detail = lazy("There is no station with this code.")


class HoldUnknown(NotFound):
    """No such hold, or not this caller's: both answer alike, so that nobody can feel for others' holds."""

    code = "hold_unknown"
    detail = lazy("There is no hold with this number and token.")


class FieldProblem(Invalid):
    """One field is at fault, and the sentence is about it."""

    field: ClassVar[str]
    detail: ClassVar[LazyString]

    def __init__(self, *, field: str | None = None, **data: Any) -> None:
        error = FieldError(field or self.field, self.code, self.detail.msgid, data)
        super().__init__(errors=[error], **data)

    def under(self, names: Mapping[str, str]) -> Self:
        """The same for a door that calls the fields otherwise: the first part of a dotted path is looked up."""
        first, *rest = self.errors[0].field.split(".")
        return type(self)(field=".".join([names.get(first, first), *rest]), **self.data)


class StationNotServed(FieldProblem):
    code, field = "station_unknown", "station_code"
    detail = lazy("There is no station with this code.")


class ServiceUnknown(FieldProblem):
    code, field = "service_unknown", "service_codes"
    detail = lazy("There is no service with the code {service_code}.")


class ServiceRepeated(FieldProblem):
    code, field = "service_repeated", "service_codes"
    detail = lazy("The service {service_code} is named twice. Please name each service once.")


class StationInactive(FieldProblem):
    code, field = "station_inactive", "station_code"
    detail = lazy("This station does not take bookings at present. Please choose another one.")


class NotCapable(FieldProblem):
    code, field = "not_capable", "service_codes"
    detail = lazy("This station does not offer {service_code}. Please choose another station.")


class ModeNotOffered(FieldProblem):
    code, field = "mode_not_offered", "mode"
    detail = lazy("This station does not offer {service_code} in this way. Please choose another way or station.")


class CapabilityExpired(FieldProblem):
    code, field = "capability_expired", "start"
    detail = lazy("On that day this station may not carry out the service. Please choose another day or station.")


class NoDeskSkilled(FieldProblem):
    code, field = "no_desk", "service_codes"
    detail = lazy("No desk of this station can do all of this in one visit. Please book the services separately.")


class OffGrid(FieldProblem):
    code, field = "off_grid", "start"
    detail = lazy("Visits begin every {step_min} minutes, counted from the full hour. Please choose such a time.")


class PastStart(FieldProblem):
    code, field = "past_start", "start"
    detail = lazy("That time is over. Please choose a later one.")


class TooSoon(FieldProblem):
    """`lead_min` says how long ahead bookings close; `too_soon` says it in the largest unit."""

    code, field = "too_soon", "start"
    detail = lazy("Bookings close {lead_min} minutes ahead. Please choose a later time.")


class TooSoonByHours(TooSoon):
    detail = lazy("Bookings close {lead_hours} hours ahead. Please choose a later time.")


class TooSoonByDays(TooSoon):
    detail = lazy("Bookings close {lead_days} days ahead. Please choose a later time.")


def too_soon(lead_min: int) -> TooSoon:
    number, unit = largest_unit(lead_min)
    if unit == "day":
        return TooSoonByDays(lead_min=lead_min, lead_days=number)
    return TooSoonByHours(lead_min=lead_min, lead_hours=number) if unit == "hour" else TooSoon(lead_min=lead_min)


class BeyondHorizon(FieldProblem):
    code, field = "beyond_horizon", "start"
    detail = lazy("Bookings open {horizon_days} days ahead. Please choose an earlier time.")


class OutsideHours(FieldProblem):
    """`reason` is that of the day (holiday, weekend, no_hours), or `hours` when the day is open but not then."""

    code, field = "outside_hours", "start"
    detail = lazy("The station is not open for the whole visit of {duration_min} minutes at that time.")


class DateOutOfRange(FieldProblem):
    code, field = "date_out_of_range", "from"
    detail = lazy("Please give a date within a year of today.")


class SiteNotAsked(FieldProblem):
    code, field = "site_not_asked", "site"
    detail = lazy("Where staff shall come is asked only of a visit on site. Please leave it out, or choose that way.")


class SiteUnusable(Invalid):
    """Half a point, or one that can't be: `error` says which (see `app.kit.geo.MESSAGES`)."""

    def __init__(self, error: PointError, *, prefix: str) -> None:
        super().__init__(errors=[FieldError(f"{prefix}{name}", error.code, str(error)) for name in ("lon", "lat")])


class HoldMismatch(FieldProblem):
    code, field = "hold_mismatch", "items"
    detail = lazy("The place is held for other services. Please hold one for exactly these.")


class KeyReused(FieldProblem):
    code, field = "idempotency_key_reused", "Idempotency-Key"
    detail = lazy("This key was already used for something else. Please use a new one for each hold.")


class SlotTaken(Conflict):
    """Somebody was faster. `next_starts` are the next free times there, RFC 3339."""

    code = "slot_taken"
    detail = lazy("This time has just been taken. Please choose another one.")

    def __init__(self, *, next_starts: Sequence[str] = ()) -> None:
        super().__init__(next_starts=list(next_starts))


class StationClosed(Conflict):
    """The station, or every desk that could do it, is closed then. `next_starts` are the next free times there."""

    code = "station_closed"
    detail = lazy("The station takes nobody at that time. Please choose another one.")

    def __init__(self, *, next_starts: Sequence[str] = ()) -> None:
        super().__init__(next_starts=list(next_starts))


class HoldExpired(Conflict):
    code = "hold_expired"
    detail = lazy(
        "The place is no longer kept for you, because the time to confirm is over. Please choose a time again."
    )


class HoldUsed(Conflict):
    code = "hold_used"
    detail = lazy("This place has already been booked with this hold.")


class NotBooked(Conflict):
    code = "not_booked"
    detail = lazy("This appointment is no longer booked.")


class TooManyHolds(TooMany):
    """`open_holds` says when each of the caller's holds ends, RFC 3339."""

    code = "too_many_holds"
    detail = lazy(
        "You are already keeping {limit} places. Confirm or give back one of them, or wait until the first one ends."
    )

    def __init__(self, *, limit: int, open_until: Sequence[datetime], now: datetime) -> None:
        wait = max((min(open_until) - now).total_seconds(), 0) if open_until else 0
        holds = [{"expires_at": until.isoformat()} for until in sorted(open_until)]
        super().__init__(retry_after=int(wait) + 1, limit=limit, open_holds=holds)
