"""The trade's rules, one by one, on networks made by hand."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.rules import Use
from app.routing.queries import MOST_ASKED, MOST_NAMED, Answer, answer
from app.routing.ranking import KM_PER_DAY, KM_WHEN_FULL, Reason, cost_km
from app.routing.rules import Check, Mode, Policy, Question
from app.stations.snapshot import ServiceFacts
from tests.routing.nets import NOW, Can, Diary, Stop, network, question, service, tick

HERE = (118.38, 31.33)
DESIGNATED_SERVICE = (service(0, listed=True),)


def east(km: float, **changes: object) -> Stop:
    """A station so many kilometres east of `HERE` that can do the first service, unless `changes` say otherwise."""
    return Stop(**{"lon": HERE[0] + km / 95.18, "lat": HERE[1], "can": {0: Can()}, **changes})  # type: ignore[arg-type]


def routed(
    stops: Sequence[Stop], asked: Question, services: Sequence[ServiceFacts] = (service(0),), **diary: object
) -> Answer:
    """The answer when everybody has time at nine on the first day, unless `diary` says otherwise."""
    net = network(stops, services)
    free = {index: [tick(asked.first.day)] for index in range(len(stops))}
    times = Diary(net, asked, **{"free": free, **diary})  # type: ignore[arg-type]
    return asyncio.run(answer(net, times, asked, NOW))


def offered(found: Answer) -> list[int]:
    return [candidate.station for candidate in found.candidates]


def passed(found: Answer) -> dict[int, str]:
    return {each.station: each.check.reason for each in found.passed_over}


@pytest.mark.parametrize("use", [None, Use.TRADE_SETTLEMENT, Use.SAFETY_PROTECTION, Use.MEDICAL, Use.ENVIRONMENT])
def test_mandatory_verification_goes_past_a_nearer_station_that_is_not_designated(use: Use | None):
    found = routed([east(1), east(5, can={0: Can(designated=True)})], question(use=use), DESIGNATED_SERVICE)
    assert offered(found) == [1]
    assert passed(found) == {0: "not_designated"}
    assert found.candidates[0].reasons == (Reason.NEAREST_DESIGNATED,)


def test_for_another_use_the_nearest_will_do_and_the_answer_says_so():
    found = routed([east(1), east(5, can={0: Can(designated=True)})], question(use=Use.OTHER), DESIGNATED_SERVICE)
    assert offered(found) == [0, 1]
    assert found.candidates[0].reasons == (Reason.NEAREST_CAPABLE, Reason.DESIGNATED_NOT_NEEDED)


def test_each_station_is_named_with_the_first_check_that_it_fails():
    stops = [
        east(1, can={}),
        east(2, can={0: Can(designated=False, until=1, modes=("onsite",))}),
        east(3, can={0: Can(designated=True, until=1, modes=("onsite",))}),
        east(4, can={0: Can(designated=True, since=20)}),
        east(5, can={0: Can(designated=True, modes=("onsite",))}, active=False),
        east(6, can={0: Can(designated=True)}, active=False),
        east(7, can={0: Can(designated=True)}),
        east(8, can={0: Can(designated=True)}),
        east(9, can={0: Can(designated=True)}),
    ]
    asked = question(first=2)
    found = routed(stops, asked, DESIGNATED_SERVICE, free={8: [tick(2)]}, shut=frozenset({6}))
    assert passed(found) == {
        0: "not_capable",
        1: "not_designated",
        2: "capability_expired",
        3: "capability_expired",
        4: "mode_not_offered",
        5: "inactive",
        6: "closed",
        7: "no_free_time",
    }
    assert offered(found) == [8]


def test_a_capability_counts_on_its_last_day_and_not_on_the_next():
    stops = [east(1, can={0: Can(until=3)})]
    assert offered(routed(stops, question(first=3, days=1))) == [0]
    assert passed(routed(stops, question(first=4, days=1))) == {0: "capability_expired"}


def test_a_capability_that_ends_within_the_days_counts_only_until_then():
    stops = [east(1, can={0: Can(until=3)}), east(2)]
    free = {0: [tick(5)], 1: [tick(5)]}
    found = routed(stops, question(first=2, days=7), free=free)
    assert offered(found) == [1]
    assert passed(found) == {0: "no_free_time"}


def test_at_the_same_distance_the_lower_code_comes_first():
    stops = [east(2), east(1), east(1), east(1)]
    assert offered(routed(stops, question())) == [1, 2, 3, 0]


def test_soonest_looks_at_everybody_in_reach():
    stops = [east(1), east(2), east(30), east(60)]
    free = {0: [tick(3)], 1: [tick(2, 10)], 2: [tick(1)], 3: [tick(1)]}
    found = routed(stops, question(policy=Policy.SOONEST, limit=2), free=free)
    assert offered(found) == [2, 1]
    assert found.candidates[0].reasons == (Reason.SOONEST, Reason.CAPABLE, Reason.EARLIER_THAN_NEARER)
    assert passed(found) == {}


def test_soonest_breaks_a_tie_by_distance():
    assert offered(routed([east(3), east(1)], question(policy=Policy.SOONEST))) == [1, 0]


def test_balanced_takes_the_emptier_of_two_alike():
    found = routed([east(1), east(1.5)], question(policy=Policy.BALANCED), loads={0: 0.9, 1: 0.1})
    assert offered(found) == [1, 0]
    assert found.candidates[0].reasons[0] is Reason.BEST_BALANCE


def test_balanced_waits_a_day_rather_than_travel_far():
    free = {0: [tick(2)], 1: [tick(1)]}
    near, far = east(1), east(1 + KM_PER_DAY + 1)
    assert offered(routed([near, far], question(policy=Policy.BALANCED), free=free)) == [0, 1]


@given(st.floats(0, 1000), st.floats(0, 60), st.floats(0, 1), st.sampled_from([(1.0, 0, 0), (0, 1.0, 0), (0, 0, 0.5)]))
def test_the_cost_of_balanced_grows_with_distance_waiting_and_load(
    km: float, wait: float, load: float, more: tuple[float, float, float]
):
    assert cost_km(km + more[0], wait + more[1], load + more[2]) > cost_km(km, wait, load)


def test_a_full_station_weighs_less_than_a_day():
    assert KM_WHEN_FULL < KM_PER_DAY


# --- Beyond reach --------------------------------------------------------------------------------------------------


def test_when_nobody_in_reach_may_the_station_above_the_nearest_stands_in():
    stops = [east(1, can={}, parent=1), east(90, can={}, parent=2), east(120), east(70)]
    found = routed(stops, question(reach_km=50))
    assert found.escalated
    assert offered(found) == [2, 3]
    assert found.candidates[0].reasons == (Reason.PARENT_STATION, Reason.CAPABLE, Reason.BEYOND_REACH)
    assert passed(found) == {0: "not_capable", 1: "not_capable"}


def test_it_goes_on_upwards_when_the_first_above_has_no_time():
    stops = [east(1, can={}, parent=1), east(90, parent=2), east(120)]
    found = routed(stops, question(reach_km=50), free={2: [tick(1)]})
    assert (found.escalated, offered(found)) == (True, [2])
    assert passed(found) == {0: "not_capable", 1: "no_free_time"}


def test_when_nobody_above_may_the_nearest_beyond_reach_is_offered():
    stops = [east(1, can={}, parent=1), east(90, can={}, parent=0), east(120), east(80)]
    found = routed(stops, question(reach_km=50))
    assert (found.escalated, offered(found)) == (False, [3, 2])
    assert all(Reason.BEYOND_REACH in each.reasons for each in found.candidates)


def test_a_station_in_use_is_looked_for_before_going_upwards():
    stops = [east(1, can={}, active=False), east(2, can={}, parent=2), east(90)]
    assert routed(stops, question(reach_km=50)).escalated


def test_who_is_beyond_reach_fills_up_a_list_that_is_too_short():
    found = routed([east(1), east(60), east(70)], question(reach_km=50, limit=2))
    assert offered(found) == [0, 1]
    assert Reason.BEYOND_REACH in found.candidates[1].reasons
    assert not found.escalated


def test_online_nobody_is_out_of_reach():
    far = east(800, can={0: Can(("online",))})
    found = routed([east(1, can={}, parent=2), far, east(900, can={0: Can(("online",))})], question(mode=Mode.ONLINE))
    assert (found.escalated, offered(found)) == (False, [1, 2])


def test_when_nobody_at_all_may_the_answer_names_the_last_obstacle():
    stops = [east(1, can={}), east(80, can={0: Can(until=1)})]
    found = routed(stops, question(first=2, reach_km=50))
    assert (found.candidates, found.obstacle) == ((), Check.CAPABILITY_EXPIRED)
    assert passed(found) == {0: "not_capable"}
    assert routed([], question()).obstacle is Check.NOT_CAPABLE
    assert routed([east(1)], question(), free={}).obstacle is Check.NO_FREE_TIME


# --- Several services ----------------------------------------------------------------------------------------------

TWO = (service(0, skill=1), service(1, skill=2))
BOTH = {0: Can(), 1: Can()}


def test_who_can_do_all_in_one_visit_comes_first():
    stops = [east(1), east(9, can=BOTH), east(2, can={1: Can()})]
    found = routed(stops, question(services=(0, 1)), TWO)
    assert offered(found) == [1, 0, 2]
    assert [each.covers for each in found.candidates] == [(0, 1), (0,), (1,)]
    assert Reason.ALL_SERVICES_IN_ONE_VISIT in found.candidates[0].reasons
    assert Reason.SOME_SERVICES_ONLY in found.candidates[1].reasons
    assert passed(found) == {}


def test_who_can_do_all_is_named_also_when_out_of_reach():
    stops = [east(1), east(2), east(80, can=BOTH), east(90, can=BOTH)]
    found = routed(stops, question(services=(0, 1), limit=3, reach_km=50), TWO)
    assert offered(found) == [2, 0, 1]
    assert Reason.BEYOND_REACH in found.candidates[0].reasons


def test_a_nearer_station_that_can_do_only_part_is_passed_over_with_what_it_lacks():
    found = routed([east(1), east(9, can=BOTH)], question(services=(0, 1), limit=1), TWO)
    assert offered(found) == [1]
    assert passed(found) == {0: "not_capable"}


def test_one_visit_needs_one_desk_that_can_do_all():
    split, whole = east(1, can=BOTH, desks=(1, 2)), east(5, can=BOTH, desks=(3,))
    found = routed([split, whole], question(services=(0, 1)), TWO)
    assert offered(found) == [1, 0]
    assert found.candidates[1].covers == (0,)
    assert passed(routed([split, whole], question(services=(0, 1), limit=1), TWO)) == {0: "closed"}


def test_designation_is_asked_for_each_service_on_its_own():
    services = (service(0, listed=True), service(1))
    plain, good = east(1, can=BOTH), east(3, can={0: Can(designated=True), 1: Can()})
    found = routed([plain, good], question(services=(0, 1), use=Use.MEDICAL), services)
    assert offered(found) == [1, 0]
    assert found.candidates[1].covers == (1,)
    assert Reason.NEAREST_DESIGNATED in found.candidates[0].reasons
    assert Reason.NEAREST_CAPABLE in found.candidates[1].reasons


# --- Where it is, and how much is asked ------------------------------------------------------------------------------


def test_an_approximate_place_is_marked():
    found = routed([east(1, coord_class="estimated")], question())
    assert found.candidates[0].reasons == (Reason.NEAREST_CAPABLE, Reason.APPROXIMATE_LOCATION)


@given(st.lists(st.floats(0.2, 45), min_size=2, max_size=8, unique=True), st.floats(0.0, 0.95))
def test_a_station_that_comes_nearer_never_ranks_worse(kms: list[float], nearer: float):
    def rank(first: float) -> int:
        return offered(routed([east(first), *map(east, kms[1:])], question(limit=8))).index(0)

    assert rank(kms[0] * nearer) <= rank(kms[0])


def test_nearest_asks_no_more_stations_for_time_than_it_needs():
    stops = [east(km) for km in range(1, 30)]
    net, asked = network(stops), question(limit=3)
    diary = Diary(net, asked, {index: [tick(1)] for index in range(29)})
    asyncio.run(answer(net, diary, asked, NOW))
    assert diary.asked == [[0, 1, 2]]


def test_a_large_network_is_asked_and_named_only_so_far():
    stops = [east(1 + n / 1000, can={0: Can()} if n % 2 else {}) for n in range(1200)]
    net = network(stops)
    for policy in (Policy.NEAREST, Policy.SOONEST):
        asked = replace(question(), policy=policy)
        diary = Diary(net, asked, {1199: [tick(1)]})
        found = asyncio.run(answer(net, diary, asked, NOW))
        assert found.candidates == ()
        assert found.obstacle is Check.NO_FREE_TIME
        assert sum(map(len, diary.asked)) == MOST_ASKED
        assert len(found.passed_over) == MOST_NAMED
        # All who can't, and those who were asked in vain.
        assert found.passed_over_total == 600 + MOST_ASKED
