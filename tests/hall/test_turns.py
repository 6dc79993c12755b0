"""Whoever waits is told once when two are left: by mail, by the page's title, and with a sound where it is wanted."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.furnishing import letterhead
from app.hall.turns import Turns
from tests.conftest import Clock
from tests.hall.conftest import Hall, Json
from tests.hall.test_hall_api import at_counter
from tests.requests.booking import SERVICE, Booker

pytestmark = pytest.mark.anyio
MAILS = "SELECT recipient, subject, body, station_id FROM message WHERE kind = 'hall.soon' ORDER BY created_at"
EMAIL = "wang.fang@example.com"


@pytest.fixture
def turns(app: FastAPI, clock: Clock) -> Turns:
    async def now() -> datetime:
        return clock()

    return Turns(app.state.database, letterhead(app.state.settings), now)


async def told(app: FastAPI) -> list[tuple[str, str, str, int]]:
    return await app.state.database.fetch(MAILS, ())


async def leave(hall: Hall, ticket: Json, email: str, language: str = "en") -> httpx.Response:
    headers = {"Accept-Language": language}
    return await hall.client.post(f"/t/{ticket['ticket_id']}/mail", data={"email": email}, headers=headers)


async def page(hall: Hall, ticket: Json) -> str:
    return (await hall.client.get(f"/t/{ticket['ticket_id']}", headers={"Accept-Language": "en"})).text


async def queue(hall: Hall, many: int, clock: Clock) -> list[Json]:
    await hall.sit()
    found = []
    for _n in range(many):
        found.append(await hall.issue(hall.services[0]))
        clock.move(timedelta(seconds=30))
    return found


async def call(hall: Hall, clock: Clock) -> None:
    desk = hall.desk_for(hall.services[0])
    called = (await hall.next(desk)).json()
    await hall.step(called, "no-show", desk=desk)
    clock.move(timedelta(seconds=30))


async def test_one_who_left_an_address_is_written_to_once_when_two_are_left(
    hall: Hall, app: FastAPI, clock: Clock, turns: Turns
):
    *_others, last = await queue(hall, 5, clock)
    assert (await leave(hall, last, EMAIL)).status_code == 303
    await call(hall, clock)
    assert await turns.look() == 0  # three are left
    await call(hall, clock)
    other = Turns(turns._database, turns._head, turns._now)
    topic = [f"hall:{hall.station.id}"]
    assert sum(await asyncio.gather(turns.look(topic), other.look(topic))) == 1
    await call(hall, clock)
    assert await turns.look() == 0
    [(to, subject, body, station_id)] = await told(app)
    assert (to, subject, station_id) == (EMAIL, f"Ticket {last['number']}: it is your turn soon", hall.station.id)
    assert f"people before you with ticket {last['number']}: 2" in body
    assert f"/t/{last['ticket_id']}" in body


async def test_who_comes_to_a_short_queue_has_seen_it_and_hears_when_it_moves(
    hall: Hall, app: FastAPI, clock: Clock, turns: Turns
):
    *_others, last = await queue(hall, 2, clock)
    await leave(hall, last, EMAIL, "zh-CN")
    assert await turns.look() == 0
    await call(hall, clock)
    assert await turns.look(["hall:*", "*"]) == 1
    [(_to, subject, body, _station)] = await told(app)
    assert subject == f"{last['number']} 号即将轮到"
    assert "下一位就是您" in body


async def test_whoever_has_booked_with_an_address_is_written_to_there(
    hall: Hall, app: FastAPI, clock: Clock, turns: Turns, booker: Booker
):
    booked = await booker.book()
    await at_counter(hall, booked)
    await hall.sit()
    before = await hall.issue(SERVICE)
    desk = hall.desk_for(SERVICE)
    clock.move(timedelta(seconds=10))
    await hall.post(f"/desk/{hall.station.code}/check-ins", {"reference": booked["reference"]})
    assert await turns.look() == 0
    clock.move(timedelta(seconds=10))
    assert (await hall.step(before, "call", desk=desk)).status_code == 422
    assert (await hall.post(f"/tickets/{before['ticket_id']}/call", {"desk": desk}, desk=desk)).status_code == 200
    assert await turns.look() == 1
    [(to, _subject, body, _station)] = await told(app)
    assert to == "wang@example.com"
    assert "下一位就是您" in body


async def test_an_address_is_shown_masked_corrected_deleted_and_gone_with_the_day(
    hall: Hall, app: FastAPI, clock: Clock, turns: Turns
):
    first, *_others, ticket = await queue(hall, 4, clock)
    assert 'id="f-email"' in await page(hall, ticket)
    assert 'id="f-email"' not in await page(hall, first)  # it is their turn soon already
    wrong = await leave(hall, ticket, "wang.fang")
    assert (wrong.status_code, 'href="#f-email"' in wrong.text, 'value="wang.fang"' in wrong.text) == (422, True, True)
    await leave(hall, ticket, EMAIL)
    assert "w***@example.com" in await page(hall, ticket)
    assert EMAIL not in await page(hall, ticket)
    gone = await hall.client.post(f"/t/{ticket['ticket_id']}/mail/delete")
    assert gone.headers["location"].endswith("mail=deleted")
    assert await app.state.database.fetch("SELECT 1 FROM turn_mail", ()) == []
    await leave(hall, ticket, EMAIL)
    await turns.look()
    assert len(await app.state.database.fetch("SELECT 1 FROM turn_mail", ())) == 1
    clock.move(timedelta(days=1))
    await turns.look()
    assert await app.state.database.fetch("SELECT 1 FROM turn_mail", ()) == []


async def test_who_is_called_already_leaves_no_address(hall: Hall, app: FastAPI, clock: Clock):
    [ticket] = await queue(hall, 1, clock)
    await hall.next(hall.desk_for(hall.services[0]))
    assert "Please go to" in await page(hall, ticket)
    assert (await leave(hall, ticket, EMAIL)).status_code == 303
    assert await app.state.database.fetch("SELECT 1 FROM turn_mail", ()) == []


async def test_the_title_says_where_one_stands(hall: Hall, clock: Clock):
    first, second = await queue(hall, 2, clock)
    assert f"<title>{first['number']}: you are next · " in await page(hall, first)
    assert f"<title>{second['number']}: 1 before you · " in await page(hall, second)
    await hall.next(hall.desk_for(hall.services[0]))
    assert f"<title>{first['number']}: please go to " in await page(hall, first)


async def test_the_job_hears_a_call_by_itself(hall: Hall, app: FastAPI, clock: Clock, turns: Turns):
    *_others, last = await queue(hall, 4, clock)
    await leave(hall, last, EMAIL)
    await turns.start()
    try:
        await asyncio.sleep(0.5)
        await call(hall, clock)
        for _n in range(100):
            if await told(app):
                break
            await asyncio.sleep(0.1)
    finally:
        await turns.stop()
    assert len(await told(app)) == 1
