"""What can come between somebody and the answer to a rating.

Problem
├── NotFound 404     RatingUnknown
└── Conflict 409     RatingAnswered, NotCalledYet, NothingToAnswer
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class RatingUnknown(NotFound):
    code = "rating_unknown"
    detail = lazy("No request of your stations with this reference was rated.")


class RatingAnswered(Conflict):
    code = "rating_answered"
    detail = lazy("This rating has been answered already, perhaps by a colleague. Its page shows the answer.")


class NotCalledYet(Conflict):
    code = "not_called_yet"
    detail = lazy(
        "Call the applicant back before you answer, and put the call on record, also when nobody was reached."
    )


class NothingToAnswer(Conflict):
    """Only the two worst levels open a task; with the contact data gone there is nobody to answer to."""

    code = "nothing_to_answer"
    detail = lazy("This rating opens no task: nobody waits for an answer to it.")
