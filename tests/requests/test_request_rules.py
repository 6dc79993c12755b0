from datetime import datetime, timedelta

import pytest

from app.kit.clock import LOCAL
from app.requests.rules import SENTENCES, STEPS, Action, Event, State, first_answer_due, possible, roll_up
from app.stations.rules import Calendar, DayKind, Kind


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=LOCAL)


def test_every_action_has_one_step_and_every_event_a_sentence():
    assert set(STEPS) == set(Action)
    assert {step.event for step in STEPS.values()} == set(Event) == set(SENTENCES)


def test_what_is_cancelled_can_be_neither_moved_nor_cancelled_again():
    assert possible(Action.RESCHEDULE, State.SUBMITTED)
    assert possible(Action.CANCEL, State.SUBMITTED)
    assert not possible(Action.RESCHEDULE, State.CANCELLED)
    assert not possible(Action.CANCEL, State.CANCELLED)


def test_moving_the_appointment_leaves_the_state_as_it_is():
    assert STEPS[Action.RESCHEDULE].leads_from(State.SUBMITTED) is State.SUBMITTED
    assert STEPS[Action.CANCEL].leads_from(State.SUBMITTED) is State.CANCELLED


@pytest.mark.parametrize(
    ("items", "whole"),
    [
        ([State.SUBMITTED], State.SUBMITTED),
        ([State.SUBMITTED, State.CANCELLED], State.SUBMITTED),
        ([State.CANCELLED, State.CANCELLED], State.CANCELLED),
    ],
)
def test_a_request_stands_where_its_least_advanced_open_item_stands(items: list[State], whole: State):
    assert roll_up(items) is whole


CALENDAR = Calendar(
    {
        at(2026, 10, day).date(): DayKind(Kind.HOLIDAY, provisional=False, name_zh="国庆节", name_en="National Day")
        for day in range(1, 8)
    }
    | {at(2026, 10, 10).date(): DayKind(Kind.MAKEUP, provisional=False)},
    frozenset({2026}),
)


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        (at(2026, 11, 24, 9), at(2026, 11, 26, 23, 59, 59)),  # Tuesday to Thursday
        (at(2026, 11, 26, 23, 59), at(2026, 11, 30, 23, 59, 59)),  # Thursday, over a weekend
        (at(2026, 9, 30, 9), at(2026, 10, 9, 23, 59, 59)),  # over the National Day week
        (at(2026, 10, 8, 9), at(2026, 10, 10, 23, 59, 59)),  # a make-up Saturday counts
    ],
)
def test_the_first_answer_is_due_at_the_end_of_the_second_working_day(sent: datetime, due: datetime):
    assert first_answer_due(CALENDAR, sent) == (due, False)


def test_a_request_sent_late_at_night_counts_from_that_day_in_the_networks_zone():
    sent = at(2026, 11, 25, 0, 30)
    assert first_answer_due(CALENDAR, sent)[0] == at(2026, 11, 27, 23, 59, 59)
    assert first_answer_due(CALENDAR, sent - timedelta(hours=1))[0] == at(2026, 11, 26, 23, 59, 59)


def test_a_deadline_in_a_year_that_is_not_announced_is_provisional():
    assert first_answer_due(CALENDAR, at(2026, 12, 31, 9)) == (at(2027, 1, 4, 23, 59, 59), True)
