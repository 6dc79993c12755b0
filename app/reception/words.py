"""The words of custody: where a thing is, what is done with it, in which condition it is."""

from collections.abc import Mapping
from typing import Any

from app.kit.i18n import LazyString, lazy
from app.kit.i18n import gettext as _
from app.reception.rules import Action, Condition, Standing

STANDINGS: Mapping[Standing, LazyString] = {
    Standing.LABELLED: lazy("Not handed in yet"),
    Standing.HERE: lazy("Lies at the station"),
    Standing.AWAY: lazy("With another institution"),
    Standing.RETURNED: lazy("Given back"),
}
TONES: Mapping[Standing, str] = {
    Standing.LABELLED: "plain",
    Standing.HERE: "info",
    Standing.AWAY: "attention",
    Standing.RETURNED: "good",
}
VERBS: Mapping[Action, LazyString] = {
    Action.RECEIVE: lazy("Take in"),
    Action.TAKE_IN: lazy("Take in again"),
    Action.RETURN: lazy("Give back"),
    Action.SEND_ON: lazy("Pass on to another institution"),
    Action.MOVE: lazy("Put elsewhere in the station"),
    Action.NOTE: lazy("Note its condition"),
}
"""What stands on the button of a step."""
DONE: Mapping[Action, LazyString] = {
    Action.RECEIVE: lazy("Taken in: {code}."),
    Action.TAKE_IN: lazy("Taken in again: {code}."),
    Action.RETURN: lazy("Given back: {code}."),
    Action.SEND_ON: lazy("Passed on: {code}."),
    Action.MOVE: lazy("It lies elsewhere now: {code}."),
    Action.NOTE: lazy("Noted: {code}."),
}
HAPPENED: Mapping[Action, LazyString] = {
    Action.RECEIVE: lazy("Taken in by the station"),
    Action.TAKE_IN: lazy("Back at a station"),
    Action.RETURN: lazy("Given back"),
    Action.SEND_ON: lazy("Sent to another institution"),
    Action.MOVE: lazy("Put elsewhere in the station"),
    Action.NOTE: lazy("Condition noted"),
}
CONDITIONS: Mapping[Condition, LazyString] = {
    Condition.SOUND: lazy("Sound, as far as can be seen"),
    Condition.MARKED: lazy("With marks or damage"),
}


def standing_tag(standing: str) -> tuple[str, str]:
    return str(STANDINGS[Standing(standing)]), TONES[Standing(standing)]


def what_it_is(inputs: Mapping[str, Any]) -> str:
    """The thing in the applicant's words."""
    return str(inputs.get("instrument_name") or inputs.get("sample_name") or "")


def told_apart(inputs: Mapping[str, Any]) -> list[str]:
    """What tells it apart from others of its kind: its number, its model."""
    number = str(inputs.get("serial_no") or "").strip()
    parts = [_("No. {number}").format(number=number) if number else "", str(inputs.get("model_spec") or "").strip()]
    return [part for part in parts if part]


def facts_of(inputs: Mapping[str, Any]) -> str:
    """The same in one line."""
    return " · ".join(told_apart(inputs))
