"""By when something is due: against dates counted by hand on the State Council's notices for 2025 and 2026."""

import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import PROJECT
from app.kit.clock import LOCAL, local_date
from app.policy.rules import Allowance, Clock
from app.requests.rules import Deadline, begin, read, workdays_between
from app.stations.rules import Calendar, DayKind, Kind

KNOWN = json.loads((PROJECT / "app/data/reference/workdays.json").read_text(encoding="utf-8"))


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL)


def end_of(year: int, month: int, day: int) -> datetime:
    return at(year, month, day, 23, 59).replace(second=59)


def holidays(*spans: tuple[date, date]) -> dict[date, DayKind]:
    days = {}
    for first, last in spans:
        for n in range((last - first).days + 1):
            days[first + timedelta(days=n)] = DayKind(Kind.HOLIDAY, provisional=False)
    return days


def makeup(*days: date) -> dict[date, DayKind]:
    return {day: DayKind(Kind.MAKEUP, provisional=False) for day in days}


# Notices 国办发明电〔2024〕12号 for 2025 and 国办发明电〔2025〕7号 for 2026, typed in anew.
OFF_2025 = holidays(
    (date(2025, 1, 1), date(2025, 1, 1)),
    (date(2025, 1, 28), date(2025, 2, 4)),
    (date(2025, 4, 4), date(2025, 4, 6)),
    (date(2025, 5, 1), date(2025, 5, 5)),
    (date(2025, 5, 31), date(2025, 6, 2)),
    (date(2025, 10, 1), date(2025, 10, 8)),
)
WORKED_2025 = makeup(date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11))
OFF_2026 = holidays(
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
)
WORKED_2026 = makeup(
    date(2026, 1, 4),
    date(2026, 2, 14),
    date(2026, 2, 28),
    date(2026, 5, 9),
    date(2026, 9, 20),
    date(2026, 10, 10),
)
CALENDAR = Calendar({**OFF_2025, **WORKED_2025, **OFF_2026, **WORKED_2026}, frozenset({2025, 2026}))


def clock(days: int, started: datetime) -> Deadline:
    begun = begin(Clock.WORK, Allowance(days, "network"), started)
    assert begun
    return begun


@pytest.mark.parametrize(
    ("days", "started", "due"),
    [
        (2, at(2026, 11, 24), end_of(2026, 11, 26)),  # Tuesday to Thursday
        (2, at(2026, 11, 26, 23, 59), end_of(2026, 11, 30)),  # Thursday, over a weekend
        (2, at(2025, 1, 24), end_of(2025, 1, 27)),  # the make-up Sunday before Spring Festival counts
        (15, at(2025, 1, 20), end_of(2025, 2, 14)),  # over Spring Festival, two make-up days
        (2, at(2025, 4, 3), end_of(2025, 4, 8)),  # over Qingming
        (15, at(2025, 4, 21), end_of(2025, 5, 14)),  # over Labour Day
        (2, at(2025, 9, 30), end_of(2025, 10, 10)),  # over National Day
        (15, at(2025, 9, 26), end_of(2025, 10, 23)),
        (2, at(2026, 1, 1), end_of(2026, 1, 5)),  # New Year, with its make-up Sunday
        (15, at(2026, 2, 10), end_of(2026, 3, 9)),  # over Spring Festival 2026
        (2, at(2026, 9, 30), end_of(2026, 10, 9)),
        (2, at(2026, 10, 8), end_of(2026, 10, 10)),  # a make-up Saturday counts
    ],
)
def test_working_days_are_counted_as_the_notices_say(days: int, started: datetime, due: datetime):
    assert clock(days, started).due(CALENDAR) == (due, False)


def test_the_shipped_calendar_has_the_days_of_the_notices():
    shipped = {date.fromisoformat(day) for day in _dates(KNOWN)}
    assert OFF_2025.keys() | OFF_2026.keys() | WORKED_2025.keys() | WORKED_2026.keys() <= shipped


def _dates(found: object) -> list[str]:
    """Every ISO date in the file, wherever it stands."""
    if isinstance(found, dict):
        return [each for key, value in found.items() for each in (*_dates(key), *_dates(value))]
    if isinstance(found, list):
        return [each for value in found for each in _dates(value)]
    return [found] if isinstance(found, str) and len(found) == 10 and found[4] == found[7] == "-" else []


def test_over_a_new_year_that_is_not_announced_it_is_provisional():
    assert clock(2, at(2026, 12, 31)).due(CALENDAR) == (end_of(2027, 1, 4), True)
    assert clock(2, at(2026, 12, 28)).due(CALENDAR) == (end_of(2026, 12, 30), False)


def test_what_is_sent_late_at_night_counts_from_that_day_in_the_networks_zone():
    assert clock(2, at(2026, 11, 25, 0, 30)).due(CALENDAR) == (end_of(2026, 11, 27), False)


def test_while_it_stands_still_nothing_is_due_and_afterwards_the_rest_is_left():
    paused = clock(5, at(2026, 11, 23)).pause(at(2026, 11, 25), CALENDAR)  # Tuesday and Wednesday are over
    assert paused.due(CALENDAR) is None
    assert paused.counted == 2
    assert paused.resume(at(2026, 12, 7)).due(CALENDAR) == (end_of(2026, 12, 10), False)


def test_who_stops_a_clock_that_has_run_out_wins_nothing():
    late = clock(2, at(2026, 11, 23)).pause(at(2026, 11, 27), CALENDAR).resume(at(2026, 12, 10))
    assert late.due(CALENDAR) == (end_of(2026, 11, 25), False)


moments = st.integers(0, 660 * 24 * 60).map(lambda minutes: at(2025, 1, 1) + timedelta(minutes=minutes))
spells = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=4)


@given(moments, st.integers(1, 30), spells)
def test_as_many_working_days_count_as_are_allowed_however_often_it_stood_still(
    started: datetime, days: int, spells: list[tuple[int, int]]
):
    deadline, moment, ran = clock(days, started), started, 0
    for running, standing in spells:
        due = deadline.due(CALENDAR)
        assert due
        stop = moment + timedelta(days=running)
        if stop > due[0]:
            break
        ran += workdays_between(CALENDAR, local_date(moment), local_date(stop))
        moment = stop + timedelta(days=standing)
        deadline = deadline.pause(stop, CALENDAR).resume(moment)
        later = deadline.due(CALENDAR)
        assert later
        assert later[0] >= due[0]
    due = deadline.due(CALENDAR)
    assert due
    assert ran + workdays_between(CALENDAR, local_date(moment), local_date(due[0])) == days


@given(moments, st.integers(1, 30))
def test_to_stop_and_go_on_the_same_day_changes_nothing(started: datetime, days: int):
    deadline = clock(days, started)
    stop = at(started.year, started.month, started.day, 10)
    assert deadline.pause(stop, CALENDAR).resume(stop).due(CALENDAR) == deadline.due(CALENDAR)


@given(moments, st.integers(1, 30), st.integers(0, 60))
def test_what_is_stored_is_read_back_the_same(started: datetime, days: int, later: int):
    deadline = clock(days, started).pause(started + timedelta(days=later), CALENDAR)
    assert read(json.loads(json.dumps(deadline.stored()))) == deadline
    assert read(None) is None


def test_without_a_rule_there_is_no_deadline():
    assert begin(Clock.WORK, None, at(2026, 11, 23)) is None
