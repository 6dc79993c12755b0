"""The life of a request item as one table: from which state to which, who may, what must be given, what it does.

Nothing else knows the steps one by one: services, pages and docs/life.md are made from `TABLE`. Further states and
steps are further rows. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.accounts.rules.rights import Permission
from app.requests.rules.states import EVERY_WAY, FINISHED, LIVE, RESULT_ON_ITS_WAY, Action, State, Way

P = Permission


class Party(StrEnum):
    """On whose side somebody stands."""

    APPLICANT = "applicant"
    STATION = "station"


class Need(StrEnum):
    """What must be given with a step; the name is that of the field."""

    REASON = "reason"
    FAULTS = "faults"
    INPUTS = "inputs"
    PLACE = "hold_id"


class Effect(StrEnum):
    """What a step does to the deadline of its item."""

    NONE = ""
    ASK = "ask"
    """The station owes a first answer from now on, unless it owes one already."""
    WORK = "work"
    """The work begins, and with it its own time."""
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


class Back(StrEnum):
    """A target that isn't one state."""

    WHERE_IT_WAS = "where_it_was"
    """The state before it was cancelled."""
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Step:
    """A row: `action` leads items of these `ways` from each of `sources` to `target`.

    `by` says on whose side one must stand; for staff, `permission` (at the request's station) as well. `booked`: only
    when a place is booked (True) or none is (False). `result`: only for services that give a certificate or report
    (True), or none (False). `frees` gives the booked time back, if it has not begun.
    """

    action: Action
    sources: frozenset[State | None]
    target: State | Back
    by: Party = Party.STATION
    permission: Permission = P.REQUESTS_CHANGE
    ways: frozenset[Way] = EVERY_WAY
    booked: bool | None = None
    result: bool | None = None
    needs: tuple[Need, ...] = ()
    effect: Effect = Effect.NONE
    frees: bool = False

    def leads_from(self, state: State, before: State | None = None) -> State:
        """The state after the step; `before` is where a cancelled item was."""
        if self.target is Back.WHERE_IT_WAS:
            return before or State.SUBMITTED
        return state if self.target is Back.STAYS else State(self.target)


S, A, W, N, E = State, Action, Way, Need, Effect
AT_STATION = frozenset({W.HANDED_IN, W.COUNTER})
BEFORE_WORK = frozenset({S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.SCHEDULED, S.NO_SHOW})
HANDLE, MANAGE, VERIFY, APPLICANT = P.REQUESTS_HANDLE, P.REQUESTS_MANAGE, P.RESULTS_VERIFY, Party.APPLICANT
GOES_ELSEWHERE = frozenset[State | None](LIVE - RESULT_ON_ITS_WAY)


def _from(*states: State | None) -> frozenset[State | None]:
    return frozenset(states)


def _only(*ways: Way) -> frozenset[Way]:
    return frozenset(ways)


