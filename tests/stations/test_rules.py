"""The working calendar and a station's windows of a day."""

import json
from datetime import date, timedelta
from functools import cache

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import PROJECT
from app.stations.rules import Calendar, DayKind, HoursRule, Kind, day_windows

MORNING, AFTERNOON = (102, 144), (168, 210)  # 08:30-12:00, 14:00-17:30
SATURDAY_MORNING = (108, 144)
WEEK = tuple(HoursRule(weekday, *window) for weekday in range(1, 6) for window in (MORNING, AFTERNOON))
WITH_SATURDAY = (*WEEK, HoursRule(6, *SATURDAY_MORNING))
MAKEUP_2026 = ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")


@cache
def calendar() -> Calendar:
    """As the import makes it of the file that we ship."""
    years = json.loads((PROJECT / "app/data/reference/workdays.json").read_text(encoding="utf-8"))["years"]
    special: dict[date, DayKind] = {}
    for year in years.values():
        for holiday in year["holidays"]:
            kind = DayKind(Kind.HOLIDAY, provisional=False, name_en=holiday["name_en"])
            special[date.fromisoformat(holiday["date"])] = kind
        for day in year["makeup_workdays"]:
            special[date.fromisoformat(day)] = DayKind(Kind.MAKEUP, provisional=False)
    return Calendar(special, frozenset(map(int, years)))


days = st.dates(date(2018, 12, 1), date(2028, 2, 1))


@pytest.mark.parametrize("day", MAKEUP_2026)
def test_every_make_up_day_of_2026_is_worked_though_it_is_a_weekend(day: str):
    found = calendar().kind(date.fromisoformat(day))
    assert date.fromisoformat(day).isoweekday() > 5
    assert (found.kind, found.worked, found.provisional) == (Kind.MAKEUP, True, False)


def test_2026_has_these_make_up_days_and_no_others():
    found = [day.isoformat() for day, kind in calendar().special.items() if day.year == 2026 and kind.worked]
    assert tuple(found) == MAKEUP_2026


@pytest.mark.parametrize("year", range(2019, 2027))
def test_each_day_of_the_announced_years_is_worked_as_an_independent_calendar_says(year: str):
    first = date(year, 1, 1)
    for n in range((date(year + 1, 1, 1) - first).days):
        day = first + timedelta(days=n)
        found = calendar().kind(day)
        assert found.worked == chinese_calendar.is_workday(day), day
        assert not found.provisional
        if found.kind is Kind.HOLIDAY:
            assert chinese_calendar.is_holiday(day)
        if found.kind is Kind.MAKEUP:
            assert chinese_calendar.is_workday(day)
            assert day.isoweekday() > 5


@given(day=days, count=st.integers(0, 60))
def test_working_days_are_counted_as_by_walking_day_by_day(day: date, count: int):
    due, provisional = calendar().add_workdays(day, count)
    walked = [day + timedelta(days=n) for n in range(1, (due - day).days + 1)]
    assert sum(calendar().kind(each).worked for each in walked) == count
    assert count == 0 or calendar().kind(due).worked
    assert provisional == any(each.year not in range(2019, 2027) for each in walked)


@given(day=days, count=st.integers(0, 40), more=st.integers(0, 40))
def test_working_days_add_up(day: date, count: int, more: int):
    due, _ = calendar().add_workdays(day, count)
    assert calendar().add_workdays(due, more)[0] == calendar().add_workdays(day, count + more)[0]


def test_a_deadline_over_national_day_counts_the_make_up_day():
    # Wednesday 30 September 2026; 1 to 7 October are off, Saturday the 10th is worked.
    assert calendar().add_workdays(date(2026, 9, 30), 3) == (date(2026, 10, 10), False)


def test_no_working_days_is_the_day_itself_even_on_a_holiday():
    assert calendar().add_workdays(date(2026, 10, 1), 0) == (date(2026, 10, 1), False)


