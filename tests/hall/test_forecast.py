"""The forecast of waits on queues made by hand and at random."""

from math import inf, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.hall.rules.durations import Duration, planned
from app.hall.rules.forecast import (
    PAUSE,
    Ahead,
    Coming,
    Mix,
    OpenDesk,
    Part,
    Serving,
    Wait,
    forecast,
    share_under,
    unbooked,
)
from app.hall.rules.playing import left_of, normal

A, B, C = 1, 2, 4
EXACT = 1e-4


def part(category: int = A, minutes: float = 10.0, sigma: float = EXACT) -> Part:
    return Part(category, Duration(log(minutes), sigma))


def walk_in(number: int, came: float = -5.0, *parts: Part, for_desk: int | None = None) -> Ahead:
    """Somebody without an appointment who came at a moment, in minutes from now."""
    return Ahead(number, parts or (part(),), came, came + 40, for_desk)


def waits(found: list[Wait | None]) -> list[float]:
    return [wait.p50_min if wait else inf for wait in found]


def test_nobody_waits_and_nobody_works() -> None:
    assert forecast([], []) == []
    assert forecast([OpenDesk(1, A)], []) == []
    assert forecast([], [walk_in(1)]) == [None]


def test_whoever_is_next_at_a_free_desk_does_not_wait() -> None:
    assert forecast([OpenDesk(1, A)], [walk_in(1)]) == [Wait(0, 0)]


def test_two_desks_take_the_queue_between_them() -> None:
    found = waits(forecast([OpenDesk(1, A), OpenDesk(2, A)], [walk_in(n) for n in range(1, 6)]))
    assert found[:2] == [0, 0]
    assert found[2:4] == pytest.approx([10.5, 11.5], abs=1.5)
    assert found[4] == pytest.approx(21.5, abs=2)


def test_the_order_is_the_rules_not_that_of_the_list() -> None:
    late, early, first = walk_in(3, -1), walk_in(2, -9), Ahead(4, (part(),), -2, -2)
    found = waits(forecast([OpenDesk(1, A)], [late, early, first]))
    assert found[2] == 0
    assert 0 < found[1] < found[0]


def test_an_old_ticket_goes_first_once_it_has_aged() -> None:
    """The elder turns to first rank during the first serving; until then the one with priority would go before."""
    serving = OpenDesk(1, A, Serving(part().duration))
    young, priority = walk_in(9, -34), Ahead(10, (part(),), -40, 20)
    found = waits(forecast([serving], [young, priority]))
    assert found[0] < found[1]
    assert waits(forecast([serving], [walk_in(9, -10), priority]))[1] < 15


def test_equal_moments_go_by_number() -> None:
    found = waits(forecast([OpenDesk(1, A)], [walk_in(8), walk_in(7)]))
    assert found[1] == 0 < found[0]


def test_a_desk_without_the_skill_or_another_than_asked_for_does_not_count() -> None:
    desks = [OpenDesk(1, A), OpenDesk(2, A | B)]
    mine = walk_in(3, -5, part(A), for_desk=2)
    found = forecast(desks, [walk_in(1, -9, part(B)), walk_in(2, -8, part(C)), mine, walk_in(4, -1, for_desk=7)])
    assert found[0] == Wait(0, 0)
    assert found[1] is None
    assert found[2] is not None
    assert found[2].p50_min > 9
    assert found[3] is None


def test_a_serving_that_has_lasted_long_is_nearer_its_end() -> None:
    def left(so_far: float) -> float:
        return waits(forecast([OpenDesk(1, A, Serving(Duration(log(20), 0.2), so_far))], [walk_in(1)]))[0]

    assert left(0) > left(10) > left(18) > left(25) > 0


def test_what_is_left_of_a_serving_is_the_truncated_distribution() -> None:
    took = np.random.default_rng(3).lognormal(3, 0.5, 400_000)
    truth = took[took > 25] - 25
    left = left_of(Duration(3, 0.5), 25, normal(1, 256)[:200].ravel())
    for share in (0.1, 0.5, 0.9):
        assert np.quantile(left, share) == pytest.approx(np.quantile(truth, share), rel=0.03)


