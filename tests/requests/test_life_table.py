"""Every state by every step by every side and way, against a table written down here by hand."""

from itertools import product

import pytest

from app.accounts.rules.rights import TABLE as RIGHTS
from app.accounts.rules.rights import Permission, Role
from app.requests.rules import ENDED, Action, Party, State, Way, find_step, permission_of, steps_from

GOING_ON = [
    *("returned", "consent_asked", "submitted", "accepted", "no_show", "scheduled", "dispatched", "arrived"),
    *("checked_in", "received", "suspended", "subcontracted", "in_progress"),
]
OF_RESULTS = ["invalidated", "result_entered", "verified"]
EVERY = [*GOING_ON, *OF_RESULTS, "done", "issued", "delivered", "archived", "item_rejected", "declined", "cancelled"]
BEFORE_WORK = ["returned", "submitted", "accepted", "no_show", "scheduled"]
ALL_WAYS = "handed_in counter onsite online"
# side, step, ways, whether a time must be booked, {from: to}
EXPECTED: list[tuple[str, str, str, str, dict[str, str]]] = [
    ("station", "return", ALL_WAYS, "either", {"submitted": "returned"}),
    ("applicant", "correct", ALL_WAYS, "either", {"returned": "submitted"}),
    ("station", "accept", ALL_WAYS, "booked", {"submitted": "scheduled"}),
    ("station", "accept", ALL_WAYS, "free", {"submitted": "accepted"}),
    ("station", "decline", ALL_WAYS, "either", {"submitted": "declined"}),
    (
        "station",
        "check_in",
        "handed_in counter",
        "either",
        {"submitted": "checked_in", "scheduled": "checked_in"},
    ),
    ("station", "no_show", ALL_WAYS, "booked", {"submitted": "no_show", "scheduled": "no_show"}),
    ("station", "receive", "handed_in", "either", {"checked_in": "received"}),
    ("station", "reject_item", "handed_in", "either", {"checked_in": "item_rejected"}),
    ("station", "dispatch", "onsite", "either", {"scheduled": "dispatched"}),
    ("station", "arrive", "onsite", "either", {"dispatched": "arrived"}),
    ("station", "start", "handed_in", "either", {"received": "in_progress"}),
    ("station", "start", "counter", "either", {"checked_in": "in_progress"}),
    ("station", "start", "onsite", "either", {"arrived": "in_progress"}),
    ("station", "start", "online", "either", {"accepted": "in_progress", "scheduled": "in_progress"}),
    ("station", "suspend", ALL_WAYS, "either", {"in_progress": "suspended"}),
    ("station", "resume", ALL_WAYS, "either", {"suspended": "in_progress"}),
    ("station", "finish", ALL_WAYS, "no result", {"in_progress": "done"}),
    ("station", "ask_subcontract", ALL_WAYS, "result", dict.fromkeys(("received", "in_progress"), "consent_asked")),
    ("applicant", "consent", ALL_WAYS, "either", {"consent_asked": "subcontracted"}),
    ("applicant", "refuse_consent", ALL_WAYS, "either", {"consent_asked": "in_progress"}),
    (
        "station",
        "record_result",
        ALL_WAYS,
        "result",
        dict.fromkeys(("in_progress", "subcontracted"), "result_entered"),
    ),
    ("station", "refuse_result", ALL_WAYS, "either", {"result_entered": "in_progress"}),
    ("station", "verify", ALL_WAYS, "either", {"result_entered": "verified"}),
    ("station", "issue", ALL_WAYS, "either", {"verified": "issued"}),
    ("station", "deliver", ALL_WAYS, "either", {"issued": "delivered"}),
    ("station", "archive", ALL_WAYS, "either", dict.fromkeys(("done", "issued", "delivered"), "archived")),
    *(
        ("station", action, ALL_WAYS, "result", dict.fromkeys(("issued", "delivered", "archived"), target))
        for action, target in (("correct_result", "result_entered"), ("invalidate", "invalidated"))
    ),
    ("station", "start", ALL_WAYS, "either", {"invalidated": "in_progress"}),
    *(
        (
            side,
            "reschedule",
            ALL_WAYS,
            "either",
            {
                "submitted": "submitted",
                "returned": "returned",
                "accepted": "scheduled",
                "scheduled": "scheduled",
                "no_show": "scheduled",
            },
        )
        for side in ("applicant", "station")
    ),
    ("station", "reroute", ALL_WAYS, "either", dict.fromkeys(GOING_ON, "submitted")),
    ("station", "escalate", ALL_WAYS, "either", dict.fromkeys(GOING_ON, "submitted")),
    ("applicant", "cancel", ALL_WAYS, "either", dict.fromkeys(BEFORE_WORK, "cancelled")),
    ("station", "cancel", ALL_WAYS, "either", dict.fromkeys(GOING_ON + OF_RESULTS, "cancelled")),
    ("station", "restore", ALL_WAYS, "either", {"cancelled": "in_progress"}),  # where it was: see below
    (
        "station",
        "unbook",
        ALL_WAYS,
        "booked",
        {"submitted": "submitted", "returned": "returned", "scheduled": "accepted"},
    ),
    ("applicant", "complain", ALL_WAYS, "either", {state: state for state in EVERY}),
    ("station", "close_complaint", ALL_WAYS, "either", {state: state for state in EVERY}),
]


