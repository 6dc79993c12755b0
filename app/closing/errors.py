"""What can go wrong when a station's time is changed, each with what to do."""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class BookedSince(Conflict):
    """Who is concerned, or what is free for them, has changed since the list was made."""

    code = "booked_since"
    detail = lazy("Somebody has booked, moved or cancelled since. Please look at the list again.")


class DeskAttended(Conflict):
    """Whoever sits at the desk could not finish there."""

    code = "desk_attended"
    detail = lazy("Somebody sits at this desk. Ask them to leave it first.")


class ClosureUnknown(NotFound):
    code = "closure_unknown"
    detail = lazy("There is no such closure any more.")
