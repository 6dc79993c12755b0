"""What comes of a service: a document with a result of its own, of which kind, or none. Pure.

The catalogue says in the trade's words what is handed over (`deliverable_zh`). A station issues certificates of what it
has measured and reports of what it has tested; what others issue (licences, trademarks, certificates of systems) and
what is said in a conversation is no result of its own.
"""

from enum import StrEnum


class ResultKind(StrEnum):
    """A verification ends with a verdict, a calibration with values only, a test with a report."""

    VERIFICATION = "verification"
    CALIBRATION = "calibration"
    REPORT = "report"


MEASURED, TESTED = "metrology", "testing"


def result_of(category: str, deliverable_zh: str) -> ResultKind | None:
    """The kind of result of a service of this category that hands this over."""
    if category == MEASURED and deliverable_zh.startswith("检定证书"):
        return ResultKind.VERIFICATION
    if category == MEASURED and deliverable_zh.startswith("校准证书"):
        return ResultKind.CALIBRATION
    return ResultKind.REPORT if category == TESTED and deliverable_zh.endswith("报告") else None
