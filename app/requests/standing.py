"""How a request stands, for whoever looks: which items can take a step, and what is due by when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.kit.clock import LOCAL
from app.kit.formats import day_month
from app.kit.i18n import LazyString, lazy, ngettext, tr
from app.kit.i18n import gettext as _
from app.requests.queries import Item, RequestView
from app.requests.rules import FINISHED, Action, Deadline, Party, State, Step
from app.requests.rules.states import RESULT_ON_ITS_WAY
from app.requests.words import CLOCKS
from app.stations.rules import Calendar

OF_RESULTS = frozenset(
    {
        Action.RECORD_RESULT,
        Action.REFUSE_RESULT,
        Action.VERIFY,
        Action.ISSUE,
        Action.CORRECT_RESULT,
        Action.INVALIDATE,
    }
)
"""Steps with a page of their own in the room of results: more comes with them than a reason."""
ELSEWHERE = OF_RESULTS | {
    Action.SUBMIT,
    Action.RESCHEDULE,
    Action.UNBOOK,
    Action.CANCEL,
    Action.REROUTE,
    Action.ESCALATE,
    Action.CORRECT,
}
REFUSED = lazy("That could not be done: the request has changed in the meantime. This is how it stands now.")
REFUSALS: Mapping[str, LazyString] = {
    "appointment_ahead": lazy("That can be said once the time of the appointment has come."),
    "appointment_past": lazy("The appointment has already begun, so it can no longer be changed here."),
    "slot_taken": lazy("Somebody else has taken that time. Please choose another one."),
}


HAS_RESULTS = RESULT_ON_ITS_WAY | (FINISHED - {State.DONE}) | {State.IN_PROGRESS, State.SUBCONTRACTED}


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline of the request: for what, until when (None while it stands still), and how that came about."""

    what: str
    at: datetime | None
    provisional: bool
    because: str


def able_items(view: RequestView, action: Action, by: Party) -> list[tuple[Item, Step]]:
    """The items that can take the step, with its row."""
    found = ((item, item.step(action, by, booked=view.booked)) for item in view.items)
    return [(item, step) for item, step in found if step]


def label(item: Item) -> str:
    """An item by its number, its service and what tells it apart."""
    apart = item.inputs.get("serial_no") or item.inputs.get("sample_name") or ""
    return f"{item.n}. {tr(item.service, 'name')}" + (f" · {apart}" if apart else "")


def has_results(view: RequestView) -> bool:
    """Whether there is something to see, or to enter, on the page of results."""
    return any(item.service.result and item.status in HAS_RESULTS for item in view.items)


def dues(view: RequestView, calendar: Calendar) -> list[Due]:
    """Each deadline once, though many items may share it."""
    return list(dict.fromkeys(_due(item, item.deadline, calendar) for item in view.items if item.deadline))


def _due(item: Item, deadline: Deadline, calendar: Calendar) -> Due:
    due = deadline.due(calendar) if item.due_at else None
    days = ngettext("%(num)d working day", "%(num)d working days", deadline.days) % {"num": deadline.days}
    began = day_month(deadline.started.astimezone(LOCAL).date())
    because = _("{days} from {day}; the day itself does not count.").format(days=days, day=began)
    if due is None:
        left = max(deadline.days - deadline.counted, 0)
        rest = ngettext("%(num)d working day is left", "%(num)d working days are left", left) % {"num": left}
        because += " " + _("The time stands still; {rest}.").format(rest=rest)
    elif deadline.counted:
        because += " " + _("The time in which it stood still is left out.")
    return Due(str(CLOCKS[deadline.clock]), due and due[0], bool(due and due[1]), because)
