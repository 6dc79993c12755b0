"""What was handed in during a demo's past: each thing with its label and every hand it went through, by the table of
the reception, so that its lists show what lies where, what can be fetched, and what is overdue."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.demo.lives import HOUR, Life
from app.demo.world import DAY, World
from app.kit.clock import local_date
from app.kit.ids import new_reference
from app.reception.codes import PREFIX
from app.reception.rules import READY, Action, Condition, Standing, taken_in
from app.requests.rules import Event

GIVER, TAKER, ELSEWHERE = "演示送检人", "演示取件人", "演示计量技术机构"
SCRATCHED = "演示：外壳有轻微划痕，功能正常"
MOST_PIECES = 2
UNLABELLED, MARKED, SENT_ON, MOVED, FETCHED = 0.03, 0.08, 0.06, 0.4, 0.9
LONG_AGO = timedelta(days=25)
BACK_WITHIN = timedelta(days=14)
OVER = frozenset({Event.FINISHED, Event.ISSUED})


@dataclass
class Piece:
    """One thing, and its links so far."""

    life: Life
    id: UUID
    links: list[tuple[Any, ...]] = field(default_factory=list)
    standing: Standing = Standing.LABELLED
    since: datetime | None = None
    place: str | None = None
    holder: str | None = None
    due_back: date | None = None

    def link(
        self, at: datetime, action: Action, target: Standing, *, condition: Condition | None = None, giver: str = "",
        taker: str = "", place: str = "", words: str = "", due_back: date | None = None,
    ) -> None:  # fmt: skip
        """One more, unless it lies in the future. To be moved doesn't change since when it is here."""
        if at > self.life.now:
            return
        site = self.life.booking.site
        self.links.append(
            (self.id, len(self.links) + 1, site.station.id, at, action.value, condition and condition.value,
             giver or None, taker or None, place or None, words or None, due_back, site.staff.get("window"))
        )  # fmt: skip
        self.since = self.since if action is Action.MOVE else at
        self.standing = target
        self.place = (place or None) if target is Standing.HERE else None
        self.holder = None if target is Standing.HERE else taker
        self.due_back = due_back if target is Standing.AWAY else None


def handed_in(world: World, lives: list[tuple[UUID, Life]]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Rows of thing and of custody_link."""
    things: list[tuple[Any, ...]] = []
    links: list[tuple[Any, ...]] = []
    for request_id, life in lives:
        received = next((step.at for step in life.steps if step.kind is Event.RECEIVED), None)
        if received is None or (taken_in(life.state) and world.random.random() < UNLABELLED):
            continue
        for part in range(1, _pieces(life) + 1):
            piece = Piece(life, world.id_at(received))
            _receive(world, piece, received)
            _go_on(world, piece, received)
            things.append(_row(world, piece, request_id, part))
            links += piece.links
    return things, links


def _pieces(life: Life) -> int:
    said = life.inputs.get("quantity")
    return min(said, MOST_PIECES) if isinstance(said, int) and said > 0 else 1


def _receive(world: World, piece: Piece, at: datetime) -> None:
    marked = world.random.random() < MARKED
    piece.link(
        at,
        Action.RECEIVE,
        Standing.HERE,
        condition=Condition.MARKED if marked else Condition.SOUND,
        giver=GIVER,
        place=f"{world.random.choice('ABCD')}-{world.random.randint(1, 12)}",
        words=SCRATCHED if marked else "",
    )


def _go_on(world: World, piece: Piece, received: datetime) -> None:
    """To the laboratory, elsewhere, or back to who brought it."""
    random, life = world.random, piece.life
    if random.random() < MOVED:
        piece.link(received + 2 * HOUR, Action.MOVE, Standing.HERE, place=f"检定室 {random.randint(1, 3)}")
    if life.state in READY:
        over = next(step.at for step in life.steps if step.kind in OVER)
        if random.random() < FETCHED or life.now - over > LONG_AGO:
            at = world.at_work(over + random.expovariate(0.35) * DAY + HOUR)
            piece.link(at, Action.RETURN, Standing.RETURNED, taker=TAKER, condition=Condition.SOUND)
    elif random.random() < SENT_ON:
        at = world.workdays_after(received, 1)
        back = local_date(at + BACK_WITHIN)
        piece.link(at, Action.SEND_ON, Standing.AWAY, taker=ELSEWHERE, due_back=back)


def _row(world: World, piece: Piece, request_id: UUID, part: int) -> tuple[Any, ...]:
    station_id = piece.life.booking.site.station.id
    here = station_id if piece.standing is Standing.HERE else None
    code = new_reference(PREFIX, world.random.randbytes)
    return (
        piece.id, code, request_id, station_id, 1, part, piece.standing.value, here, None, piece.place, piece.holder,
        piece.due_back, piece.since, len(piece.links),
    )  # fmt: skip
