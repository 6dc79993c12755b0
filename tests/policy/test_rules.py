"""Which rule about a deadline wins."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policy.rules import (
    Allowance,
    Clock,
    DeadlineKey,
    DeadlineRule,
    Level,
    Place,
    allowance,
    deadline_key,
    place_of,
)

CASE = {
    "service_code": "M01",
    "category": "metrology",
    "mode": "onsite",
    "county": "340202",
    "station_code": "JH01",
}
# From the weakest to the strongest, all of them fitting CASE.
LADDER = (
    ({}, "network"),
    ({"mode": "onsite"}, "network.mode"),
    ({"category": "metrology"}, "network.category"),
    ({"category": "metrology", "mode": "onsite"}, "network.category.mode"),
    ({"service_code": "M01"}, "network.service"),
    ({"service_code": "M01", "mode": "onsite"}, "network.service.mode"),
    ({"county": "340202"}, "county"),
    ({"county": "340202", "service_code": "M01", "mode": "onsite"}, "county.service.mode"),
    ({"station_code": "JH01"}, "station"),
    ({"station_code": "JH01", "category": "metrology"}, "station.category"),
    ({"station_code": "JH01", "service_code": "M01", "mode": "onsite"}, "station.service.mode"),
)
RULES = [DeadlineRule(Clock.WORK, days, **about) for days, (about, _source) in enumerate(LADDER, start=1)]


def found(rules: list[DeadlineRule], **other: str) -> Allowance | None:
    return allowance(rules, Clock.WORK, **(CASE | other))


@pytest.mark.parametrize("count", range(1, len(LADDER) + 1))
def test_the_most_specific_rule_wins_and_says_which_it_was(count: int) -> None:
    assert found(RULES[:count]) == Allowance(count, LADDER[count - 1][1])


def test_the_order_in_which_rules_stand_says_nothing() -> None:
    assert {found(list(order)) for order in permutations(RULES[:4])} == {Allowance(4, "network.category.mode")}


@pytest.mark.parametrize(
    ("name", "other"),
    [("service_code", "M02"), ("mode", "station"), ("county", "340203"), ("station_code", "JH02")],
)
def test_a_rule_for_something_else_says_nothing(name: str, other: str) -> None:
    assert found([DeadlineRule(Clock.WORK, 3, **{name: other})]) is None


def test_one_clock_doesnt_drive_another_and_no_number_is_made_up() -> None:
    assert found([DeadlineRule(Clock.FIRST_ANSWER, 2)]) is None
    assert found([]) is None


CODES = st.none() | st.sampled_from(["M01", "metrology", "onsite"])


@given(st.sampled_from(Clock), CODES, CODES, CODES)
def test_a_key_is_read_as_it_was_written(
    clock: Clock, service: str | None, category: str | None, mode: str | None
) -> None:
    key = DeadlineKey(clock, service, category, mode)
    assert deadline_key(key.text) == key


@pytest.mark.parametrize("text", ["", "work", "work/*/*", "work/*/*/*/*", "sleep/*/*/*"])
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        deadline_key(text)


@pytest.mark.parametrize("place", [Place(Level.NETWORK), Place(Level.COUNTY, "340202"), Place(Level.STATION, "17")])
def test_a_place_is_read_as_it_was_written(place: Place) -> None:
    assert place_of(place.scope) == place
