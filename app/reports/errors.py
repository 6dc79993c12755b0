"""What this room refuses.

NotFound
└── ReportUnknown    404  no report of the caller's has this id
Conflict
├── NoAddress        409  the account has no mail address to which a report could go
└── TooManyReports   409  so many reports are kept already
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class ReportUnknown(NotFound):
    code = "report_unknown"
    detail = lazy("There is no such report of yours. It may have been ended already.")


class NoAddress(Conflict):
    code = "no_address"
    detail = lazy("Your account has no mail address. Enter one on your account's page, then ask for the report again.")


class TooManyReports(Conflict):
    """Raised with `most`."""

    code = "too_many_reports"
    detail = lazy("You get {most} reports already. End one that you no longer need.")
