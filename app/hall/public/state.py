"""What the display of a waiting room shows: numbers and desks, nothing by which anybody could be known."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from app.hall.opening import Opening
from app.hall.queries import Board, LastCall, last_calls
from app.hall.rules.states import State
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.stations.snapshot import DeskFacts

CallState = Literal["called", "serving", "over"]
STATES: Mapping[State, CallState] = {State.CALLED: "called", State.SERVING: "serving"}
SHOWN = 6
"""The number that was called last, and the five before it."""


class CallOut(BaseModel):
    """A number that was called. `calls` grows when it is called once more, and is announced again."""

    number: str
    desk: str
    desk_name_zh: str
    desk_name_en: str
    calls: int
    called_at: datetime
    state: CallState


class DisplayOut(BaseModel):
    """What a waiting room shows. `called` has the last one first, also those that are over; `announced` gets ready."""

    station_code: str
    name_zh: str
    name_en: str
    at: datetime = Field(description="When this was made up: since then nothing has changed.")
    called: list[CallOut]
    announced: list[str]
    waiting: int
    halted: bool = Field(False, description="Nobody is called now: people are asked to follow the staff.")


async def display_of(database: Database, board: Board, opening: Opening) -> DisplayOut:
    """What a board shows to all, with the last calls of its day.

    While the hall is stopped nobody is called anywhere, not even who was called just before.
    """
    halted = opening.halted_at is not None
    station, desks = board.station, {desk.id: desk for desk in board.station.desks}
    calls = [] if halted else await last_calls(database, station, board.at, SHOWN)
    return DisplayOut(
        station_code=station.code,
        name_zh=station.name_zh,
        name_en=station.name_en,
        at=board.at.astimezone(LOCAL),
        called=[_call(each, desks[each.desk_id]) for each in calls if each.desk_id in desks],
        announced=[line.shown for line in board.waiting if line.announced_at and not halted],
        waiting=len(board.waiting),
        halted=halted,
    )


def known(shown: DisplayOut) -> str:
    """By what display.js knows that it needs not call out what stands there already, as JSON."""
    calls = shown.model_dump(mode="json")["called"]
    return json.dumps([f"{each['number']}/{each['calls']}/{each['called_at']}" for each in calls])


def _call(call: LastCall, desk: DeskFacts) -> CallOut:
    return CallOut(
        number=call.shown,
        desk=desk.code,
        desk_name_zh=desk.name_zh,
        desk_name_en=desk.name_en,
        calls=call.calls,
        called_at=call.called_at.astimezone(LOCAL),
        state=STATES.get(call.state, "over"),
    )
