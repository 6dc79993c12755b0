"""What becomes of a ticket that a kiosk has given out by itself: the rule alone, as a table of cases."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hall.rules.handing_in import LEASED, MOST_OPEN, Claim, Facts, Outcome, Range, settle, wants_more
from app.kit.clock import LOCAL, local_date

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=LOCAL)
TODAY = local_date(NOW)
EARLIER, YESTERDAY = NOW - timedelta(minutes=20), NOW - timedelta(days=1)
LEASES = [Range(TODAY, 1, 50), Range(TODAY, 101, 150), Range(local_date(YESTERDAY), 1, 50)]


@pytest.mark.parametrize(
    ("claim", "taken", "outcome", "number", "given_at"),
    [
        (Claim(7, EARLIER), {1, 2}, Outcome.TAKEN, 7, EARLIER),
        (Claim(150, EARLIER), (), Outcome.TAKEN, 150, EARLIER),
        (Claim(7, EARLIER), {7}, Outcome.RENUMBERED, None, EARLIER),  # another ticket has it
        (Claim(60, EARLIER), (), Outcome.RENUMBERED, None, EARLIER),  # another one's number
        (Claim(7, YESTERDAY), (), Outcome.LATE, 7, YESTERDAY),
        (Claim(7, YESTERDAY), {7}, Outcome.RENUMBERED, None, NOW),  # of yesterday, and taken: it is one of now
        (Claim(60, YESTERDAY), (), Outcome.RENUMBERED, None, NOW),
        (Claim(7, NOW + timedelta(minutes=5)), (), Outcome.TAKEN, 7, NOW),  # the kiosk's clock is ahead
        (Claim(7, NOW + timedelta(days=1)), (), Outcome.RENUMBERED, None, NOW),
    ],
)
def test_a_ticket_is_taken_in_as_it_was_given_out_or_put_right(
    claim: Claim, taken: set[int], outcome: Outcome, number: int | None, given_at: datetime
):
    settled = settle(claim, Facts(LEASES, taken, NOW))
    assert (settled.outcome, settled.number, settled.given_at) == (outcome, number, given_at)


@given(
    number=st.integers(1, 200),
    minutes=st.integers(-4000, 4000),
    taken=st.sets(st.integers(1, 200), max_size=40),
)
def test_no_number_is_kept_that_is_another_ones_and_nobody_has_come_later_than_now(
    number: int, minutes: int, taken: set[int]
):
    claim = Claim(number, NOW + timedelta(minutes=minutes))
    settled = settle(claim, Facts(LEASES, taken, NOW))
    assert settled.given_at <= NOW
    if settled.number is None:
        assert local_date(settled.given_at) == TODAY  # a new number is one of today
    else:
        assert settled.number not in taken
        assert any(lease.day == local_date(settled.given_at) and settled.number in lease for lease in LEASES)


@pytest.mark.parametrize(
    ("unused", "of_device", "more"),
    [
        (0, 0, True),
        (LEASED // 2 - 1, LEASED // 2 - 1, True),
        (LEASED // 2, LEASED // 2, False),
        (0, MOST_OPEN - LEASED, True),
        (0, MOST_OPEN - LEASED + 1, False),  # an address that is open in many browsers
    ],
)
def test_a_kiosk_gets_more_numbers_when_fewer_than_half_of_a_lease_are_left(unused: int, of_device: int, more: bool):
    assert wants_more(unused, of_device) is more