def expected(side: str, action: str, way: str, state: str, *, booked: bool, result: bool) -> str | None:
    for by, name, ways, place, leads in EXPECTED:
        fits = (by, name) == (side, action) and way in ways.split() and state in leads
        if fits and place in {"either", "booked" if booked else "free", "result" if result else "no result"}:
            return leads[state]
    return None


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.SUBMIT])
def test_a_step_is_possible_exactly_where_the_table_says_so_and_leads_there(action: Action):
    for side, way, state, booked, result in product(Party, Way, State, (True, False), (True, False)):
        step = find_step(action, state, way, side, booked=booked, result=result)
        target = step.leads_from(state, State.IN_PROGRESS).value if step else None
        wanted = expected(side, action, way, state, booked=booked, result=result)
        assert target == wanted, (side, way, state, booked, result)


def test_a_request_begins_with_the_applicant_only():
    for side, way in product(Party, Way):
        step = find_step(Action.SUBMIT, None, way, side, booked=True, result=True)
        assert (step is not None) == (side is Party.APPLICANT)
        assert all(find_step(Action.SUBMIT, state, way, side, booked=True, result=True) is None for state in State)


@pytest.mark.parametrize("result", [True, False])
@pytest.mark.parametrize("way", Way)
def test_whoever_goes_on_can_come_to_an_end_without_being_cancelled(way: Way, result: bool):
    aside = {Action.CANCEL, Action.REROUTE, Action.ESCALATE}
    reached, found = {State.SUBMITTED}, {State.SUBMITTED}
    while found:
        steps = [
            (state, step)
            for state in found
            for side in Party
            for step in steps_from(state, way, side, booked=True, result=result)
        ]
        found = {step.leads_from(state) for state, step in steps if step.action not in aside} - reached
        reached |= found
    last = {State.ISSUED, State.DELIVERED} if result else {State.DONE}
    assert {*last, State.ARCHIVED, State.DECLINED, State.RETURNED, State.NO_SHOW} <= reached


def test_what_has_ended_is_left_only_by_filing_it_handing_it_over_and_taking_it_up_again():
    again = {Action.ARCHIVE, Action.DELIVER, Action.RESTORE, Action.CORRECT_RESULT, Action.INVALIDATE}
    for state, way, side, result in product(ENDED, Way, Party, (True, False)):
        steps = steps_from(state, way, side, booked=False, result=result)
        assert {step.action for step in steps if step.leads_from(state) != state} <= again


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (
            Role.WINDOW,
            "check_in no_show receive start suspend resume finish record_result",
            "verify issue accept return decline reroute restore",
        ),
        (
            Role.OFFICER,
            "accept return decline reroute cancel restore archive check_in verify issue invalidate",
            "close_complaint",
        ),
        (Role.MANAGER, "close_complaint accept check_in", ""),
        (Role.COUNTY_ADMIN, "close_complaint accept check_in", ""),
        (Role.CITY_ADMIN, "close_complaint accept check_in", ""),
        (Role.AUDITOR, "", "accept check_in close_complaint cancel reroute finish"),
    ],
)
def test_each_role_may_take_the_steps_of_its_work(role: Role, may: str, may_not: str):
    allowed: frozenset[Permission] = RIGHTS[role]
    assert all(permission_of(Action(name)) in allowed for name in may.split())
    assert not any(permission_of(Action(name)) in allowed for name in may_not.split())
