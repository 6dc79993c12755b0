"""A counter kept with pencil and paper: what ought to become of tickets, said once more without the service's code."""

from copy import deepcopy
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from app.hall.rules.calling import AGEING, Place, Waiting, next_of, place_of
from app.hall.rules.planning import Given
from app.hall.rules.states import Action, Priority
from tests.hall.test_rules import MAY

UNDO = timedelta(minutes=1)
NOT_TO_UNDO = ("history",)
WAY_AFTER = {
    "call": "called",
    "start": "serving",
    "no_show": "no_show",
    "park": "parked",
    "move": "moved",
    "leave": "left",
    **dict.fromkeys(("resume", "requeue", "come_back", "transfer"), "waiting"),
}
AT_DESK = "called", "serving"


class RefusedError(Exception):
    """Named as the service's error is."""


@dataclass
class Slip:
    """A ticket. `stays` are its times at a desk: what was done in each, "open" or "dropped"."""

    id: UUID
    house: int
    number: int
    came: datetime
    place: Place
    services: list[int]
    booked: datetime | None = None
    priority: Priority = Priority.NONE
    state: str = "waiting"
    left_to_do: list[int] = field(default_factory=list)
    desk: int | None = None
    for_desk: int | None = None
    calls: int = 0
    stays: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    history: list[tuple[datetime, "Slip | None"]] = field(default_factory=list)

    def close(self, how: str, done: tuple[int, ...] | None = None) -> None:
        if self.stays and self.stays[-1][0] == "open":
            self.stays[-1] = how, self.stays[-1][1] if done is None else done


@dataclass
class House:
    """A station: the desks with what they are for, who sits there with which skills, who has a break."""

    desks: dict[int, int]
    seats: dict[int, int] = field(default_factory=dict)
    resting: set[int] = field(default_factory=set)
    numbers: int = 0


