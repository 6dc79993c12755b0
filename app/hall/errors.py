"""What can come between somebody and their turn at the counter.

Problem
├── NotFound 404     TicketUnknown, DeskUnknown
├── Invalid 422      NotServedHere, NoDeskForIt, with the field
└── Conflict 409     InvalidTransition, CalledOften, DeskBusy, DeskTaken, DeskUnattended, OnBreak, ElsewhereSignedIn,
                     Exhausted, AlreadyIn, OtherStation, OtherDay, TooLateToUndo, HallClosed, HallHalted
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class TicketUnknown(NotFound):
    code = "ticket_unknown"
    detail = lazy("There is no such ticket here.")


class DeskUnknown(NotFound):
    code = "desk_unknown"
    detail = lazy("The station has no desk with this code in use.")


class InvalidTransition(Conflict):
    """`action` can't be done with the ticket because of its `state`: somebody else may have acted in the meantime."""

    code = "invalid_transition"
    detail = lazy(
        "This can't be done with ticket {number} any more: somebody has acted. Please look at the board again."
    )


class CalledOften(Conflict):
    code = "called_often"
    detail = lazy("Ticket {number} was called three times. If nobody comes, say so: it is kept for whoever comes back.")


class DeskBusy(Conflict):
    code = "desk_busy"
    detail = lazy("Somebody else is at this desk already. Finish there, or put them back into the queue first.")


class DeskTaken(Conflict):
    code = "desk_taken"
    detail = lazy("{name} sits at this desk. Choose another desk, or ask the manager to sign them out.")


class DeskUnattended(Conflict):
    code = "desk_unattended"
    detail = lazy("You don't sit at this desk. Sign in at it first.")


class OnBreak(Conflict):
    code = "on_break"
    detail = lazy("The desk is on a break. End the break, then call.")


class ElsewhereSignedIn(Conflict):
    code = "elsewhere_signed_in"
    detail = lazy("You sit at another desk already. Leave it first.")


class Exhausted(Conflict):
    """No more walk-ins for the service today; `service_code` says which."""

    code = "contingent_exhausted"
    detail = lazy("All tickets of today for “{service_code}” are given out. Book a time, or go to another station.")


class AlreadyIn(Conflict):
    """The booking has its ticket; `number` says which."""

    code = "already_checked_in"
    detail = lazy("This booking has its ticket already: {number}.")


class OtherStation(Conflict):
    code = "other_station"
    detail = lazy("This booking is for another station: {station}.")


class OtherDay(Conflict):
    code = "other_day"
    detail = lazy("This booking is for another day: {start}.")


class TooLateToUndo(Conflict):
    code = "too_late_to_undo"
    detail = lazy("The last step can't be taken back any more.")


class HallClosed(Conflict):
    """Whoever has a ticket is still served; those with an appointment still get one."""

    code = "hall_closed"
    detail = lazy("The hall gives out no more tickets today. Please book a time, or come on another day.")


class HallHalted(Conflict):
    code = "hall_halted"
    detail = lazy("The hall is stopped: nobody is called and no ticket given out until the manager ends the stop.")
