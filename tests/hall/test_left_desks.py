"""Nothing is left pointing at a desk at which nobody sits: who leaves it, takes a step back, or forgets to go home."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.hall.ending import end_all
from tests.conftest import Clock
from tests.hall.conftest import Hall

pytestmark = pytest.mark.anyio


@pytest.fixture
def desks(hall: Hall) -> tuple[str, str]:
    """Two that do the same."""
    first = hall.station.desks[0]
    other = next(desk for desk in hall.station.desks[1:] if desk.skills == first.skills)
    return first.code, other.code


async def leave(hall: Hall, desk: str) -> httpx.Response:
    who = await hall.by(desk)
    return await hall.client.delete(f"/api/v1/desk/{hall.station.code}/sessions/{desk}", headers={**who.bearer})


async def test_who_waits_for_one_desk_alone_is_called_by_another_when_it_is_left(hall: Hall, desks: tuple[str, str]):
    mine, other = desks
    await hall.sit(mine, other)
    ticket = await hall.issue()
    passed = await hall.post(f"/tickets/{ticket['ticket_id']}/transfer", {"desk": mine}, desk=mine)
    assert passed.json()["for_desk"] == mine
    assert (await hall.next(other)).status_code == 204
    assert (await leave(hall, mine)).status_code == 204
    [waiting] = (await hall.board())["waiting"]
    assert waiting["for_desk"] is None
    assert waiting["wait_p50_min"] == 0
    assert (await hall.next(other)).json()["number"] == ticket["number"]


async def test_nobody_is_passed_on_to_a_desk_at_which_nobody_sits(hall: Hall, desks: tuple[str, str]):
    await hall.sit(desks[0])
    ticket = await hall.issue()
    passed = await hall.post(f"/tickets/{ticket['ticket_id']}/transfer", {"desk": desks[1]})
    assert (passed.status_code, passed.json()["errors"][0]["code"]) == (422, "desk_empty")
    assert (await hall.board())["waiting"][0]["for_desk"] is None


async def test_a_step_back_brings_nobody_to_a_desk_that_was_left(hall: Hall, desks: tuple[str, str]):
    mine, other = desks
    await hall.sit(mine, other)
    ticket = await hall.issue()
    await hall.next(mine)
    await hall.step(ticket, "park", desk=mine)
    await leave(hall, mine)
    back = await hall.step(ticket, "undo", desk=mine)
    assert (back.status_code, back.json()["code"]) == (409, "desk_unattended")
    await hall.sit(mine)
    assert (await hall.step(ticket, "undo", desk=mine)).json()["state"] == "called"


async def test_a_step_back_after_its_desk_was_left_leaves_it_to_all(hall: Hall, desks: tuple[str, str]):
    mine, other = desks
    await hall.sit(mine, other)
    ticket = await hall.issue()
    await hall.post(f"/tickets/{ticket['ticket_id']}/transfer", {"desk": mine}, desk=mine)
    await hall.next(mine)
    await hall.step(ticket, "undo", desk=mine)
    await hall.step(ticket, "leave", desk=mine)
    await leave(hall, mine)
    back = (await hall.step(ticket, "undo", desk=other)).json()
    assert (back["state"], back["for_desk"]) == ("waiting", None)


@pytest.mark.parametrize("by_night", [True, False])
async def test_who_was_forgotten_at_a_desk_keeps_it_taken_for_a_day_only(
    hall: Hall, app: FastAPI, clock: Clock, desks: tuple[str, str], *, by_night: bool
):
    """By the job of the night, or by whoever sits down there in the morning."""
    mine, other = desks
    await hall.sit(mine, other)
    served, called, waiting = [await hall.issue() for _n in range(3)]
    await hall.next(mine)
    await hall.step(served, "start", desk=mine)
    await hall.next(other)
    clock.move(timedelta(days=1))
    if by_night:
        await end_all(app.state.database, clock())
        assert await app.state.database.fetch("SELECT 1 FROM desk_session WHERE ended_at IS NULL", ()) == []
    await hall.sit(mine, other)
    rows = await app.state.database.fetch("SELECT id::text, state, desk_id, events FROM ticket", ())
    assert {row[0]: row[1:] for row in rows} == {
        served["ticket_id"]: ("done", None, 4),
        called["ticket_id"]: ("no_show", None, 3),
        waiting["ticket_id"]: ("left", None, 2),
    }
    steps = "SELECT action FROM ticket_event WHERE n = (SELECT events FROM ticket WHERE id = ticket_id) ORDER BY action"
    assert [row[0] for row in await app.state.database.fetch(steps, ())] == ["finish", "leave", "no_show"]
    assert await app.state.database.fetch("SELECT dropped, ended_at IS NOT NULL FROM serving", ()) == [(True, True)]
    today = await hall.issue()
    assert (await hall.next(mine)).json()["number"] == today["number"]
