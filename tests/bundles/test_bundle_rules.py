"""Packages as they are written, and how the steps of a bundle stand and when they can begin."""

import copy
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bundles.offered import FILE, packages
from app.bundles.rules import (
    Booking,
    Kind,
    Move,
    Order,
    PackagesError,
    Planned,
    StepState,
    effective,
    next_number,
    read_packages,
    standings,
)
from app.bundles.rules.dates import Day, proposed
from app.bundles.rules.standing import FALLEN
from app.kit.clock import LOCAL
from app.requests.rules import ENDED, LIVE, State
from app.stations.rules import Calendar, DayKind
from app.stations.rules import Kind as OfDay

AT = datetime(2026, 12, 1, 9, tzinfo=LOCAL)
KEYS = "abcdefgh"
CALENDAR = Calendar(announced=frozenset({2026}))


def row(key: str, *after: str, **more: object) -> dict[str, object]:
    return {
        "key": key,
        "service": f"S-{key}",
        "after": list(after),
        "order": "must",
        "optional": True,
        "why_zh": "因为",
        "why_en": "Because",
        **more,
    }


def package(*steps: dict[str, object], **more: object) -> dict[str, object]:
    texts = dict.fromkeys(("name_zh", "name_en", "about_zh", "about_en"), "x")
    return {"code": "some", **texts, "steps": list(steps), **more}


def faults(*written: dict[str, object]) -> tuple[str, ...]:
    with pytest.raises(PackagesError) as wrong:
        read_packages({"packages": list(written)})
    return wrong.value.faults


def booked(n: int, *states: State, day: int = 3) -> Move:
    start = AT + timedelta(days=day)
    items = tuple(Booking("ZT-1", k, state, start, state in LIVE) for k, state in enumerate(states, start=1))
    return Move(n, Kind.BOOKED, AT, bookings=items)


def planned(key: str, *after: str, order: Order = Order.MUST, moves: tuple[Move, ...] = ()) -> Planned:
    return Planned(key, after, order, optional=True, moves=moves)


# --- Packages --------------------------------------------------------------------------------------------------------


def test_the_packages_that_come_along_are_three_with_an_order_and_both_languages():
    found = packages().by_code
    assert set(found) == {"new-plant", "export-product", "robot-maker"}
    assert "提议" in packages().source_zh or "建议" in packages().source_zh
    for each in found.values():
        assert any(step.order is Order.MUST and step.after for step in each.steps)
        assert any(step.optional for step in each.steps)
        assert any(not step.optional for step in each.steps)
    assert FILE.exists()


def test_steps_are_put_into_an_order_in_which_each_comes_after_those_before_it():
    [found] = read_packages({"packages": [package(row("c", "b"), row("b", "a"), row("a"), row("d"))]})
    assert [step.key for step in found.steps] == ["a", "b", "c", "d"]


def test_a_circle_is_named_with_its_steps():
    [fault] = faults(package(row("a", "c"), row("b", "a"), row("c", "b"), row("d")))
    assert "circle" in fault
    assert set("abc") <= set(fault.rsplit(":", 1)[1])
    assert "d" not in fault.rsplit(":", 1)[1]


def test_everything_wrong_is_said_at_once():
    wrong = package(row("a", "nobody"), row("a", order="later", optional="perhaps", why_en=" "), name_zh="")
    said = " | ".join(faults(wrong, package(row("x"))))
    for part in (
        "name_zh",
        "nobody",
        "two steps of this key",
        "“must”",
        "true or false",
        "why_en",
        "S-a",
        "two packages",
    ):
        assert part in said, part
    assert "1 to 20 steps" in " ".join(faults(package()))


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)), max_size=20))
def test_a_package_is_read_unless_its_order_goes_round(edges: list[tuple[str, str]]):
    after = {key: sorted({b for a, b in edges if a == key}) for key in KEYS}
    written = {"packages": [package(*(row(key, *after[key]) for key in KEYS))]}
    before = copy.deepcopy(written)
    reached = {key: set(after[key]) for key in KEYS}
    for _round in KEYS:
        reached = {key: found.union(*(reached[each] for each in found)) for key, found in reached.items()}
    if any(key in found for key, found in reached.items()):
        assert "circle" in faults(*written["packages"])[0]
        return
    [found] = read_packages(written)
    place = {step.key: n for n, step in enumerate(found.steps)}
    assert all(place[b] < place[a] for a, b in edges)
    assert written == before


