"""A day by its hours and figures, worked out by hand."""

from datetime import datetime, timedelta

from app.hall.day.rules import Step, Visit, figures_of, hours_of, most_at_once, quantile, waits_of
from app.hall.rules.states import Action, Kind, State
from app.kit.clock import LOCAL

OPENS = datetime(2026, 12, 1, 9, tzinfo=LOCAL)
CLOSES = OPENS + timedelta(hours=3)


def at(minute: float) -> datetime:
    return OPENS + timedelta(minutes=minute)


def visit(*steps: tuple[float, Action, State], booked: float | None = None, split: bool = False) -> Visit:
    kind = Kind.WALK_IN if booked is None else Kind.APPOINTMENT
    own = tuple(Step(at(minute), action, state) for minute, action, state in steps)
    return Visit(kind, "A", None if booked is None else at(booked), split, own)


def served(came: float, called: float, done: float, booked: float | None = None) -> Visit:
    return visit(
        (came, Action.ISSUE, State.WAITING),
        (called, Action.CALL, State.CALLED),
        (called + 1, Action.START, State.SERVING),
        (done, Action.FINISH, State.DONE),
        booked=booked,
    )


def test_an_hour_counts_who_came_who_was_served_the_longest_queue_and_how_busy_desks_were():
    visits = [
        served(5, 10, 40),
        served(6, 40, 70),
        served(-10, 0, 5, booked=0),
        visit((61, Action.ISSUE, State.WAITING)),
    ]
    hours = hours_of(visits, [(at(0), at(90)), (at(60), at(120))], (OPENS, CLOSES), at(90))
    assert [hour.start.hour for hour in hours] == [8, 9, 10, 11]
    assert [(hour.booked, hour.walk_ins, hour.served) for hour in hours] == [(1, 0, 0), (0, 2, 2), (0, 1, 1), (0, 0, 0)]
    assert [hour.most_waiting for hour in hours] == [1, 2, 1, 0]
    assert [hour.load for hour in hours] == [None, (30 + 20 + 5) / 60, 10 / 60, None]


def test_a_day_without_hours_is_as_long_as_people_came_and_one_without_either_is_nothing():
    assert hours_of([], [], None, CLOSES) == []
    [hour] = hours_of([served(5, 10, 40)], [], None, CLOSES)
    assert (hour.start, hour.walk_ins, hour.load) == (OPENS, 1, None)


def test_a_wait_ends_with_the_first_call_that_was_not_taken_back_and_an_early_one_waits_from_its_time():
    back = visit(
        (0, Action.ISSUE, State.WAITING),
        (3, Action.CALL, State.CALLED),
        (3.5, Action.UNDO, State.WAITING),
        (9, Action.CALL, State.CALLED),
        (10, Action.REQUEUE, State.WAITING),
        (20, Action.CALL, State.CALLED),
    )
    assert back.waited_min == 9
    assert served(0, 25, 30, booked=15).waited_min == 10
    assert served(0, 12, 30, booked=15).waited_min == 0
    assert visit((0, Action.ISSUE, State.WAITING)).waited_min is None


def test_who_goes_on_with_a_second_ticket_has_not_come_twice_and_who_waits_has_no_wait_yet():
    left = visit((0, Action.ISSUE, State.WAITING), (30, Action.LEAVE, State.LEFT))
    split = visit((4, Action.ISSUE, State.WAITING), split=True)
    figures = figures_of([served(0, 10, 20), served(0, 30, 40, booked=5), left, split], at(44))
    assert (figures.booked, figures.walk_ins, figures.waiting, figures.served, figures.left) == (1, 2, 1, 2, 1)
    assert (figures.waits.count, figures.waits.p50_min, figures.waits.p90_min) == (2, 10, 25)
    assert figures.longest_now_min == 40
    assert figures_of([], at(0)).longest_now_min is None


def test_quantiles_are_values_that_were_seen_and_none_of_nothing():
    assert waits_of([None, None]) == waits_of([])
    assert [quantile(list(range(1, 11)), share) for share in (0.5, 0.9, 0.0)] == [5, 9, 1]
    assert quantile([], 0.5) is None


def test_one_who_comes_when_another_goes_does_not_make_the_queue_longer():
    hour = OPENS, CLOSES
    assert most_at_once([(at(0), at(10)), (at(10), at(20))], hour) == 1
    assert most_at_once([(at(-5), at(10)), (at(9), at(20)), (at(200), at(300))], hour) == 2
