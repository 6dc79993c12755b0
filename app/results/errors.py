"""What can go wrong with results and the documents made of them.

Problem
├── NotFound 404    ResultUnknown, DocumentUnknown
├── Conflict 409    ResultChanged
└── Forbidden 403   OwnResult
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, Forbidden, NotFound


class ResultUnknown(NotFound):
    code = "result_unknown"
    detail = lazy("No result was entered for this item.")


class DocumentUnknown(NotFound):
    """No document of this number, or another code: nobody is told which."""

    code = "document_unknown"
    detail = lazy("No document has this number and code. Please compare both with the paper; 0 and O are the same.")


class ResultChanged(Conflict):
    """Somebody has entered it anew since it was looked at."""

    code = "result_changed"
    detail = lazy("The result was entered anew in the meantime. Please look at it again before you verify it.")


class OwnResult(Forbidden):
    """Four eyes: who entered a result can't verify it."""

    code = "own_result"
    detail = lazy("You have entered this result yourself. Somebody else at the station has to verify it.")
