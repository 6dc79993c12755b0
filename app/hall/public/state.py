"""What the display of a waiting room shows: numbers and desks, nothing by which anybody could be known."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from app.hall.opening import Opening
from app.hall.queries import Board, Line
from app.hall.rules.states import State
from app.kit.clock import LOCAL
from app.stations.snapshot import DeskFacts

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
    state: Literal["called", "serving"]


class DisplayOut(BaseModel):
    """What a waiting room shows. `called` has the last one first; `announced` is who should get ready."""

    station_code: str
    name_zh: str
    name_en: str
    at: datetime = Field(description="When this was made up: since then nothing has changed.")
    called: list[CallOut]
    announced: list[str]
    waiting: int
    halted: bool = Field(False, description="Nobody is called now: people are asked to follow the staff.")


def display_of(board: Board, opening: Opening) -> DisplayOut:
    """While the hall is stopped nobody is called anywhere, not even who was called just before."""
    halted = opening.halted_at is not None
    desks = {desk.id: desk for desk in board.station.desks}
    at_desks = sorted((*board.called, *board.serving), key=_called_at, reverse=True)
    return DisplayOut(
        station_code=board.station.code,
        name_zh=board.station.name_zh,
        name_en=board.station.name_en,
        at=board.at.astimezone(LOCAL),
        called=[_call(line, desks[line.desk_id]) for line in at_desks[:SHOWN] if line.desk_id and not halted],
        announced=[line.shown for line in board.waiting if line.announced_at and not halted],
        waiting=len(board.waiting),
        halted=halted,
    )


def _called_at(line: Line) -> datetime:
    return line.called_at or line.issued_at


def _call(line: Line, desk: DeskFacts) -> CallOut:
    return CallOut(
        number=line.shown,
        desk=desk.code,
        desk_name_zh=desk.name_zh,
        desk_name_en=desk.name_en,
        calls=line.calls,
        called_at=_called_at(line).astimezone(LOCAL),
        state="called" if line.state is State.CALLED else "serving",
    )