# --- How steps stand -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
def test_a_step_follows_its_item(state: State):
    found = standings([planned("a", moves=(booked(1, state),))])["a"]
    expected = StepState.BOOKABLE if state in FALLEN else StepState.DONE if state in ENDED else StepState.BOOKED
    assert found.state is expected
    assert found.move is not None
    assert found.move.n == 1


def test_a_step_of_several_items_is_done_once_nothing_of_it_goes_on():
    def state(*items: State) -> StepState:
        return standings([planned("a", moves=(booked(1, *items),))])["a"].state

    assert state(State.DONE, State.IN_PROGRESS) is StepState.BOOKED
    assert state(State.DONE, State.CANCELLED) is StepState.DONE
    assert state(State.CANCELLED, State.DECLINED) is StepState.BOOKABLE


def test_what_was_cancelled_left_out_and_restored_is_booked_again():
    left_out = Move(2, Kind.LEFT_OUT, AT, "keine")
    assert standings([planned("a", moves=(booked(1, State.CANCELLED), left_out))])["a"].state is StepState.LEFT_OUT
    assert standings([planned("a", moves=(booked(1, State.SCHEDULED), left_out))])["a"].state is StepState.BOOKED
    again = Move(3, Kind.TAKEN_UP, AT)
    found = standings([planned("a", moves=(booked(1, State.CANCELLED), left_out, again))])["a"]
    assert (found.state, found.move and found.move.n) == (StepState.BOOKABLE, 1)


def test_a_step_waits_where_it_must_and_is_only_advised_to_otherwise():
    done = booked(1, State.DONE)
    steps = [planned("a"), planned("b", "a"), planned("c", "a", order=Order.ADVISED), planned("d", "e"), planned("e")]
    found = standings([steps[0], steps[1], steps[2]])
    assert (found["b"].state, found["b"].waits_for) == (StepState.WAITS, ("a",))
    assert (found["c"].state, found["c"].waits_for) == (StepState.BOOKABLE, ("a",))
    found = standings([planned("a", moves=(done,)), planned("b", "a")])
    assert (found["b"].state, found["b"].waits_for) == (StepState.BOOKABLE, ())


def test_a_step_that_is_left_out_hands_on_what_it_waited_for():
    out = (Move(1, Kind.LEFT_OUT, AT, "none"),)
    found = standings([planned("a"), planned("b", "a", moves=out), planned("c", "b", moves=out), planned("d", "c")])
    assert (found["d"].state, found["d"].waits_for) == (StepState.WAITS, ("a",))


MOVES = st.lists(
    st.one_of(
        st.lists(st.sampled_from(list(State)), min_size=1, max_size=3).map(lambda states: (Kind.BOOKED, states)),
        st.just((Kind.LEFT_OUT, [])),
        st.just((Kind.TAKEN_UP, [])),
    ),
    max_size=4,
)


@st.composite
def bundles(draw: st.DrawFn) -> list[Planned]:
    """Steps that come after some of those before them, each with a history."""
    keys = KEYS[: draw(st.integers(1, len(KEYS)))]
    steps = []
    for place, key in enumerate(keys):
        after = tuple(draw(st.lists(st.sampled_from(keys[:place]), unique=True, max_size=3))) if place else ()
        moves = tuple(
            booked(n, *states) if kind is Kind.BOOKED else Move(n, kind, AT, "so")
            for n, (kind, states) in enumerate(draw(MOVES), start=1)
        )
        steps.append(planned(key, *after, order=draw(st.sampled_from(Order)), moves=moves))
    return steps


