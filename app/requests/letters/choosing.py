"""Which letters a step causes, and which it makes untrue before they have left. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.catalogue.snapshot import Catalogue
from app.policy.letters import REMINDERS, LetterKind
from app.requests.letters.facts import News
from app.requests.queries import RequestView
from app.requests.rules import LIVE, Action, State

HEARS: Mapping[Action, LetterKind] = {
    Action.RETURN: LetterKind.RETURNED,
    Action.ACCEPT: LetterKind.ACCEPTED,
    Action.DECLINE: LetterKind.DECLINED,
    Action.NO_SHOW: LetterKind.NO_SHOW,
    Action.REJECT_ITEM: LetterKind.NOT_TAKEN,
    Action.SUSPEND: LetterKind.SUSPENDED,
    Action.ASK_SUBCONTRACT: LetterKind.CONSENT_ASKED,
    Action.ISSUE: LetterKind.ISSUED,
    Action.INVALIDATE: LetterKind.INVALIDATED,
    Action.FINISH: LetterKind.DONE,
    Action.RESCHEDULE: LetterKind.MOVED,
    Action.REROUTE: LetterKind.PASSED_ON,
    Action.ESCALATE: LetterKind.PASSED_ON,
    Action.CANCEL: LetterKind.CANCELLED,
    Action.RESTORE: LetterKind.RESTORED,
    Action.UNBOOK: LetterKind.UNBOOKED,
    Action.CLOSE_COMPLAINT: LetterKind.COMPLAINT_ANSWERED,
}
"""What the applicant hears of by mail: where something is decided or wanted, not each step of the work."""
COMES = frozenset({State.SUBMITTED, State.RETURNED, State.ACCEPTED, State.SCHEDULED})
NAMES_THE_TIME = (
    LetterKind.CONFIRMED,
    LetterKind.ACCEPTED,
    LetterKind.MOVED,
    LetterKind.PASSED_ON,
    LetterKind.RESTORED,
)
ABOUT_A_STATE: Mapping[State, LetterKind] = {
    State.RETURNED: LetterKind.RETURNED,
    State.CONSENT_ASKED: LetterKind.CONSENT_ASKED,
    State.SUSPENDED: LetterKind.SUSPENDED,
    State.NO_SHOW: LetterKind.NO_SHOW,
    State.CANCELLED: LetterKind.CANCELLED,
}
"""What tells only that something is so; nobody needs to hear of it when it isn't any more."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken: the request before and after it, the numbers of the items that took it."""

    action: Action
    before: RequestView
    after: RequestView
    changed: tuple[int, ...]
    reason: str
    by_station: bool
    at: datetime

    @property
    def took_leave(self) -> bool:
        """Whether the items that took it have gone: what there is to say is said of the request that they are now."""
        return not any(item.n in self.changed for item in self.after.items)

    @property
    def split_from(self) -> str:
        """The request that the items have just left for this one."""
        before = self.before.request.reference
        return before if before != self.after.request.reference else ""


def news_of(step: Step, catalogue: Catalogue) -> News | None:
    """What the applicant hears of the step; of what is done item by item, only when all of it is."""
    kind = HEARS.get(step.action)
    after = step.after
    waits = step.action is Action.ACCEPT and any(item.status == State.SUBMITTED for item in after.items)
    goes_on = step.action is Action.FINISH and after.request.status != State.DONE
    if kind is None or waits or goes_on or step.took_leave:
        return None
    changed = [item for item in after.items if item.n in step.changed]
    whole = kind in (LetterKind.ACCEPTED, LetterKind.DONE) or len(changed) == len(after.items)
    return News(
        kind,
        step.by_station,
        step.reason,
        () if whole else tuple(changed),
        tuple((item, catalogue.by_code[item.service.code]) for item in changed if item.faults),
        step.before.appointment if step.before.booked or kind is not LetterKind.MOVED else None,
        step.split_from,
    )


def comes(view: RequestView) -> bool:
    """Whether somebody is expected at the time that is booked."""
    return view.booked and view.request.status in COMES


def reminds_anew(step: Step) -> bool:
    """Whether the reminders that were written are no longer right: another time or site, other things to bring."""
    before, after = step.before, step.after
    return (
        comes(before) != comes(after)
        or (comes(after) and before.appointment != after.appointment)
        or (comes(after) and (before.site != after.site or _going_on(before) != _going_on(after)))
    )


def untrue(step: Step) -> tuple[LetterKind, ...]:
    """Kinds of letters about the request that the step makes untrue, if they have not left yet."""
    left = {item.status for item in step.before.items} - {item.status for item in step.after.items}
    gone = tuple(kind for state, kind in ABOUT_A_STATE.items() if state in left)
    if not comes(step.before) or not reminds_anew(step):
        return gone
    moved = not comes(step.after) or _where_and_when(step.before) != _where_and_when(step.after)
    return (*gone, *REMINDERS, *NAMES_THE_TIME) if moved else (*gone, *REMINDERS)


def _where_and_when(view: RequestView) -> object:
    """A visit that only ends earlier is still the one that a letter named."""
    return view.appointment.station.id, view.appointment.start


def _going_on(view: RequestView) -> list[object]:
    return [(item.n, item.inputs) for item in view.items if State(item.status) in LIVE]
