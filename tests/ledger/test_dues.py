"""Until when an instrument is good: pure arithmetic, against what the trade's rule says."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.ledger.rules.dues import Due, DueFrom, due

DAY = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("done", "months", "until"),
    [
        (date(2026, 6, 15), 12, date(2027, 6, 14)),
        (date(2026, 8, 31), 6, date(2027, 2, 27)),
        (date(2027, 8, 31), 6, date(2028, 2, 28)),
        (date(2026, 1, 1), 6, date(2026, 6, 30)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 27)),
    ],
)
def test_it_is_good_for_the_months_minus_a_day_with_the_end_of_month_clamped(done: date, months: int, until: date):
    assert due(done, None, months, None).on == until


@given(done=some.dates(date(1950, 1, 1), date(2090, 1, 1)), months=some.integers(1, 240))
def test_the_next_day_is_in_the_month_that_is_so_many_later(done: date, months: int):
    after = due(done, None, months, None).on + timedelta(days=1)
    assert (after.year * 12 + after.month) - (done.year * 12 + done.month) == months
    assert after.day == done.day or (after.day < done.day and (after + timedelta(days=1)).day == 1)


def test_the_certificates_own_date_wins_over_intervals_and_the_own_interval_over_the_services():
    assert due(DAY, date(2027, 1, 1), 3, 12) == Due(date(2027, 1, 1), DueFrom.CERTIFICATE)
    assert due(DAY, None, 3, 12) == Due(date(2026, 9, 14), DueFrom.OWN_INTERVAL)
    assert due(DAY, None, None, 12) == Due(date(2027, 6, 14), DueFrom.SERVICE)
    assert due(None, None, 3, 12) == due(DAY, None, None, None) == Due()