@given(bundles())
def test_states_say_what_they_mean_whatever_has_happened(steps: list[Planned]):
    found = standings(steps)
    by_key = {step.key: step for step in steps}
    assert list(found) == [step.key for step in steps]
    out = {key for key, each in found.items() if each.state is StepState.LEFT_OUT}
    before = effective(steps, out)
    for key, each in found.items():
        moves = by_key[key].moves
        assert next_number(by_key[key]) == len(moves) + 1
        live = any(booking.status in LIVE for move in moves for booking in move.bookings)
        if each.state is StepState.BOOKED:
            assert live
        elif live:
            assert each.state is StepState.DONE  # another booking of it is
        if each.state is StepState.LEFT_OUT:
            assert moves[-1].kind is Kind.LEFT_OUT
        if each.state in (StepState.WAITS, StepState.BOOKABLE):
            missing = [name for name in before[key] if found[name].state is not StepState.DONE]
            assert list(each.waits_for) == missing
            assert (each.state is StepState.WAITS) == (bool(missing) and by_key[key].order is Order.MUST)
        assert not out & set(before[key])
    assert any(each.state is not StepState.WAITS for each in found.values())


@given(bundles(), st.data())
def test_something_that_is_done_never_makes_another_step_wait(steps: list[Planned], data: st.DataObject):
    before = standings(steps)
    place = data.draw(st.integers(0, len(steps) - 1))
    chosen = steps[place]
    finished = booked(len(chosen.moves) + 1, State.DONE)
    changed = Planned(chosen.key, chosen.after, chosen.order, chosen.optional, (*chosen.moves, finished))
    after = standings([*steps[:place], changed, *steps[place + 1 :]])
    assert after[chosen.key].state is StepState.DONE
    for key, each in after.items():
        if before[key].state is not StepState.WAITS and key != chosen.key:
            assert each.state is not StepState.WAITS


# --- When they can begin ---------------------------------------------------------------------------------------------


def days(steps: list[Planned], **work: int | None) -> dict[str, Day | None]:
    return proposed(steps, standings(steps), work, date(2026, 12, 1), CALENDAR)


def test_a_step_begins_after_the_deadlines_of_those_before_it():
    found = days([planned("a"), planned("b", "a"), planned("c", "b")], a=2, b=3)
    # 1 December 2026 is a Tuesday: two working days end on the 3rd; three more from the 4th on the 9th.
    assert found == {"a": Day(date(2026, 12, 1)), "b": Day(date(2026, 12, 4)), "c": Day(date(2026, 12, 10))}


def test_no_day_is_made_up_where_no_rule_says_how_long_the_work_takes():
    assert days([planned("a"), planned("b", "a"), planned("c")], a=None)["b"] is None
    assert days([planned("a"), planned("b", "a"), planned("c")], a=None)["c"] == Day(date(2026, 12, 1))


def test_what_is_booked_counts_from_its_visit_and_from_its_own_deadline_once_the_work_has_begun():
    waiting = planned("a", moves=(booked(1, State.SCHEDULED, day=6),))
    assert days([waiting, planned("b", "a")], a=2)["b"] == Day(date(2026, 12, 10))  # Monday the 7th, then two days
    due = datetime(2026, 12, 11, 23, 59, tzinfo=LOCAL)
    at_work = Booking("ZT-1", 1, State.IN_PROGRESS, AT, has_time=True, due_at=due, working=True)
    step = planned("a", moves=(Move(1, Kind.BOOKED, AT, bookings=(at_work,)),))
    assert days([step, planned("b", "a")], a=2)["b"] == Day(date(2026, 12, 14))


def test_a_day_behind_holidays_that_nobody_has_announced_is_provisional():
    found = days([planned("a"), planned("b", "a")], a=40)["b"]
    assert found is not None
    assert found.provisional
    holiday = Calendar({date(2026, 12, 2): DayKind(OfDay.HOLIDAY, provisional=False)}, frozenset({2026}))
    steps = [planned("a"), planned("b", "a")]
    assert proposed(steps, standings(steps), {"a": 1}, date(2026, 12, 1), holiday)["b"] == Day(date(2026, 12, 4))
