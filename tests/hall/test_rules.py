"""The table of a ticket's way, and who is called next."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import PROJECT
from app.hall.rules.calling import AGEING, GRACE, Place, Waiting, fits, next_of, order, place_of
from app.hall.rules.drawing import document
from app.hall.rules.planning import Asked, CalledOftenError, Given, ImpossibleError, plan, wants_of
from app.hall.rules.states import AT_DESK, MOST_CALLS, OVER, Action, Priority, State
from app.hall.rules.table import TABLE, Seat, find_step, steps_from

EIGHT = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
SKILLS = {1: 1, 2: 2, 3: 4}
MAY = {
    State.WAITING: "call announce transfer move split prioritise leave",
    State.CALLED: "recall start no_show park requeue transfer move split leave",
    State.SERVING: "finish park requeue transfer move split",
    State.PARKED: "resume transfer move split leave",
    State.NO_SHOW: "come_back",
    State.DONE: "",
    State.LEFT: "",
    State.MOVED: "",
}


def at(minute: float) -> datetime:
    return EIGHT + timedelta(minutes=minute)


@dataclass
class Row:
    """A ticket's row."""

    state: str = "waiting"
    service_ids: list[int] = field(default_factory=lambda: [1])
    open_ids: list[int] = field(default_factory=lambda: [1])
    wants: int = 1
    first_from: datetime = EIGHT + AGEING
    rank_at: datetime = EIGHT
    issued_at: datetime = EIGHT
    booked_at: datetime | None = None
    priority: str = "none"
    desk_id: int | None = None
    for_desk_id: int | None = None
    calls: int = 0
    called_at: datetime | None = None
    announced_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    priority_reason: str | None = None


@pytest.mark.parametrize("state", State)
def test_from_each_state_just_these_steps_lead_on(state: State):
    assert set(steps_from(state)) == {Action(each) for each in MAY[state].split()}
    for action in set(Action) - {Action.ISSUE, Action.UNDO}:
        assert (find_step(action, state) is None) is (action.value not in MAY[state].split()), action


def test_whatever_ends_or_waits_has_no_desk_and_whoever_is_called_has_one():
    for step in TABLE:
        for source in step.sources:
            target = step.leads_from(source)
            if target in AT_DESK:
                assert step.seat is (Seat.TAKEN if source not in AT_DESK else Seat.KEPT), step
            elif source in AT_DESK:
                assert step.seat is Seat.LEFT, step
    assert all(not MAY[state] or state is State.NO_SHOW for state in OVER)


def test_the_drawing_in_the_documentation_is_of_this_table():
    written = (PROJECT / "docs" / "hall.md").read_text(encoding="utf-8")
    assert written == document(), "run: python -m scripts.hall"


WALK_IN, LATER = place_of(at(0)), place_of(at(5))
ELDERLY = place_of(at(12), Priority.ELDERLY)
BOOKED = place_of(at(20), booked_at=at(30))
EARLY_BIRD = place_of(at(1), booked_at=at(120))
LATE = place_of(at(30) + GRACE + timedelta(minutes=1), booked_at=at(30))


@pytest.mark.parametrize(
    ("minute", "waiting", "expected"),
    [
        (6, [LATER, WALK_IN], WALK_IN),  # who came first
        (12, [WALK_IN, ELDERLY], ELDERLY),  # counts as having come twenty minutes earlier
        (45, [ELDERLY, place_of(at(15), Priority.DISABLED)], ELDERLY),
        (20, [WALK_IN, BOOKED], WALK_IN),  # the appointment's time has not come
        (25, [WALK_IN, BOOKED], BOOKED),  # five minutes before it, it has
        (41, [BOOKED, WALK_IN], WALK_IN),  # who has waited long goes by the time of coming again
        (20, [EARLY_BIRD], EARLY_BIRD),  # a desk that has nobody else need not wait
        (21, [place_of(at(20)), EARLY_BIRD], place_of(at(20))),
        (46, [LATE, place_of(at(45))], place_of(at(45))),  # too late for an appointment: as everybody else
        (22, [WALK_IN, place_of(at(21), Priority.URGENT)], WALK_IN),
        (32, [LATER, place_of(at(21), Priority.URGENT)], place_of(at(21), Priority.URGENT)),
    ],
)
def test_who_is_called_next(minute: float, waiting: list[Place], expected: Place):
    queue = [Waiting(n, place, 1) for n, place in enumerate(waiting, start=1)]
    found = next_of(queue, 1, 1, at(minute))
    assert found is not None
    assert found.place == expected