def test_a_deadline_that_reaches_into_an_unannounced_year_is_provisional():
    assert calendar().add_workdays(date(2026, 12, 30), 1) == (date(2026, 12, 31), False)
    assert calendar().add_workdays(date(2026, 12, 31), 1) == (date(2027, 1, 1), True)


def test_a_year_that_is_not_announced_has_only_weekdays():
    assert calendar().kind(date(2027, 10, 1)) == DayKind(Kind.WORKDAY, provisional=True)
    assert calendar().kind(date(2027, 10, 2)) == DayKind(Kind.WEEKEND, provisional=True)


def test_an_ordinary_day_has_its_windows_in_order():
    found = day_windows(reversed(WEEK), calendar(), date(2026, 12, 1))
    assert (found.windows, found.reason) == ((MORNING, AFTERNOON), None)


def test_a_public_holiday_is_closed_whatever_the_weekday():
    found = day_windows(WEEK, calendar(), date(2026, 10, 1))
    assert (found.windows, found.reason, found.kind.name_en) == ((), "holiday", "National Day")


def test_a_weekend_without_hours_says_so_and_one_with_hours_is_open():
    saturday = date(2026, 12, 5)
    assert day_windows(WEEK, calendar(), saturday).reason == "weekend"
    assert day_windows(WITH_SATURDAY, calendar(), saturday).windows == (SATURDAY_MORNING,)


def test_a_weekday_without_hours_is_not_called_a_weekend():
    only_tuesdays = (HoursRule(2, *MORNING),)
    assert day_windows(only_tuesdays, calendar(), date(2026, 12, 2)).reason == "no_hours"


@pytest.mark.parametrize("day", MAKEUP_2026)
def test_a_make_up_day_keeps_mondays_hours_not_saturdays(day: str):
    found = day_windows(WITH_SATURDAY, calendar(), date.fromisoformat(day))
    assert (found.windows, found.reason) == ((MORNING, AFTERNOON), None)


def test_a_make_up_day_keeps_the_next_weekdays_hours_when_mondays_are_free():
    tuesdays_and_fridays = (HoursRule(5, *AFTERNOON), HoursRule(2, *MORNING), HoursRule(6, *SATURDAY_MORNING))
    assert day_windows(tuesdays_and_fridays, calendar(), date(2026, 10, 10)).windows == (MORNING,)


def test_a_make_up_day_without_any_weekday_hours_is_closed():
    only_saturdays = (HoursRule(6, *SATURDAY_MORNING),)
    assert day_windows(only_saturdays, calendar(), date(2026, 10, 10)).reason == "no_hours"


@pytest.mark.parametrize(
    ("day", "windows"),
    [
        (date(2026, 11, 30), (MORNING,)),
        (date(2026, 12, 7), (AFTERNOON,)),
        (date(2026, 12, 14), (AFTERNOON,)),
        (date(2026, 12, 21), (MORNING,)),
    ],
    ids=["the Monday before", "its first day", "its last day", "the Monday after"],
)
def test_hours_with_dates_are_in_force_from_the_first_to_the_last(day: date, windows: tuple[tuple[int, int], ...]):
    hours = (
        HoursRule(1, *MORNING, valid_until=date(2026, 12, 6)),
        HoursRule(1, *AFTERNOON, valid_from=date(2026, 12, 7), valid_until=date(2026, 12, 14)),
        HoursRule(1, *MORNING, valid_from=date(2026, 12, 15)),
    )
    assert day_windows(hours, calendar(), day).windows == windows


def test_a_make_up_day_uses_the_hours_in_force_on_that_day():
    hours = (HoursRule(1, *MORNING, valid_until=date(2026, 10, 9)), HoursRule(1, *AFTERNOON, date(2026, 10, 10)))
    assert day_windows(hours, calendar(), date(2026, 10, 10)).windows == (AFTERNOON,)


@given(day=days, weekdays=st.sets(st.integers(1, 7)))
def test_a_day_has_windows_or_a_reason_never_both(day: date, weekdays: set[int]):
    found = day_windows([HoursRule(weekday, *MORNING) for weekday in weekdays], calendar(), day)
    assert bool(found.windows) != bool(found.reason)