def test_doubt_about_a_service_widens_long_waits_more_than_its_spread_does() -> None:
    """Chance evens out over many servings; a wrong belief doesn't."""
    queue = {kind: [walk_in(n, n - 50.0, Part(A, kind)) for n in range(1, 31)] for kind in (
        Duration(2, 0.3, 0), Duration(2, 0, 0.3))}  # fmt: skip
    by_chance, in_doubt = (forecast([OpenDesk(1, A)], each)[-1] for each in queue.values())
    assert by_chance is not None
    assert in_doubt is not None
    assert in_doubt.p90_min - in_doubt.p50_min > 1.5 * (by_chance.p90_min - by_chance.p50_min)


def test_a_serving_that_somebody_forgot_still_ends() -> None:
    left = left_of(Duration(2, 0.3), 9_000, normal(1, 256)[0])
    assert np.isfinite(left).all()
    assert (left >= 0).all()


def test_the_visit_at_the_desk_goes_on_with_its_further_services() -> None:
    one = Serving(part(A, 10).duration, 5)
    more = one._replace(further=(part(A, 30).duration,))
    alone, both = (waits(forecast([OpenDesk(1, A, serving)], [walk_in(1)]))[0] for serving in (one, more))
    assert both - alone == pytest.approx(30, abs=1)


def test_breaks_are_waited_for() -> None:
    away = OpenDesk(1, A, back_in_min=12)
    assert waits(forecast([away], [walk_in(1)])) == [12]
    leaves = OpenDesk(1, A, leaves_in_min=5, returns_in_min=45)
    assert waits(forecast([leaves], [walk_in(1), walk_in(2)])) == [0, 45]


def test_appointments_still_to_come_go_first_from_their_time_on() -> None:
    desk, queue = OpenDesk(1, A), [walk_in(n) for n in (1, 2, 3)]
    before = waits(forecast([desk], queue))
    sure, never = (Coming(8, (part(A, 30),), 13, 8, shows) for shows in (1, 0))
    after = waits(forecast([desk], queue, [sure]))
    assert after[0] == before[0]
    assert after[1] - before[1] == pytest.approx(31, abs=3)
    assert waits(forecast([desk], queue, [never])) == before
    assert forecast([desk], queue, [sure._replace(parts=(part(B),))]) == forecast([desk], queue)


def test_nobody_waits_for_an_appointment_at_an_idle_desk() -> None:
    """The desk calls who is there, even if somebody with more right will come in a minute."""
    queue = [walk_in(1), walk_in(2)]
    found = waits(forecast([OpenDesk(1, A), OpenDesk(2, B)], queue, [Coming(1, (part(B),), 6, 1)]))
    assert found[0] == 0
    assert found[1] == pytest.approx(11, abs=2)


def test_what_a_desk_can_not_do_of_a_visit_is_done_by_another_before_who_came_later() -> None:
    desks = [OpenDesk(1, A), OpenDesk(2, B, back_in_min=2)]
    visit, after = walk_in(1, -9, part(A), part(B, 30)), walk_in(2, -5, part(B))
    found = waits(forecast(desks, [visit, after]))
    assert found[0] == 0
    assert found[1] == pytest.approx(33, abs=3)
    alone = waits(forecast(desks, [walk_in(1, -9, part(A), part(C)), after]))
    assert alone == [0, 2]


def test_three_services_at_three_desks_leave_rests_of_rests() -> None:
    desks = [OpenDesk(1, A), OpenDesk(2, B), OpenDesk(3, C)]
    visit = walk_in(1, -9, part(A), part(B, 20), part(C, 30))
    found = waits(forecast(desks, [visit, walk_in(2, -5, part(C)), walk_in(3, -4, part(B))]))
    assert found[0] == 0
    assert 0 <= found[1] <= 33
    assert 0 <= found[2] <= 33


def test_more_than_a_word_of_people_keep_their_order() -> None:
    found = waits(forecast([OpenDesk(1, A), OpenDesk(2, A)], [walk_in(n, -200 + n) for n in range(1, 151)]))
    assert found == sorted(found)
    assert found[-1] == pytest.approx(148 / 2 * 11, rel=0.05)


