"""What can go wrong with a request.

Problem
├── NotFound 404       RequestUnknown, ItemUnknown
├── Conflict 409       RequestCancelled, AppointmentPast, AppointmentAhead, InvalidTransition, NotToSubcontract
└── 422                Invalid (with the fields; see station_unknown), IdempotencyKeyReused
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, FieldError, Invalid, NotFound, Problem


class RequestUnknown(NotFound):
    """No request with this reference, or another access code: nobody is told which."""

    code = "request_unknown"
    detail = lazy("No request has this reference and access code. Please compare both with your confirmation.")


class RequestCancelled(Conflict):
    code = "request_cancelled"
    detail = lazy("This request has already been cancelled. To come after all, please book a new time.")


class AppointmentPast(Conflict):
    code = "appointment_past"
    detail = lazy("The appointment has already begun and can no longer be changed here. Please speak to the station.")


class AppointmentAhead(Conflict):
    code = "appointment_ahead"
    detail = lazy("The appointment is on {start}. This can be said once its time has come.")


class NotDoneYet(Conflict):
    code = "not_done_yet"
    detail = lazy("You can say how it went once everything that you asked for is done.")


class AlreadyRated(Conflict):
    code = "already_rated"
    detail = lazy("You have said how it went already. Thank you.")


class ItemUnknown(NotFound):
    code = "item_unknown"
    detail = lazy("This request has no item with this number. If it was passed on alone, its timeline says where to.")


class InvalidTransition(Conflict):
    """`action` can't be done with item `item`, because of its `state`: somebody else may have acted in the meantime."""

    code = "invalid_transition"
    detail = lazy("This can't be done now: item {item} is in the state “{state}”. Please look at the request again.")


class NotToSubcontract(Conflict):
    """Only a designated station may do it: what it can't do goes to another designated one."""

    code = "not_to_subcontract"
    detail = lazy("A mandatory verification is done by a designated station itself. Pass the item on to another one.")


class IdempotencyKeyReused(Problem):
    code, status = "idempotency_key_reused", 422
    detail = lazy("This Idempotency-Key was used for something else within the last 24 hours. Please use a new one.")


def station_unknown(code: str) -> Invalid:
    fault = FieldError("station", "station_unknown", "There is no station with the code {code}.", {"code": code})
    return Invalid(errors=[fault])
