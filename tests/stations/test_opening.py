"""Whether a station is open, until or from when; its weeks; the days that are different."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.kit.clock import LOCAL
from app.stations.opening import Opening, first_provisional, opening, special_days, timetables
from app.stations.rules import Calendar, HoursRule, Kind, day_windows
from tests.stations.test_rules import AFTERNOON, MORNING, WEEK, calendar


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL)


def test_an_open_station_says_until_when():
    assert opening(WEEK, calendar(), (), at(12, 1, 9)) == Opening(True, closes_at=at(12, 1, 12))


def test_the_first_minute_is_open_and_the_last_is_not():
    assert opening(WEEK, calendar(), (), at(12, 1, 8, 30)).open_now
    assert not opening(WEEK, calendar(), (), at(12, 1, 12)).open_now


def test_at_lunch_it_opens_again_in_the_afternoon():
    assert opening(WEEK, calendar(), (), at(12, 1, 12, 30)) == Opening(False, opens_next=at(12, 1, 14))


def test_on_friday_evening_it_opens_on_monday():
    assert opening(WEEK, calendar(), (), at(12, 4, 18)) == Opening(False, opens_next=at(12, 7, 8, 30))


def test_before_national_day_it_opens_after_it():
    assert opening(WEEK, calendar(), (), at(9, 30, 18)) == Opening(False, opens_next=at(10, 8, 8, 30))


def test_on_a_make_up_saturday_it_is_open():
    assert opening(WEEK, calendar(), (), at(10, 10, 9)).open_now


def test_a_closure_ends_the_morning_early_and_delays_the_afternoon():
    closed = [(at(12, 1, 11), at(12, 1, 15))]
    assert opening(WEEK, calendar(), closed, at(12, 1, 9)).closes_at == at(12, 1, 11)
    assert opening(WEEK, calendar(), closed, at(12, 1, 11)) == Opening(False, opens_next=at(12, 1, 15))


def test_closures_may_overlap_and_need_not_keep_to_five_minutes():
    closed = [(at(12, 1, 9, 1), at(12, 1, 10)), (at(12, 1, 9, 30), at(12, 1, 10, 7))]
    assert opening(WEEK, calendar(), closed, at(12, 1, 9)).closes_at == at(12, 1, 9, 1)
    assert opening(WEEK, calendar(), closed, at(12, 1, 9, 30)).opens_next == at(12, 1, 10, 7)


def test_windows_that_touch_are_one():
    hours = (HoursRule(2, 96, 144), HoursRule(2, 144, 200), HoursRule(2, 150, 204))
    assert opening(hours, calendar(), (), at(12, 1, 9)).closes_at == at(12, 1, 17)


def test_a_night_over_midnight_is_one():
    hours = (HoursRule(2, 264, 288), HoursRule(3, 0, 24))
    assert opening(hours, calendar(), (), at(12, 1, 23)).closes_at == at(12, 2, 2)


def test_a_station_that_never_closes_names_no_end():
    always = tuple(HoursRule(weekday, 0, 288) for weekday in range(1, 8))
    assert opening(always, Calendar(), (), at(12, 1, 9)) == Opening(True)


def test_a_station_without_hours_is_closed_without_an_end_in_sight():
    assert opening((), calendar(), (), at(12, 1, 9)) == Opening(False)


def test_times_are_local_whatever_the_zone_of_now_and_of_closures():
    closed = [(at(12, 1, 10).astimezone(None), at(12, 1, 11).astimezone(None))]
    found = opening(WEEK, calendar(), closed, at(12, 1, 10, 30).astimezone(None))
    assert found.opens_next is not None
    assert found.opens_next.isoformat() == "2026-12-01T11:00:00+08:00"


@given(day=st.dates(date(2026, 1, 1), date(2026, 11, 1)), minute=st.integers(0, 1439), hours=st.integers(1, 100))
def test_open_means_within_a_window_and_outside_of_a_closure(day: date, minute: int, hours: int):
    now = at(day.month, day.day) + timedelta(minutes=minute)
    closed = (now - timedelta(hours=hours), now + timedelta(hours=hours % 7 - 3))
    tick = (now.hour * 60 + now.minute) // 5
    windows = day_windows(WEEK, calendar(), now.date()).windows
    within = any(opens <= tick < closes for opens, closes in windows)
    found = opening(WEEK, calendar(), [closed] if closed[0] < closed[1] else [], now)
    assert found.open_now == (within and not closed[0] <= now < closed[1])
    assert (found.closes_at is None) == (not found.open_now)
    assert (found.opens_next is None) == found.open_now


def test_hours_without_dates_are_one_week_for_good():
    [week] = timetables(WEEK, date(2026, 12, 1))
    assert (week.first, week.last) == (None, None)
    assert week.week == ((MORNING, AFTERNOON),) * 5 + ((), ())


def test_a_station_without_hours_has_one_empty_week():
    [week] = timetables((), date(2026, 12, 1))
    assert week.week == ((),) * 7


def test_coming_weeks_stand_after_the_one_in_force():
    hours = (
        HoursRule(1, *MORNING, valid_until=date(2026, 12, 31)),
        HoursRule(1, *AFTERNOON, valid_from=date(2027, 1, 1), valid_until=date(2027, 2, 28)),
    )
    now, then, afterwards = timetables(hours, date(2026, 12, 1))
    assert (now.first, now.last, now.week[0]) == (None, date(2026, 12, 31), (MORNING,))
    assert (then.first, then.last, then.week[0]) == (date(2027, 1, 1), date(2027, 2, 28), (AFTERNOON,))
    assert (afterwards.first, afterwards.last, afterwards.week[0]) == (date(2027, 3, 1), None, ())


def test_past_changes_of_hours_are_not_shown_and_equal_weeks_are_one():
    hours = (
        HoursRule(1, *MORNING, valid_until=date(2026, 6, 30)),
        HoursRule(1, *MORNING, valid_from=date(2026, 7, 1), valid_until=date(2026, 12, 31)),
        HoursRule(1, *MORNING, valid_from=date(2027, 1, 1)),
    )
    [week] = timetables(hours, date(2026, 12, 1))
    assert (week.first, week.last, week.week[0]) == (date(2026, 7, 1), None, (MORNING,))


def test_the_days_of_one_holiday_stand_together_and_make_up_days_apart():
    holiday, makeup = special_days(WEEK, calendar(), date(2026, 9, 28), 30)
    assert (holiday.first, holiday.last) == (date(2026, 10, 1), date(2026, 10, 7))
    assert (holiday.kind.kind, holiday.reason, holiday.windows) == (Kind.HOLIDAY, "holiday", ())
    assert (makeup.first, makeup.last, makeup.kind.kind) == (date(2026, 10, 10), date(2026, 10, 10), Kind.MAKEUP)
    assert makeup.windows == (MORNING, AFTERNOON)


def test_the_first_day_of_a_year_without_a_notice_is_named():
    assert first_provisional(calendar(), date(2026, 12, 1), 30) is None
    assert first_provisional(calendar(), date(2026, 12, 15), 30) == date(2027, 1, 1)
