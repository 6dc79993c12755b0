"""Hours that change for a time, what of a station's time is lost, and which other time is the best one."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.closing.asked import windows_of
from app.closing.rules.changes import Closing, NewWeek, Retiring, lost
from app.closing.rules.choosing import cheapest, elsewhere, later
from app.closing.rules.hours import replaced
from app.kit.clock import LOCAL
from app.kit.ticks import floor_tick
from app.stations.rules import Calendar, HoursRule, day_windows
from app.stations.snapshot import DeskFacts
from tests.requests.facts import station

FIRST = date(2026, 12, 1)
days = st.integers(-40, 80).map(lambda n: FIRST + timedelta(days=n))
windows = st.sampled_from([(96, 138), (102, 132), (168, 210), (174, 216)])
spans = st.tuples(st.none() | days, st.none() | days).filter(lambda s: None in s or s[0] <= s[1])
rules = st.builds(lambda weekday, window, span: HoursRule(weekday, *window, *span), st.integers(1, 7), windows, spans)
weeks = st.lists(st.lists(windows, max_size=1), min_size=7, max_size=7)


@given(st.lists(rules, max_size=8), weeks, days, st.none() | st.integers(0, 30))
def test_new_hours_hold_on_their_days_and_the_old_ones_on_all_others(
    hours: list[HoursRule], week: list[list[tuple[int, int]]], first: date, length: int | None
):
    last = None if length is None else first + timedelta(days=length)
    new = replaced(hours, week, first, last)
    for day in (FIRST + timedelta(days=n) for n in range(-50, 120)):
        inside = first <= day and (last is None or day <= last)
        expected = tuple(sorted(week[day.isoweekday() - 1])) if inside else day_windows(hours, Calendar(), day).windows
        assert day_windows(new, Calendar(), day).windows == expected


HOURS = tuple(HoursRule(weekday, 102, 204) for weekday in range(1, 6))
DESKS = tuple(DeskFacts(n, f"{n:02}", "", "", 1, True, True) for n in (1, 2))
HERE = replace(station(1, "甲站", "A"), hours=HOURS, desks=DESKS)


def at(hour: int, minute: int = 0) -> int:
    return floor_tick(datetime(2026, 12, 1, hour, minute, tzinfo=LOCAL))


def test_what_is_lost_begins_and_ends_with_the_closure_and_is_the_desks_own():
    closing = Closing(*(datetime(2026, 12, 1, hour, tzinfo=LOCAL) for hour in (10, 12)), 1, "", "")
    gone = lost(HERE, closing.applied(HERE), Calendar(), FIRST, 2)
    assert gone.touches(1, at(9, 45), 4)
    assert not gone.touches(1, at(9, 30), 6), "ends when the closure begins"
    assert not gone.touches(1, at(12), 6), "begins when it ends"
    assert gone.touches(1, at(11, 55), 6)
    assert not gone.touches(2, at(10), 6), "another desk"
    assert gone.touches(1, at(9), 288), "around it"


def test_a_visit_that_began_before_the_days_looked_at_is_touched_by_what_of_it_is_left():
    closing = Closing(*(datetime(2026, 12, 1, hour, tzinfo=LOCAL) for hour in (8, 12)), None, "", "")
    gone = lost(HERE, closing.applied(HERE), Calendar(), FIRST, 1)
    assert gone.touches(1, at(0) - 12, 12 + 12 * 9)
    assert not gone.touches(1, at(0) - 12, 12 + 12 * 8)


def test_what_was_closed_before_is_not_lost_again():
    night = Closing(*(datetime(2026, 12, 1, hour, tzinfo=LOCAL) for hour in (18, 22)), None, "", "")
    assert not any(lost(HERE, night.applied(HERE), Calendar(), FIRST, 2).places.values())
    closed = Closing(*(datetime(2026, 12, 1, hour, tzinfo=LOCAL) for hour in (9, 17)), None, "", "").applied(HERE)
    again = Closing(*(datetime(2026, 12, 1, hour, tzinfo=LOCAL) for hour in (9, 12)), 1, "", "")
    assert not any(lost(closed, again.applied(closed), Calendar(), FIRST, 2).places.values())


def test_a_desk_out_of_use_and_shorter_hours_lose_what_was_open():
    gone = lost(HERE, Retiring(2, "", "").applied(HERE), Calendar(), FIRST, 2)
    assert gone.touches(2, at(8, 30), 6)
    assert not gone.touches(1, at(8, 30), 6)
    week = NewWeek(tuple([((102, 138),)] * 7), FIRST, None, "", "")
    shorter = lost(HERE, week.applied(HERE), Calendar(), FIRST, 2)
    assert shorter.touches(1, at(11, 15), 6)
    assert not shorter.touches(1, at(11), 6)


def test_later_the_same_day_is_better_than_tomorrow_and_tomorrow_than_the_day_after():
    ten = 120
    assert later(ten, ten) == 0
    assert later(ten, ten + 24) < later(ten, ten + 288) < later(ten, ten + 288 + 12) < later(ten, ten + 2 * 288)
    assert cheapest(ten, places(ten - 12, ten + 24, ten + 288)) == (later(ten, ten + 24), ten + 24)
    assert cheapest(ten, places(ten + 80, ten + 289)) == (later(ten, ten + 80), ten + 80)
    assert cheapest(ten, places(ten - 12)) is None, "nobody is asked to come earlier"
    assert cheapest(ten, places(ten + 6, ten + 12), lambda place: place != ten + 6) == (later(ten, ten + 12), ten + 12)


def places(*each: int) -> int:
    return sum(1 << place for place in each)


@given(st.integers(0, 287), st.sets(st.integers(0, 288 * 4), max_size=12))
def test_the_best_of_all_free_times_is_found_without_looking_at_all_days(old: int, free: set[int]):
    best = min(((later(old, place), place) for place in free if place >= old), default=None)
    assert cheapest(old, places(*free)) == best


def test_a_neighbour_at_the_same_time_is_better_than_the_own_station_a_week_later_but_not_than_tomorrow():
    week, tomorrow = later(120, 120 + 7 * 288), later(120, 120 + 288)
    assert elsewhere(9) < week
    assert tomorrow <= elsewhere(0) < elsewhere(9)
    assert elsewhere(-5) == elsewhere(0), "nearer for them is no reason to send them away"


def test_hours_are_read_as_people_write_them():
    morning, afternoon = (102, 138), (168, 204)
    for text in ("08:30-11:30, 14:00-17:00", "8:30–11:30，14:00—17:00", "14.00 to 17.00; 8.30 至 11.30"):
        assert windows_of(text) == ((morning, afternoon), "")
    assert windows_of(" ") == ((), "")
    assert windows_of("00:00-24:00") == (((0, 288),), "")
    for wrong in ("8:30", "8-11", "08:30-11:30-12:00", "25:00-26:00", "-", "早上"):
        assert windows_of(wrong)[1]