TABLE: tuple[Step, ...] = (
    Step(A.SUBMIT, _from(None), S.SUBMITTED, APPLICANT, effect=E.ASK),
    Step(A.RETURN, _from(S.SUBMITTED), S.RETURNED, needs=(N.FAULTS,), effect=E.PAUSE),
    Step(A.CORRECT, _from(S.RETURNED), S.SUBMITTED, APPLICANT, needs=(N.INPUTS,), effect=E.RESUME),
    Step(A.ACCEPT, _from(S.SUBMITTED), S.SCHEDULED, booked=True, effect=E.END),
    Step(A.ACCEPT, _from(S.SUBMITTED), S.ACCEPTED, booked=False, effect=E.END),
    Step(A.DECLINE, _from(S.SUBMITTED), S.DECLINED, needs=(N.REASON,), effect=E.END, frees=True),
    # Who comes on time is let in, also when nobody has answered yet: the counter's answer is the first one.
    Step(A.CHECK_IN, _from(S.SUBMITTED, S.SCHEDULED), S.CHECKED_IN, permission=HANDLE, ways=AT_STATION, effect=E.END),
    Step(A.NO_SHOW, _from(S.SUBMITTED, S.SCHEDULED), S.NO_SHOW, permission=HANDLE, booked=True, effect=E.END),
    Step(A.RECEIVE, _from(S.CHECKED_IN), S.RECEIVED, permission=HANDLE, ways=_only(W.HANDED_IN), effect=E.WORK),
    Step(
        A.REJECT_ITEM,
        _from(S.CHECKED_IN),
        S.ITEM_REJECTED,
        permission=HANDLE,
        ways=_only(W.HANDED_IN),
        needs=(N.REASON,),
        effect=E.END,
    ),
    Step(A.DISPATCH, _from(S.SCHEDULED), S.DISPATCHED, permission=HANDLE, ways=_only(W.ONSITE)),
    Step(A.ARRIVE, _from(S.DISPATCHED), S.ARRIVED, permission=HANDLE, ways=_only(W.ONSITE), effect=E.WORK),
    Step(A.START, _from(S.RECEIVED), S.IN_PROGRESS, permission=HANDLE, ways=_only(W.HANDED_IN)),
    Step(A.START, _from(S.ARRIVED), S.IN_PROGRESS, permission=HANDLE, ways=_only(W.ONSITE)),
    Step(A.START, _from(S.CHECKED_IN), S.IN_PROGRESS, permission=HANDLE, ways=_only(W.COUNTER), effect=E.WORK),
    # Advice online needs neither a desk nor a thing.
    Step(
        A.START,
        _from(S.ACCEPTED, S.SCHEDULED),
        S.IN_PROGRESS,
        permission=HANDLE,
        ways=_only(W.ONLINE),
        effect=E.WORK,
    ),
    Step(A.SUSPEND, _from(S.IN_PROGRESS), S.SUSPENDED, permission=HANDLE, needs=(N.REASON,), effect=E.PAUSE),
    Step(A.RESUME, _from(S.SUSPENDED), S.IN_PROGRESS, permission=HANDLE, effect=E.RESUME),
    # Somebody else does a part of the work only when the applicant has agreed to it.
    Step(
        A.ASK_SUBCONTRACT,
        _from(S.RECEIVED, S.IN_PROGRESS),
        S.CONSENT_ASKED,
        result=True,
        needs=(N.REASON,),
        effect=E.PAUSE,
    ),
    Step(A.CONSENT, _from(S.CONSENT_ASKED), S.SUBCONTRACTED, APPLICANT, effect=E.RESUME),
    Step(A.REFUSE_CONSENT, _from(S.CONSENT_ASKED), S.IN_PROGRESS, APPLICANT, effect=E.RESUME),
    Step(A.RECORD_RESULT, _from(S.IN_PROGRESS, S.SUBCONTRACTED), S.RESULT_ENTERED, permission=HANDLE, result=True),
    Step(A.REFUSE_RESULT, _from(S.RESULT_ENTERED), S.IN_PROGRESS, permission=VERIFY, needs=(N.REASON,)),
    Step(A.VERIFY, _from(S.RESULT_ENTERED), S.VERIFIED, permission=VERIFY),
    Step(A.ISSUE, _from(S.VERIFIED), S.ISSUED, permission=VERIFY, effect=E.END),
    Step(A.DELIVER, _from(S.ISSUED), S.DELIVERED, permission=HANDLE),
    Step(A.FINISH, _from(S.IN_PROGRESS), S.DONE, permission=HANDLE, result=False, effect=E.END),
    Step(A.ARCHIVE, _from(S.DONE, S.ISSUED, S.DELIVERED), S.ARCHIVED),
    # A slip is put right in a new version of the same document; what was found wrongly is found anew.
    Step(
        A.CORRECT_RESULT,
        _from(*(FINISHED - {S.DONE})),
        S.RESULT_ENTERED,
        permission=HANDLE,
        result=True,
        needs=(N.REASON,),
        effect=E.WORK,
    ),
    Step(
        A.INVALIDATE,
        _from(*(FINISHED - {S.DONE})),
        S.INVALIDATED,
        permission=VERIFY,
        result=True,
        needs=(N.REASON,),
        effect=E.WORK,
    ),
    Step(A.START, _from(S.INVALIDATED), S.IN_PROGRESS, permission=HANDLE),
    *(
        Step(A.RESCHEDULE, _from(source), target, party, needs=(N.PLACE,))
        for party in Party
        for source, target in (
            (S.SUBMITTED, S.SUBMITTED),
            (S.RETURNED, S.RETURNED),
            (S.ACCEPTED, S.SCHEDULED),
            (S.SCHEDULED, S.SCHEDULED),
            (S.NO_SHOW, S.SCHEDULED),
        )
    ),
    # A station that can't keep a time and has no other to offer: the applicant chooses anew.
    *(
        Step(A.UNBOOK, _from(source), target, booked=True, needs=(N.REASON,))
        for source, target in ((S.SUBMITTED, S.SUBMITTED), (S.RETURNED, S.RETURNED), (S.SCHEDULED, S.ACCEPTED))
    ),
    Step(A.REROUTE, GOES_ELSEWHERE, S.SUBMITTED, needs=(N.PLACE, N.REASON), effect=E.ASK),
    Step(A.ESCALATE, GOES_ELSEWHERE, S.SUBMITTED, needs=(N.PLACE, N.REASON), effect=E.ASK),
    # The applicant may change their mind until work has begun, the station whenever it has to.
    Step(A.CANCEL, frozenset(BEFORE_WORK), S.CANCELLED, APPLICANT, effect=E.PAUSE, frees=True),
    Step(A.CANCEL, frozenset(LIVE), S.CANCELLED, needs=(N.REASON,), effect=E.PAUSE, frees=True),
    Step(A.RESTORE, _from(S.CANCELLED), Back.WHERE_IT_WAS, needs=(N.REASON,), effect=E.RESUME),
    Step(A.COMPLAIN, frozenset(State), Back.STAYS, APPLICANT, needs=(N.REASON,)),
    Step(A.CLOSE_COMPLAINT, frozenset(State), Back.STAYS, permission=MANAGE, needs=(N.REASON,)),
)
WHOLE_REQUEST = frozenset({A.SUBMIT, A.RESCHEDULE, A.UNBOOK, A.COMPLAIN, A.CLOSE_COMPLAINT, A.CHECK_IN, A.NO_SHOW})
"""What concerns all items at once, because they share one visit at one station."""
TO_ANOTHER_STATION = frozenset({A.REROUTE, A.ESCALATE})
"""All of a request goes there, or single items of it, which go on as a request of their own."""


def find_step(action: Action, state: State | None, way: Way, by: Party, *, booked: bool, result: bool) -> Step | None:
    """The row for an item in this state; None when the step is impossible there, or not for this side.

    `result` says whether its service gives a certificate or a report.
    """
    for step in TABLE:
        fits = step.action is action and state in step.sources and way in step.ways and step.by is by
        if fits and step.booked in (None, booked) and step.result in (None, result):
            return step
    return None


def permission_of(action: Action) -> Permission:
    """What staff need to take the step; for one that only applicants take, what lets staff change requests at all."""
    wanted = (step.permission for step in TABLE if step.action is action and step.by is Party.STATION)
    return next(wanted, P.REQUESTS_CHANGE)


def steps_from(state: State, way: Way, by: Party, *, booked: bool, result: bool) -> Iterable[Step]:
    """What can be done with an item now, in the order of the table."""
    for action in Action:
        if step := find_step(action, state, way, by, booked=booked, result=result):
            yield step