@dataclass
class Paper:
    """Two houses and all their slips. Everything is refused or done by the words of docs/hall.md."""

    houses: list[House]
    skills: dict[int, int]
    slips: dict[UUID, Slip] = field(default_factory=dict)

    def copy(self) -> "Paper":
        return deepcopy(self)

    def issue(self, new_id: UUID, slip: Slip) -> None:
        self.houses[slip.house].numbers += 1
        slip.id, slip.number, slip.left_to_do = new_id, self.houses[slip.house].numbers, list(slip.services)
        self.slips[new_id] = slip
        slip.history.append((slip.came, None))

    def next(self, house: int, desk: int, now: datetime) -> UUID | None:
        self._may_call(house, desk)
        queue = {slip.number: slip for slip in self.slips.values() if (slip.house, slip.state) == (house, "waiting")}
        chosen = next_of(map(self._waiting, queue.values()), desk, self.houses[house].seats[desk], now)
        if chosen is None:
            return None
        slip = queue[chosen.number]
        self._aged_are_not_overtaken(slip, queue.values(), self.houses[house].seats[desk], now)
        self._step(slip, "call", Given(desk), now)
        return slip.id

    def act(self, ticket_id: UUID, action: Action, given: Given, now: datetime) -> None:
        slip = self.slips[ticket_id]
        if action is Action.CALL:
            self._may_call(slip.house, given.desk_id or 0)
        if action.value not in MAY[slip.state].split():  # type: ignore[index]  # an enum of strings
            raise RefusedError("InvalidTransition")
        if action is Action.RECALL and slip.calls == 3:
            raise RefusedError("CalledOften")
        if action is Action.TRANSFER and given.desk_id and given.desk_id not in self.houses[slip.house].seats:
            raise RefusedError("Invalid")
        self._step(slip, action.value, given, now)

    def move(self, ticket_id: UUID, new_id: UUID, now: datetime) -> None:
        slip = self.slips[ticket_id]
        self.act(ticket_id, Action.MOVE, Given(), now)
        self._continue(slip, new_id, 1 - slip.house, slip.left_to_do, now)

    def split(self, ticket_id: UUID, new_id: UUID, going: list[int], now: datetime) -> None:
        slip = self.slips[ticket_id]
        if "split" not in MAY[slip.state].split():  # type: ignore[index]
            raise RefusedError("InvalidTransition")
        goes = [each for each in slip.left_to_do if each in going]
        if not goes or goes == slip.left_to_do:
            raise RefusedError("Invalid")
        self._step(slip, "split", Given(), now)
        slip.services = [each for each in slip.services if each not in goes]
        slip.left_to_do = [each for each in slip.left_to_do if each not in goes]
        self._continue(slip, new_id, slip.house, goes, now)

    def undo(self, ticket_id: UUID, now: datetime) -> None:
        slip = self.slips[ticket_id]
        at, before = slip.history[-1]
        if before is None or now - at > UNDO:
            raise RefusedError("TooLateToUndo")
        here = self.houses[slip.house]
        if before.desk and before.desk != slip.desk:
            if before.desk not in here.seats:
                raise RefusedError("DeskUnattended")
            self._free(slip.house, before.desk)
        for each in fields(Slip):
            if each.name not in NOT_TO_UNDO:
                setattr(slip, each.name, deepcopy(getattr(before, each.name)))
        if slip.for_desk not in here.seats:
            slip.for_desk = None
        slip.history.append((now, None))

    def sit(self, house: int, desk: int, skills: int) -> None:
        here = self.houses[house]
        here.seats[desk] = skills & here.desks[desk] or here.desks[desk]

    def rest(self, house: int, desk: int) -> None:
        if desk not in self.houses[house].seats:
            raise RefusedError("DeskUnattended")
        self.houses[house].resting ^= {desk}

    def stand_up(self, house: int, desk: int, now: datetime) -> None:
        """Nobody is left at the desk, and nobody waits for it alone any more."""
        if desk not in self.houses[house].seats:
            raise RefusedError("DeskUnattended")
        self._free(house, desk)
        del self.houses[house].seats[desk]
        self.houses[house].resting.discard(desk)
        for slip in self.slips.values():
            if (slip.house, slip.state, slip.for_desk) == (house, "waiting", desk):
                slip.for_desk = None
                slip.history.append((now, None))

    def _may_call(self, house: int, desk: int) -> None:
        if desk not in self.houses[house].seats:
            raise RefusedError("DeskUnattended")
        if desk in self.houses[house].resting:
            raise RefusedError("OnBreak")

    def _waiting(self, slip: Slip) -> Waiting:
        wants = reduce(or_, (self.skills[each] for each in slip.left_to_do), 0)
        return Waiting(slip.number, slip.place, wants, slip.for_desk)

    def _aged_are_not_overtaken(self, called: Slip, queue: Any, skills: int, now: datetime) -> None:
        for slip in queue:
            if slip.came + AGEING <= now and slip.for_desk is None and self._waiting(slip).wants & skills:
                assert called.place.rank_at <= slip.place.rank_at, (called, slip)

    def _free(self, house: int, desk: int) -> None:
        if any(each.house == house and each.desk == desk for each in self.slips.values()):
            raise RefusedError("DeskBusy")

    def _step(self, slip: Slip, action: str, given: Given, now: datetime) -> None:
        before = None if action in ("move", "split") else deepcopy(slip)
        if action == "call":
            self._free(slip.house, given.desk_id or 0)
            slip.desk, slip.for_desk, slip.calls = given.desk_id, None, 1
        if own := getattr(self, f"_{action}", None):
            own(slip, given, now)
        slip.state = WAY_AFTER.get(action, slip.state)
        if slip.state not in AT_DESK:
            slip.desk = None
            slip.close("dropped")
        slip.history.append((now, before))

    def _recall(self, slip: Slip, _given: Given, _now: datetime) -> None:
        slip.calls += 1

    def _start(self, slip: Slip, given: Given, _now: datetime) -> None:
        named = tuple(each for each in slip.left_to_do if each in given.service_ids)
        for_it = [each for each in slip.left_to_do if self.skills[each] & self.houses[slip.house].desks[slip.desk or 0]]
        slip.stays.append(("open", named or tuple((for_it or slip.left_to_do)[:1])))

    def _finish(self, slip: Slip, given: Given, _now: datetime) -> None:
        done = tuple(given.done) or slip.stays[-1][1]
        slip.close("done", done)
        slip.services += [each for each in done if each not in slip.services]
        slip.left_to_do = [] if given.rest_left else [each for each in slip.left_to_do if each not in done]
        slip.state = "waiting" if slip.left_to_do else "done"

    def _resume(self, slip: Slip, _given: Given, now: datetime) -> None:
        slip.place = Place(min(slip.place.first_from, now), slip.place.rank_at)

    def _transfer(self, slip: Slip, given: Given, _now: datetime) -> None:
        slip.for_desk = given.desk_id

    def _prioritise(self, slip: Slip, given: Given, _now: datetime) -> None:
        slip.priority, slip.place = given.priority, place_of(slip.came, given.priority, slip.booked)

    def _continue(self, slip: Slip, new_id: UUID, house: int, services: list[int], now: datetime) -> None:
        new = Slip(new_id, house, 0, now, slip.place, list(services), slip.booked, slip.priority)
        self.issue(new_id, new)
