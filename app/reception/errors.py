"""What can come between somebody and a thing that was handed in.

Problem
├── NotFound 404     ThingUnknown
└── Conflict 409     CustodyMoved, NotExpected
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class ThingUnknown(NotFound):
    """No thing with this code, or none that the caller's station has to do with: nobody is told which."""

    code = "thing_unknown"
    detail = lazy("No thing with this code belongs to this station. Please compare it with the label.")


class CustodyMoved(Conflict):
    """`action` can't be done where the thing is (`standing`): somebody has acted, or the label was scanned twice."""

    code = "custody_moved"
    detail = lazy("This was not done: the thing is somewhere else by now. Its page shows where it is.")


class NotExpected(Conflict):
    """The item isn't one that could be taken in now; `state` says how it stands."""

    code = "not_expected"
    detail = lazy("This can't be taken in: the request is not at the point where things are handed in.")