def test_people_without_an_appointment_are_expected_at_their_rate_and_in_their_shares() -> None:
    mix = [Mix(3, (part(A),)), Mix(1, (part(B),))]
    coming = unbooked(6, 120, mix, rank_min=-20, first_in_min=10)
    assert sum(one.shows for one in coming) == pytest.approx(12)
    assert sum(one.shows for one in coming if one.parts == (part(A),)) == pytest.approx(9, rel=0.1)
    assert all(one.rank_min == one.in_min - 20 and one.first_in_min == one.in_min + 10 for one in coming)
    assert unbooked(0, 120, mix, rank_min=0, first_in_min=40) == []
    assert max(one.shows for one in unbooked(100, 60, mix, rank_min=0, first_in_min=40)) <= 0.5


def test_the_share_under_leaves_out_who_was_called_at_once() -> None:
    waits = [(Wait(0, 0), 0.0), (Wait(5, 10), 9.0), (Wait(5, 10), 11.0)]
    assert share_under(waits) == 0.5
    assert share_under(waits, p90=False) == 0
    assert share_under(waits[:1]) is None


durations = st.builds(Duration, st.floats(1, 4), st.floats(0.1, 0.8), st.floats(0, 0.2))
parts = st.lists(st.builds(Part, st.sampled_from([A, B, C]), durations), min_size=1, max_size=3).map(tuple)
servings = st.none() | st.builds(Serving, durations, st.floats(0, 90), st.lists(durations, max_size=2).map(tuple))
skills = st.integers(1, 7)
queues = st.lists(st.tuples(st.floats(-90, 0), st.floats(-20, 60), parts), min_size=1, max_size=12).map(
    lambda rows: [Ahead(n, wants, rank, first) for n, (rank, first, wants) in enumerate(rows, 1)]
)
comings = st.lists(
    st.builds(lambda at, wants, shows: Coming(at, wants, at + 5, at, shows), st.floats(0, 90), parts, st.floats(0, 1)),
    max_size=5,
)


@st.composite
def halls(draw: st.DrawFn, least: int = 0) -> list[OpenDesk]:
    many = draw(st.integers(least, 5))
    return [OpenDesk(n, draw(skills), draw(servings), draw(st.sampled_from([0.0, 15.0]))) for n in range(1, many + 1)]


@settings(max_examples=60)
@given(halls(), queues, comings)
def test_a_forecast_is_the_same_again_has_its_quantiles_in_order_and_is_missing_exactly_without_a_skill(
    desks: list[OpenDesk], queue: list[Ahead], coming: list[Coming]
) -> None:
    found = forecast(desks, queue, coming, runs=32)
    assert found == forecast(desks, queue, coming, runs=32)
    for ticket, wait in zip(queue, found, strict=True):
        may = any(each.category & desk.skills for each in ticket.parts for desk in desks)
        assert (wait is not None) is may
        assert wait is None or 0 <= wait.p50_min <= wait.p90_min < inf


@settings(max_examples=40)
@given(halls(1), durations, st.integers(2, 12), comings)
def test_among_equals_who_came_earlier_never_waits_longer(
    desks: list[OpenDesk], duration: Duration, many: int, coming: list[Coming]
) -> None:
    queue = [walk_in(n, n - 50.0, Part(7, duration)) for n in range(1, many + 1)]
    found = [wait for wait in forecast(desks, queue, coming, runs=32) if wait]
    assert len(found) == many
    assert found == sorted(found)


@settings(max_examples=40, derandomize=True)
@given(halls(1), queues)
def test_one_more_desk_that_can_do_all_lengthens_the_waits_together_by_no_more_than_one_visit(
    desks: list[OpenDesk], queue: list[Ahead]
) -> None:
    """Now and then a desk more means another order, and with it a longer wait for somebody (Graham, 1966)."""
    before = forecast(desks, queue, runs=64)
    after = forecast([*desks, OpenDesk(99, 7)], queue, runs=64)
    longest = max(sum(each.duration.mean_min for each in ticket.parts) for ticket in queue)
    assert all(after)
    known = [(less, more) for less, more in zip(before, after, strict=True) if less and more]
    assert sum(more.p50_min for _, more in known) <= sum(less.p50_min for less, _ in known) + longest


def test_the_pause_between_two_people_is_about_a_minute() -> None:
    assert PAUSE.mean_min == pytest.approx(1, abs=0.05)
    assert planned(1).mean_min == pytest.approx(1)
