from datetime import UTC, date, datetime, timedelta

import pytest

from app.kit import formats
from app.kit.i18n import use_locale

# 01:00 UTC is 09:00 in the network's zone; 17:00 UTC is already the next day there.
MORNING = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
NIGHT = datetime(2026, 12, 1, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("function", "moment", "chinese", "english"),
    [
        (formats.date_time, MORNING, "12月1日 周二 09:00", "Tue 1 Dec, 09:00"),
        (formats.date_time, NIGHT, "12月2日 周三 01:05", "Wed 2 Dec, 01:05"),
        (formats.weekday_date, NIGHT, "12月2日 周三", "Wed 2 Dec"),
        (formats.weekday_date, date(2026, 9, 6), "9月6日 周日", "Sun 6 Sep"),
        (formats.day_month, date(2026, 12, 1), "12月1日", "1 Dec"),
        (formats.day_month_year, MORNING, "2026年12月1日", "1 Dec 2026"),
        (formats.long_date, MORNING, "2026年12月1日 星期二", "Tuesday 1 December 2026"),
        (formats.weekday, date(2026, 12, 5), "周六", "Sat"),
        (formats.clock_time, NIGHT, "01:05", "01:05"),
    ],
)
def test_dates_are_written_as_each_language_writes_them(function, moment, chinese: str, english: str):
    assert function(moment) == chinese
    with use_locale("en"):
        assert function(moment) == english


def test_a_range_names_its_day_once():
    end = MORNING + timedelta(minutes=45)
    assert formats.time_range(MORNING, end) == "12月1日 周二 09:00–09:45"
    with use_locale("en"):
        assert formats.time_range(MORNING, end) == "Tue 1 Dec, 09:00–09:45"


def test_machines_get_the_networks_offset():
    assert formats.iso(MORNING) == "2026-12-01T09:00:00+08:00"
    assert formats.iso(date(2026, 12, 1)) == "2026-12-01"


@pytest.mark.parametrize(
    ("kilometres", "words"),
    [
        (0, "0 m"),
        (0.004, "0 m"),
        (0.447, "450 m"),
        (0.994, "990 m"),
        (0.996, "1.0 km"),
        (3.2, "3.2 km"),
        (99.94, "99.9 km"),
        (99.97, "100 km"),
        (1234.5, "1,234 km"),
    ],
)
def test_distances_have_the_digits_that_help(kilometres: float, words: str):
    assert formats.distance(kilometres) == words.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("length", "chinese", "english"),
    [
        (45, "45 分钟", "45 min"),
        (60, "1 小时", "1 hour"),
        (120, "2 小时", "2 hours"),
        (90, "1 小时 30 分钟", "1 h 30 min"),
        (timedelta(minutes=30), "30 分钟", "30 min"),
        (0, "0 分钟", "0 min"),
    ],
)
def test_durations_are_said_in_words(length: int | timedelta, chinese: str, english: str):
    assert formats.duration(length) == chinese
    with use_locale("en"):
        assert formats.duration(length) == english


def test_numbers_are_grouped_and_shares_are_percentages():
    assert formats.number(41352) == "41,352"
    assert formats.number(0.5, 2) == "0.50"
    assert formats.percent(0.374) == "37%"
