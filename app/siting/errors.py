"""What can come between somebody and a plan.

Problem
├── NotFound 404     PlanUnknown
└── Conflict 409     PlanEnded, PlansFull, PlanUnanswered
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class PlanUnknown(NotFound):
    code = "plan_unknown"
    detail = lazy("There is no such plan, or it was deleted.")


class PlanEnded(Conflict):
    """`status` says what has become of it."""

    code = "plan_ended"
    detail = lazy("This plan has come to its end already: there is nothing to stop.")


class PlansFull(Conflict):
    """One person's plans that wait or are being worked at are `most`."""

    code = "plans_full"
    detail = lazy("{most} of your plans are still being worked at. Wait until one is done, or stop one.")


class PlanUnanswered(Conflict):
    """`status` says how far it is; a file holds an answer only."""

    code = "plan_unanswered"
    detail = lazy("This plan has no answer, so there is nothing for a file. Look at the plan to see why.")
