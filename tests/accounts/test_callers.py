"""Who is asking, by cookie and by token; and that a page says it."""

from datetime import timedelta

import httpx

from tests.conftest import Clock
from tests.support.people import People


async def test_a_page_names_whoever_is_signed_in(client: httpx.AsyncClient, people: People) -> None:
    officer = await people.staff("officer")
    officer.browse(client)
    answer = await client.get("/services")
    assert "测试人员 officer-1" in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_a_session_ends_when_it_is_idle(client: httpx.AsyncClient, people: People, clock: Clock) -> None:
    (await people.staff("officer")).browse(client)
    clock.move(timedelta(minutes=29))
    assert "测试人员" in (await client.get("/services")).text
    clock.move(timedelta(minutes=29))
    assert "测试人员" in (await client.get("/services")).text
    clock.move(timedelta(minutes=31))
    assert "测试人员" not in (await client.get("/services")).text


async def test_a_session_ends_after_half_a_day_whatever_is_done(
    client: httpx.AsyncClient, people: People, clock: Clock
) -> None:
    (await people.staff("officer")).browse(client)
    for _step in range(36):
        clock.move(timedelta(minutes=20))
        last = await client.get("/services")
    assert "测试人员" not in last.text