def test_a_desk_calls_what_it_can_do_and_whom_was_passed_on_to_it():
    other, mine, both = Waiting(1, WALK_IN, 2), Waiting(2, WALK_IN, 1, desk_id=7), Waiting(3, WALK_IN, 3)
    assert next_of([other, mine, both], 7, 1, at(1)) is mine
    assert next_of([other, mine, both], 8, 1, at(1)) is both
    assert next_of([other], 8, 1, at(1)) is None


PLACES = st.builds(
    place_of,
    st.integers(0, 120).map(at),
    st.sampled_from(Priority),
    st.none() | st.integers(0, 120).map(at),
)


@given(st.lists(PLACES, min_size=1, max_size=12), st.integers(0, 400))
def test_whoever_has_aged_is_overtaken_only_by_an_earlier_place(places: list[Place], minute: int):
    queue = [Waiting(n, place, 1) for n, place in enumerate(places)]
    found = next_of(queue, 1, 1, at(minute))
    assert found is not None
    for each in queue:
        assert order(found, at(minute)) <= order(each, at(minute))
        if each.place.first_from <= at(minute):
            assert found.place.rank_at <= each.place.rank_at


@given(st.integers(0, 7), st.integers(0, 7), st.none() | st.integers(1, 2))
def test_it_fits_where_one_thing_can_be_done(wants: int, skills: int, desk: int | None):
    assert fits(Waiting(1, WALK_IN, wants, desk), 1, skills) is (bool(wants & skills) and desk != 2)


def test_nobody_is_called_a_fourth_time():
    row = Row("called", desk_id=1, calls=1)
    for calls in range(2, MOST_CALLS + 1):
        row.calls = plan(Asked(row, Action.RECALL, Given(), SKILLS, at(1))).after["calls"]
        assert row.calls == calls
    with pytest.raises(CalledOftenError):
        plan(Asked(row, Action.RECALL, Given(), SKILLS, at(2)))
    assert Action.RECALL not in steps_from(State.CALLED, MOST_CALLS)


def test_what_is_left_of_a_visit_goes_back_into_the_queue_at_its_old_place():
    row = Row("serving", [1, 2], [1, 2], 3, desk_id=1)
    after = plan(Asked(row, Action.FINISH, Given(done=[1, 3]), SKILLS, at(9))).after
    assert after == {"state": "waiting", "desk_id": None, "service_ids": [1, 2, 3], "open_ids": [2], "wants": 2}
    whole = plan(Asked(row, Action.FINISH, Given(done=[1], rest_left=True), SKILLS, at(9))).after
    assert (whole["state"], whole["open_ids"], whole["ended_at"]) == ("done", [], at(9))


def test_who_was_parked_comes_at_once_when_back():
    planned = plan(Asked(Row("parked"), Action.RESUME, Given(), SKILLS, at(9)))
    assert planned.after == {"state": "waiting", "first_from": at(9)}
    assert planned.before == {"state": "parked", "first_from": EIGHT + AGEING}


def test_an_impossible_step_is_no_step():
    with pytest.raises(ImpossibleError):
        plan(Asked(Row("done"), Action.CALL, Given(desk_id=1), SKILLS, at(1)))


def test_what_services_want_are_the_bits_of_their_categories():
    assert wants_of([1, 3], SKILLS) == 5
    assert wants_of([], SKILLS) == 0
