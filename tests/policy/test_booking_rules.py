"""Which rule of booking counts, what may be set, and how it is said. Pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.i18n import use_locale
from app.policy.amounts import judged_number, number_field, rule_words
from app.policy.booking import MINUTES_OF, RANGES, BookingRules, InForce, Rule, booking_setting, largest_unit
from app.policy.rules import Level, Place
from app.slots.rules import Terms
from app.slots.terms import StationTerms

NETWORK, COUNTY, STATION = Place(Level.NETWORK), Place(Level.COUNTY, "340202"), Place(Level.STATION, "7")


@pytest.mark.parametrize(
    ("places", "wins"),
    [((NETWORK,), NETWORK), ((NETWORK, COUNTY), COUNTY), ((NETWORK, STATION), STATION), ((COUNTY, STATION), STATION)],
)
def test_the_nearest_who_has_set_a_rule_wins_and_each_rule_counts_by_itself(
    places: tuple[Place, ...], wins: Place
) -> None:
    numbers = {place: 20 + n for n, place in enumerate(places)}
    rules = BookingRules({place.scope: {Rule.LEAD: number} for place, number in numbers.items()})
    assert rules.at("340202", 7) == {Rule.LEAD: InForce(numbers[wins], wins)}
    assert {each.place for each in rules.at("340203", 8).values()} <= {NETWORK}


@given(
    st.dictionaries(
        st.sampled_from([NETWORK.scope, COUNTY.scope, STATION.scope, "station:8"]),
        st.dictionaries(st.sampled_from(list(Rule)), st.integers(1, 365)),
    )
)
def test_no_station_can_be_booked_farther_ahead_than_the_farthest(by_scope: dict[str, dict[Rule, int]]) -> None:
    rules = BookingRules(by_scope)
    own = [rules.at(county, station).get(Rule.HORIZON) for county, station in (("340202", 7), ("340299", 8), ("1", 9))]
    assert rules.most(Rule.HORIZON, 30) >= max(each.number if each else 30 for each in own)


def test_what_nobody_has_set_is_as_the_portal_is_installed() -> None:
    assert StationTerms(Terms(lead_min=45)).horizon_days == Terms().horizon_days
    assert BookingRules({}).at("340202", 7) == {}


@pytest.mark.parametrize(
    ("rule", "number", "unit", "kept", "wrong"),
    [
        (Rule.STEP, 20, "min", 20, ""),
        (Rule.STEP, 25, "min", 25, "Choose one of the list."),
        (Rule.LEAD, 0, "min", 0, ""),
        (Rule.LEAD, 14, "day", 20160, ""),
        (Rule.LEAD, 337, "hour", 20220, "Enter a time from 0 minutes to 14 days."),
        (Rule.LEAD, -1, "min", -1, "Enter a time from 0 minutes to 14 days."),
        (Rule.HORIZON, 365, "day", 365, ""),
        (Rule.HORIZON, 366, "day", 366, "Enter a whole number from 1 to 365."),
        (Rule.HOLD, 2, "hour", 2, ""),  # a unit that wasn't asked for says nothing
        (Rule.HOLD, 1, "min", 1, "Enter a whole number from 2 to 30."),
        (Rule.HOLD, 31, "min", 31, "Enter a whole number from 2 to 30."),
    ],
)
def test_what_may_be_set(rule: Rule, number: int, unit: str, kept: int, wrong: str) -> None:
    with use_locale("en"):
        assert judged_number(booking_setting(STATION, rule), number, unit) == ({"number": kept}, wrong)


def test_all_steps_divide_an_hour_into_ticks() -> None:
    assert all(60 % step == 0 and step % 5 == 0 for step in RANGES[Rule.STEP].choices)


@given(st.integers(0, 20160))
def test_a_notice_is_shown_in_a_unit_and_typed_back_as_what_it_was(minutes: int) -> None:
    field = number_field(booking_setting(NETWORK, Rule.LEAD), {"number": minutes})
    assert RANGES[Rule.LEAD].kept(int(field.number), field.chosen_unit) == minutes
    number, unit = largest_unit(minutes)
    assert number * MINUTES_OF[unit] == minutes


@pytest.mark.parametrize(
    ("rule", "number", "zh", "en"),
    [
        (Rule.STEP, 30, "每 30 分钟", "every 30 minutes"),
        (Rule.LEAD, 0, "无需提前，开始前均可预约", "none, until the visit begins"),
        (Rule.LEAD, 90, "1 小时 30 分钟", "1 h 30 min"),
        (Rule.LEAD, 2880, "2 天", "2 days"),
        (Rule.HORIZON, 1, "1 天", "1 day"),
        (Rule.HOLD, 10, "10 分钟", "10 min"),
    ],
)
def test_values_in_words(rule: Rule, number: int, zh: str, en: str) -> None:
    for locale, words in (("zh-CN", zh), ("en", en)):
        with use_locale(locale):
            assert rule_words(rule, number) == words
