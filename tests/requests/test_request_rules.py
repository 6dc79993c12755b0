import pytest

from app.config import PROJECT
from app.requests.rules import LINKS, SENTENCES, TABLE, TELLS, Action, Event, State, roll_up, way_of
from app.requests.rules.drawing import document


def test_every_action_has_a_row_and_an_event_and_every_event_a_sentence():
    assert {step.action for step in TABLE} == set(Action) == set(TELLS)
    assert set(TELLS.values()) | LINKS | {Event.RATED} == set(Event) == set(SENTENCES)  # to rate is no step


def test_the_drawing_in_the_documentation_is_of_this_table():
    written = (PROJECT / "docs" / "life.md").read_text(encoding="utf-8")
    assert written == document(), "run: python -m scripts.life"


@pytest.mark.parametrize(
    ("items", "whole"),
    [
        ([State.SUBMITTED], State.SUBMITTED),
        ([State.SUBMITTED, State.CANCELLED], State.SUBMITTED),
        ([State.CANCELLED, State.CANCELLED], State.CANCELLED),
        ([State.IN_PROGRESS, State.RETURNED], State.RETURNED),
        ([State.DONE, State.RECEIVED], State.RECEIVED),
        ([State.DONE, State.CANCELLED], State.DONE),
        ([State.SUSPENDED, State.IN_PROGRESS], State.SUSPENDED),
    ],
)
def test_a_request_stands_where_the_item_stands_that_holds_up_the_others(items: list[State], whole: State):
    assert roll_up(items) is whole


@pytest.mark.parametrize(
    ("mode", "inputs", "way"),
    [
        ("station", {"instrument_name": "压力表"}, "handed_in"),
        ("station", {"sample_name": "面粉"}, "handed_in"),
        ("station", {"topic": "标准查新"}, "counter"),
        ("onsite", {"instrument_name": "地磅"}, "onsite"),
        ("online", {}, "online"),
    ],
)
def test_the_way_of_an_item_follows_from_mode_and_form(mode: str, inputs: dict[str, str], way: str):
    assert way_of(mode, inputs) == way
