"""A counter without a network: what staff did there is handed in, each step once, and what was overtaken is said."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.hall.offline.passes import GOOD_FOR, Pass, read
from app.hall.rules.offline import OFFLINE, way_to
from app.hall.rules.states import Action, State
from app.hall.rules.table import TABLE
from app.kit.ids import new_id
from tests.conftest import Clock
from tests.hall.conftest import Hall, Json
from tests.hall.test_hall_api import at_counter
from tests.requests.booking import Booker

SERVINGS = "SELECT started_at, ended_at, dropped FROM serving ORDER BY started_at"
ON_RECORD = "SELECT action, outcome FROM offline_step ORDER BY at"
A, S = Action, State


@pytest.mark.parametrize(
    ("action", "state", "here", "way"),
    [
        (A.CALL, S.WAITING, False, (A.CALL,)),
        (A.CALL, S.PARKED, False, (A.RESUME, A.CALL)),
        (A.CALL, S.NO_SHOW, False, (A.COME_BACK, A.CALL)),
        (A.CALL, S.CALLED, False, ()),
        (A.CALL, S.CALLED, True, ()),
        (A.CALL, S.DONE, False, ()),
        (A.START, S.CALLED, True, (A.START,)),
        (A.START, S.CALLED, False, ()),
        (A.START, S.SERVING, True, ()),
        (A.FINISH, S.SERVING, True, (A.FINISH,)),
        (A.FINISH, S.SERVING, False, ()),
        (A.NO_SHOW, S.CALLED, True, (A.NO_SHOW,)),
        (A.NO_SHOW, S.SERVING, True, ()),
    ],
)
def test_a_step_is_taken_where_the_ticket_still_is_and_else_overtaken(
    action: Action, state: State, here: bool, way: tuple[Action, ...]
):
    assert way_to(action, state, at_this_desk=here) == way


@pytest.mark.parametrize("action", sorted(OFFLINE))
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("here", [True, False])
def test_each_way_is_one_of_the_table(action: Action, state: State, here: bool):
    for step in way_to(action, state, at_this_desk=here):
        [row] = [row for row in TABLE if row.action is step and state in row.sources and row.remaining is not True]
        state = row.leads_from(state)


@dataclass
class Desk:
    """Somebody's browser at a desk, with the pass of its offline page."""

    hall: Hall
    desk: str
    shown: str
    holder: UUID = field(default_factory=new_id)

    async def call(self, name: str, body: Json) -> Any:
        headers = {"X-Counter-Pass": self.shown}
        return await self.hall.client.post(f"/api/v1/counters/{name}", json=body, headers=headers)

    async def told(self) -> Json:
        answer = await self.call("leases", {"holder": str(self.holder)})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def step(self, ticket_id: str, action: str, at: datetime) -> Json:
        step = {"event_id": str(new_id()), "ticket_id": ticket_id, "action": action, "desk": self.desk}
        return step | {"at": at.isoformat()}

    def whole(self, ticket_id: str, at: datetime) -> list[Json]:
        """Called, started and finished within six minutes."""
        minutes = {"call": 0, "start": 1, "finish": 6}
        return [self.step(ticket_id, name, at + timedelta(minutes=n)) for name, n in minutes.items()]

    async def hand_in(self, steps: list[Json], tickets: list[Json] | None = None) -> list[tuple[str, str]]:
        answer = await self.call("hand-ins", {"tickets": tickets or [], "steps": steps})
        assert answer.status_code == 200, answer.text
        return [(each["outcome"], each["state"]) for each in answer.json()["steps"]]


@pytest.fixture
async def desk(hall: Hall) -> Desk:
    return await desk_at(hall)


async def desk_at(hall: Hall) -> Desk:
    code = hall.desk_for(hall.services[0])
    await hall.sit(code)
    return Desk(hall, code, await pass_of(hall, code))


async def pass_of(hall: Hall, code: str) -> str:
    who = (await hall.by(code)).id
    key: bytes = hall.app.state.settings.secret_key
    return Pass(who, hall.station.id, hall.clock()).signed(key)


async def test_a_browser_knows_ahead_who_waits_and_where_its_person_sits(desk: Desk):
    ticket = await desk.hall.issue()
    told = await desk.told()
    assert told["own"]["desk"] == desk.desk
    assert [each["number"] for each in told["tickets"]] == [ticket["number"]]
    assert told["ranges"] == [{"first": 2, "last": 51}]
    assert (await desk.told())["ranges"] == told["ranges"]
    assert not {"reference", "request_id", "priority_reason"} & set(told["tickets"][0])


