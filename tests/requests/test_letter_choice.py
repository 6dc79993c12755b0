"""Which letters a step causes and which it makes untrue: of requests with several items too."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.catalogue.snapshot import Catalogue
from app.kit.clock import LOCAL
from app.office.mails import KINDS
from app.policy.letters import LETTERS, REMINDERS, LetterKind
from app.requests.letters import Step
from app.requests.letters.choosing import HEARS, NAMES_THE_TIME, comes, news_of, reminds_anew, untrue
from app.requests.letters.staff import StaffKind
from app.requests.models import Request
from app.requests.queries import CANCELLED, CONFIRMED, Appointment, Item, RequestView
from app.requests.rules import Action, State, Way, roll_up
from tests.requests.facts import service, station

START = datetime(2026, 12, 2, 9, tzinfo=LOCAL)
HERE, THERE = station(1, "东街服务站", "East Street"), station(2, "南门服务站", "South Gate")
GAUGE: Any = service("MET-MEC-015", "压力表检定", "Pressure gauge verification")
SILENT = {
    Action.SUBMIT,  # has a statement of its own, which writes the confirmation
    Action.CORRECT,
    Action.CHECK_IN,
    Action.RECEIVE,
    Action.DISPATCH,
    Action.ARRIVE,
    Action.START,
    Action.CONSENT,
    Action.REFUSE_CONSENT,
    Action.RECORD_RESULT,
    Action.REFUSE_RESULT,
    Action.VERIFY,
    Action.DELIVER,
    Action.CORRECT_RESULT,
    Action.RESUME,
    Action.ARCHIVE,
    Action.COMPLAIN,
}


def view(*states: str, place: Any = HERE, booked: bool = True) -> RequestView:
    items = tuple(
        Item(n, GAUGE, state, {"serial_no": str(n)}, Way.HANDED_IN) for n, state in enumerate(states, start=1)
    )
    visit = Appointment(place, START, START + timedelta(minutes=30), CONFIRMED if booked else CANCELLED)
    request = Request(status=roll_up(State(state) for state in states).value, reference="ZT-1")
    return RequestView(request, visit, items, (), None, due_provisional=False)


def step(action: Action, before: RequestView, after: RequestView, *changed: int) -> Step:
    return Step(action, before, after, changed or (1, 2), "铅封已破", by_station=True, at=START - timedelta(days=3))


def heard(taken: Step) -> tuple[str, list[int]] | None:
    catalogue: Catalogue = type("Words", (), {"by_code": {GAUGE.code: GAUGE}})()  # type: ignore[assignment]  # enough
    news = news_of(taken, catalogue)
    return (news.kind.name, [item.n for item in news.items]) if news else None


def test_every_step_is_told_or_silent_on_purpose():
    assert set(HEARS) | SILENT == set(Action)
    assert not set(HEARS) & SILENT


def test_every_kind_has_a_name_where_staff_see_mails():
    assert {*LetterKind, *StaffKind} <= set(KINDS)
    assert set(LETTERS) == set(LetterKind)


@pytest.mark.parametrize(
    ("action", "before", "after", "changed", "expected"),
    [
        (Action.ACCEPT, ("submitted", "submitted"), ("scheduled", "submitted"), (1,), None),
        (Action.ACCEPT, ("scheduled", "submitted"), ("scheduled", "scheduled"), (2,), ("ACCEPTED", [])),
        (Action.ACCEPT, ("returned", "submitted"), ("returned", "scheduled"), (2,), ("ACCEPTED", [])),
        (Action.DECLINE, ("submitted", "submitted"), ("submitted", "declined"), (2,), ("DECLINED", [2])),
        (Action.DECLINE, ("submitted", "submitted"), ("declined", "declined"), (1, 2), ("DECLINED", [])),
        (Action.FINISH, ("in_progress", "in_progress"), ("done", "in_progress"), (1,), None),
        (Action.FINISH, ("done", "in_progress"), ("done", "done"), (2,), ("DONE", [])),
        (Action.SUSPEND, ("in_progress", "done"), ("suspended", "done"), (1,), ("SUSPENDED", [1])),
        (Action.RESUME, ("suspended", "done"), ("in_progress", "done"), (1,), None),
    ],
)
def test_what_is_done_item_by_item_is_told_once(
    action: Action, before: Any, after: Any, changed: tuple[int, ...], expected: Any
):
    assert heard(step(action, view(*before), view(*after), *changed)) == expected


def test_reminders_are_written_anew_when_what_to_bring_changes():
    taken = step(Action.DECLINE, view("submitted", "submitted"), view("submitted", "declined"), 2)
    assert (untrue(taken), reminds_anew(taken), comes(taken.after)) == (REMINDERS, True, True)
    after = view("submitted", "submitted")
    corrected = replace(after, items=(replace(after.items[0], inputs={"serial_no": "9"}), after.items[1]))
    taken = step(Action.CORRECT, view("returned", "submitted"), corrected, 1)
    assert (untrue(taken), reminds_anew(taken)) == ((LetterKind.RETURNED, *REMINDERS), True)


def test_what_names_a_time_that_is_no_longer_true_is_taken_back():
    gone = (*REMINDERS, *NAMES_THE_TIME)
    moved = step(Action.REROUTE, view("submitted"), view("submitted", place=THERE), 1)
    assert (untrue(moved), reminds_anew(moved)) == (gone, True)
    for action, state in ((Action.CHECK_IN, "checked_in"), (Action.NO_SHOW, "no_show"), (Action.DECLINE, "declined")):
        taken = step(action, view("submitted"), view(state, booked=action is not Action.DECLINE), 1)
        assert (untrue(taken), comes(taken.after)) == (gone, False)


def test_nothing_is_taken_back_by_a_step_that_leaves_the_time_as_it_is():
    for action, before, after in (
        (Action.ACCEPT, "submitted", "scheduled"),
        (Action.RETURN, "submitted", "returned"),
        (Action.START, "received", "in_progress"),
    ):
        assert untrue(step(action, view(before), view(after), 1)) == ()
    restored = step(Action.RESTORE, view("cancelled", booked=False), view("scheduled"), 1)
    assert (untrue(restored), reminds_anew(restored)) == ((LetterKind.CANCELLED,), True)


def test_what_tells_of_a_state_is_taken_back_when_no_item_is_in_it_any_more():
    half = step(Action.RESUME, view("suspended", "suspended"), view("in_progress", "suspended"), 1)
    whole = step(Action.RESUME, view("in_progress", "suspended"), view("in_progress", "in_progress"), 2)
    assert (untrue(half), untrue(whole)) == ((), (LetterKind.SUSPENDED,))
