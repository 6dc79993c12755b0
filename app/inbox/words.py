"""The words of the inbox for what an address has by code."""

from collections.abc import Mapping

from app.inbox.rules import Due, View
from app.kit.i18n import LazyString, lazy
from app.routing.rules import Mode

VIEWS: Mapping[View, LazyString] = {
    View.DUE: lazy("To do"),
    View.LATE: lazy("Late"),
    View.TODAY: lazy("Today's appointments"),
    View.WAITING: lazy("Waiting for the applicant"),
    View.UNREAD: lazy("Unread messages"),
    View.COMPLAINTS: lazy("Complaints"),
    View.ALL: lazy("All"),
}
ORDERS: Mapping[View, LazyString] = {
    View.DUE: lazy("What goes on, what is due first on top."),
    View.LATE: lazy("What should have been done before, the longest overdue on top."),
    View.TODAY: lazy("Who is expected today, by time."),
    View.WAITING: lazy("What the applicant has to correct, or to choose a time for."),
    View.UNREAD: lazy("Where the applicant has written and nobody has read it yet."),
    View.COMPLAINTS: lazy("Complaints that nobody has answered yet."),
    View.ALL: lazy("What is done too, the newest first."),
}
DUES: Mapping[Due, LazyString] = {
    Due.LATE: lazy("Late"),
    Due.TODAY: lazy("Today"),
    Due.SOON: lazy("Within 2 working days"),
    Due.STILL: lazy("Time stands still"),
    Due.NONE: lazy("Nothing due"),
}
MODES: Mapping[Mode, LazyString] = {
    Mode.STATION: lazy("At the station"),
    Mode.ONSITE: lazy("At the applicant's site"),
    Mode.ONLINE: lazy("Online"),
}
