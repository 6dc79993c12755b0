"""Free starts against a naive loop over every tick; states and reasons of days."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.ticks import mask, starts
from app.slots.rules import Bounds, Desks, Reason, Span, State, Visits, joined, judge, span, visits
from app.stations.rules import Calendar, DayKind, HoursRule, Kind

CHINA = timezone(timedelta(hours=8))
MONDAY = date(2026, 11, 30)
MORNING, AFTERNOON = (102, 144), (168, 210)  # 08:30 to 12:00, 14:00 to 17:30
WEEK = tuple(HoursRule(day, *window) for day in range(1, 6) for window in (MORNING, AFTERNOON))
SATURDAY = HoursRule(6, 108, 144)
ORDINARY = Calendar(announced=frozenset({2026}))


def at(hour: int, minute: int = 0) -> int:
    return hour * 12 + minute // 5


def days_of(hours: tuple[HoursRule, ...] = WEEK, first: date = MONDAY, days: int = 1) -> Span:
    return span(hours, ORDINARY, first, days, CHINA)


def bounds(days: Span, **changes: int) -> Bounds:
    """The midnight before the span, with a month ahead."""
    today = days.first.toordinal()
    values = {"now": days.origin, "earliest": days.origin, "today": today, "horizon": today + 30} | changes
    return Bounds(**values)


def untouched(fit: Visits) -> Desks:
    return Desks(fit.free(0), fit.free(0))


def naive_starts(windows: list[tuple[int, int]], length: int, step: int, taken: set[int]) -> dict[int, int]:
    """Start to end, for one day, tick by tick as the docstring of the rules has it."""
    is_open = {tick for start, end in windows for tick in range(start, end)}
    longest = max((end - start for start, end in joined(windows)), default=0)
    found = {}
    for start in range(0, 288, step):
        end, left = start, length
        while left and end < 288:
            if end not in is_open and (start not in is_open or length <= longest):
                break
            left -= end in is_open
            end += 1
        if start in is_open and left == 0 and not taken & set(range(start, end)):
            found[start] = end
    return found


windows_of_a_day = st.lists(
    st.tuples(st.integers(0, 280), st.integers(1, 90)).map(lambda w: (w[0], min(w[0] + w[1], 288))), max_size=4
)


@settings(max_examples=400, deadline=None)
@given(windows_of_a_day, st.integers(1, 120), st.sampled_from([1, 2, 3, 4, 6, 12]), st.sets(st.integers(0, 287)))
def test_free_starts_are_those_that_a_loop_over_every_tick_finds(
    windows: list[tuple[int, int]], length: int, step: int, taken: set[int]
) -> None:
    hours = tuple(HoursRule(1, *window) for window in windows)
    fit = visits(days_of(hours), length, step)
    expected = naive_starts(windows, length, step, taken)
    places = starts(fit.free(sum(1 << tick for tick in taken)))
    assert {start: fit.end(start) for start in places} == expected


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 6), st.integers(1, 8), st.integers(1, 90), st.sets(st.integers(0, 8 * 288)))
def test_days_asked_together_are_as_each_asked_alone(offset: int, days: int, length: int, taken: set[int]) -> None:
    first = MONDAY + timedelta(days=offset)
    hours = (*WEEK, SATURDAY)
    together = visits(days_of(hours, first, days), length, 3)
    occupied = sum(1 << tick for tick in taken)
    judged = judge(together, Desks(together.free(0), together.free(occupied)), bounds(together.span))
    for n, day in enumerate(judged):
        alone = visits(days_of(hours, first + timedelta(days=n), 1), length, 3)
        free = alone.free(occupied >> (288 * n))
        [expected] = judge(alone, Desks(alone.free(0), free), bounds(alone.span))
        assert day == expected


def test_a_visit_ends_where_it_began_plus_its_length_when_it_lies_in_a_window() -> None:
    fit = visits(days_of(), 12, 3)
    assert starts(fit.free(0))[0] == at(8, 30)
    assert fit.end(at(11)) == at(12)
    assert at(11, 15) not in starts(fit.free(0))


@pytest.mark.parametrize(
    ("minutes", "first", "end", "last"),
    [
        (240, at(8, 30), at(14, 30), at(11, 30)),
        (360, at(8, 30), at(16, 30), at(9, 30)),
        (420, at(8, 30), at(17, 30), at(8, 30)),
    ],
)
def test_a_visit_longer_than_any_window_goes_across_the_break(minutes: int, first: int, end: int, last: int) -> None:
    fit = visits(days_of(), minutes // 5, 3)
    places = starts(fit.free(0))
    assert (places[0], places[-1], fit.end(places[0])) == (first, last, end)


def test_a_visit_that_fits_a_window_never_goes_across_the_break() -> None:
    assert starts(visits(days_of(), 42, 3).free(0)) == [at(8, 30), at(14)]


def test_whoever_is_there_during_the_break_stands_in_the_way_of_a_visit_across_it() -> None:
    fit = visits(days_of(), 48, 3)
    assert fit.free(1 << at(12, 30)) == 0


def test_nothing_goes_across_midnight_even_where_the_doors_never_close() -> None:
    always = tuple(HoursRule(day, 0, 288) for day in range(1, 8))
    fit = visits(days_of(always, days=2), 6, 3)
    assert starts(fit.free(0))[93:97] == [279, 282, 288, 291]


def test_the_grid_counts_from_local_midnight() -> None:
    odd = (HoursRule(1, at(8, 40), at(10)),)
    assert starts(visits(days_of(odd), 6, 6).free(0)) == [at(9), at(9, 30)]


def test_windows_that_touch_or_overlap_are_one() -> None:
    assert joined([(10, 20), (0, 10), (15, 25), (30, 40)]) == ((0, 25), (30, 40))


def test_local_days_follow_the_clock_where_it_is_changed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    sundays = (HoursRule(7, at(8), at(10)),)
    changing = span(sundays, Calendar(), date(2026, 10, 25), 2, berlin)
    assert changing.edges == (0, 300, 588)
    assert changing.windows[0] == ((at(9), at(11)),)
    assert starts(visits(changing, 12, 12).free(0)) == [at(9), at(10)]


class TestJudging:
    def state(self, fit: Visits, desks: Desks | None = None, **changes: int) -> tuple[State, Reason | None]:
        [day] = judge(fit, desks or untouched(fit), bounds(fit.span, **changes))
        return day.state, day.reason

    def test_a_day_with_a_free_start_is_open(self) -> None:
        [day] = judge(fit := visits(days_of(), 12, 12), untouched(fit), bounds(fit.span))
        assert (day.date, day.state, day.reason) == (MONDAY, State.OPEN, None)
        midnight = int(datetime(2026, 11, 30, tzinfo=CHINA).timestamp()) // 300
        assert [tick - midnight for tick in day.starts] == [at(h) for h in (9, 10, 11, 14, 15, 16)]

    def test_a_day_whose_hours_are_all_taken_is_full(self) -> None:
        fit = visits(days_of(), 12, 3)
        assert self.state(fit, Desks(fit.free(0), 0)) == (State.FULL, None)

    @pytest.mark.parametrize(
        ("day", "reason"),
        [
            (date(2026, 12, 5), Reason.WEEKEND),
            (date(2026, 10, 1), Reason.HOLIDAY),
            (date(2026, 12, 2), Reason.NO_HOURS),
        ],
    )
    def test_a_day_without_hours_says_why(self, day: date, reason: Reason) -> None:
        calendar = Calendar({date(2026, 10, 1): DayKind(Kind.HOLIDAY, provisional=False)}, frozenset({2026}))
        mondays = tuple(rule for rule in WEEK if rule.iso_weekday == 1)
        fit = visits(span(mondays, calendar, day, 1, CHINA), 12, 3)
        assert self.state(fit) == (State.CLOSED, reason)

    def test_a_visit_that_no_day_is_long_enough_for_is_too_long(self) -> None:
        assert self.state(visits(days_of(), 85, 3)) == (State.CLOSED, Reason.TOO_LONG)

    def test_a_day_that_is_over_is_past_even_if_it_had_no_hours(self) -> None:
        fit = visits(days_of((), MONDAY), 12, 3)
        assert self.state(fit, today=MONDAY.toordinal() + 1) == (State.CLOSED, Reason.PAST)

    def test_the_last_day_of_the_horizon_can_be_booked_and_the_next_one_cannot(self) -> None:
        fit = visits(days_of(days=2), 12, 3)
        first, second = judge(fit, untouched(fit), bounds(fit.span, horizon=MONDAY.toordinal()))
        assert first.state is State.OPEN
        assert (second.state, second.reason) == (State.CLOSED, Reason.BEYOND_HORIZON)

    def test_nothing_begins_before_the_lead_time_is_over(self) -> None:
        fit = visits(days_of(), 12, 3)
        [day] = judge(fit, untouched(fit), bounds(fit.span, earliest=fit.span.origin + at(9, 5)))
        assert day.starts[0] == fit.span.origin + at(9, 15)

    def test_what_is_left_of_today_may_be_too_soon(self) -> None:
        fit = visits(days_of(), 12, 3)
        now, soon = fit.span.origin + at(16), fit.span.origin + at(17)
        assert self.state(fit, now=now, earliest=soon) == (State.CLOSED, Reason.TOO_SOON)

    def test_today_is_past_after_the_last_start(self) -> None:
        fit = visits(days_of(), 12, 3)
        now, soon = fit.span.origin + at(17), fit.span.origin + at(18)
        assert self.state(fit, now=now, earliest=soon) == (State.CLOSED, Reason.PAST)

    def test_a_day_that_only_closures_empty_is_closed_by_them(self) -> None:
        assert self.state(visits(days_of(), 12, 3), Desks(0, 0)) == (State.CLOSED, Reason.CLOSURE)

    def test_a_day_on_which_the_capability_is_not_in_force_is_closed(self) -> None:
        fit = visits(days_of(days=3), 12, 3)
        only_tuesday = MONDAY.toordinal() + 1
        judged = judge(fit, untouched(fit), bounds(fit.span, capable_from=only_tuesday, capable_until=only_tuesday))
        expected = [Reason.CAPABILITY_EXPIRED, None, Reason.CAPABILITY_EXPIRED]
        assert [day.reason for day in judged] == expected

    @pytest.mark.parametrize("missing", [Reason.NO_DESK, Reason.INACTIVE])
    def test_without_any_desk_the_day_says_why(self, missing: Reason) -> None:
        assert self.state(visits(days_of(), 12, 3), Desks(0, 0, missing)) == (State.CLOSED, missing)

    def test_a_start_that_one_of_two_desks_has_free_is_free(self) -> None:
        fit = visits(days_of(), 42, 3)
        free = fit.free(mask([MORNING])) | fit.free(mask([AFTERNOON]))
        assert starts(free) == [MORNING[0], AFTERNOON[0]]