async def test_what_was_done_is_handed_in_with_its_times_and_twice_is_harmless(desk: Desk, clock: Clock):
    hall, cut = desk.hall, clock()
    first, second = await hall.issue(), await hall.issue()
    number = (await desk.told())["ranges"][0]["first"]
    clock.move(timedelta(hours=1))
    given = {"ticket_id": str(new_id()), "number": number, "given_at": cut.isoformat()}
    given |= {"service_codes": hall.services[:1], "language": "zh-CN"}
    steps = [
        *desk.whole(first["ticket_id"], cut + timedelta(minutes=1)),
        desk.step(second["ticket_id"], "call", cut + timedelta(minutes=10)),
        desk.step(second["ticket_id"], "no_show", cut + timedelta(minutes=12)),
        *desk.whole(given["ticket_id"], cut + timedelta(minutes=13)),
    ]
    ends = ["called", "serving", "done", "called", "no_show", "called", "serving", "done"]
    assert await desk.hand_in(steps, [given]) == [("taken", each) for each in ends]
    assert {outcome for outcome, _state in await desk.hand_in(steps, [given])} == {"known"}
    board = await hall.board()
    assert (board["waiting"], board["called"], board["serving"]) == ([], [], [])
    rows = await hall.app.state.database.fetch(SERVINGS, ())
    assert rows == [(cut + timedelta(minutes=n), cut + timedelta(minutes=n + 5), False) for n in (2, 14)]


async def test_what_another_desk_has_done_in_the_meantime_stays_and_is_said(desk: Desk, clock: Clock):
    hall, cut = desk.hall, clock()
    ticket = await hall.issue()
    other = next(each for each in hall.desks if each != desk.desk)
    await hall.sit(other)
    called = await hall.step(ticket, "call", desk=other)
    if called.status_code == 422:
        called = await hall.post(f"/tickets/{ticket['ticket_id']}/call", {"desk": other}, desk=other)
    assert called.status_code == 200, called.text
    clock.move(timedelta(minutes=10))
    steps = desk.whole(ticket["ticket_id"], cut)
    assert await desk.hand_in(steps) == [("overtaken", "called")] * 3
    assert {outcome for outcome, _state in await desk.hand_in(steps)} == {"known"}
    [now] = (await hall.board())["called"]
    assert now["desk"] == other
    assert [row[1] for row in await hall.app.state.database.fetch(ON_RECORD, ())] == ["overtaken"] * 3


async def test_who_was_a_no_show_elsewhere_and_was_served_here_is_done(desk: Desk, clock: Clock):
    hall, cut = desk.hall, clock()
    ticket = await hall.issue()
    await hall.next(desk.desk)
    await hall.step(ticket, "no-show", desk=desk.desk)
    clock.move(timedelta(minutes=10))
    steps = desk.whole(ticket["ticket_id"], cut + timedelta(minutes=1))
    assert await desk.hand_in(steps) == [("taken", "called"), ("taken", "serving"), ("taken", "done")]


async def test_the_request_behind_an_appointment_goes_along(hall: Hall, booker: Booker):
    booked = await booker.book()
    await at_counter(hall, booked)
    path = f"/desk/{hall.station.code}/check-ins"
    ticket = (await hall.post(path, {"reference": booked["reference"]})).json()
    code = hall.desk_for(booked["items"][0]["service_code"])
    await hall.sit(code)
    there = Desk(hall, code, await pass_of(hall, code))
    cut = hall.clock()
    hall.clock.move(timedelta(minutes=20))
    assert [state for _outcome, state in await there.hand_in(there.whole(ticket["ticket_id"], cut))][-1] == "done"
    assert (await booker.show(booked)).json()["status"] == "received"


async def test_a_pass_is_of_its_person_and_station_and_not_for_long(desk: Desk, clock: Clock):
    hall = desk.hall
    ticket = await hall.issue()
    for wrong in ("", "x.y.z", desk.shown[:-1] + "0", desk.shown.replace(f".{hall.station.id}.", ".1.")):
        if wrong != desk.shown:
            answer = await Desk(hall, desk.desk, wrong).call("leases", {"holder": str(new_id())})
            assert (answer.status_code, answer.json()["code"]) == (404, "pass_unknown"), wrong
    key: bytes = hall.app.state.settings.secret_key
    assert read(desk.shown, key, clock() + GOOD_FOR + timedelta(seconds=1)) is None
    unknown = desk.step(ticket["ticket_id"], "call", clock()) | {"desk": "NONE"}
    assert (await desk.call("hand-ins", {"steps": [unknown]})).json()["code"] == "desk_unknown"
    who = read(desk.shown, key, clock())
    assert who
    await hall.app.state.database.fetch("DELETE FROM role_grant WHERE person_id = %s", (who.person_id,))
    assert (await desk.call("leases", {"holder": str(new_id())})).status_code == 404


async def test_handing_in_twice_at_once_takes_each_step_once(desk: Desk, clock: Clock):
    cut, ticket = clock(), await desk.hall.issue()
    clock.move(timedelta(minutes=10))
    steps = desk.whole(ticket["ticket_id"], cut)
    answers = await asyncio.gather(*(desk.hand_in(steps) for _n in range(3)))
    outcomes = [outcome for answer in answers for outcome, _state in answer]
    assert (outcomes.count("taken"), outcomes.count("known")) == (3, 6)
    assert len(await desk.hall.app.state.database.fetch(SERVINGS, ())) == 1
