"""What is to be done, what is due first on top; and due dates that follow the calendar."""

from datetime import date, timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.requests.service import DueDates
from tests.conftest import Clock
from tests.requests.booking import Booker, Json
from tests.requests.rights import signed_in_client
from tests.support.people import People, Signed


@pytest.fixture
async def three(booker: Booker, clock: Clock) -> list[Json]:
    """Three requests of one station, sent on three days."""
    booked = []
    for _ in range(3):
        station = booked[0]["appointment"]["station_code"] if booked else ""
        held = await booker.hold(station, (await booker.starts(station))[-1] if station else "")
        answer = await booker.send(await booker.filled_in(held))
        booked.append(answer.json())
        clock.move(timedelta(days=1))
    return booked


async def officer(people: People, booked: Json) -> Signed:
    return await people.staff("officer", station=booked["appointment"]["station_code"])


def order(page: httpx.Response, booked: list[Json]) -> list[int]:
    """Which of the requests stand on the page, from top to bottom."""
    places = {page.text.find(each["reference"]): n for n, each in enumerate(booked)}
    return [places[place] for place in sorted(places) if place >= 0]


async def test_what_is_due_first_stands_on_top_and_what_is_done_is_gone(
    app: FastAPI, booker: Booker, people: People, three: list[Json], clock: Clock
):
    signed = await officer(people, three[0])
    async with signed_in_client(app, signed) as clerk:
        assert order(await clerk.get("/office/requests"), three) == [0, 1, 2]
        assert order(await clerk.get("/office/requests?view=all"), three) == [2, 1, 0]
        path = f"{three[0]['links']['self']}/items/1/accept"
        bearer = (await people.sign_in(signed.id)).bearer
        late = await booker.client.post(path, json={}, headers=dict(bearer))
        assert late.status_code == 422  # the third day: late, so the reason is asked for
        sent = {"late_reason": "周末无人值班"}
        assert (await booker.client.post(path, json=sent, headers=dict(bearer))).status_code == 200
        assert order(await clerk.get("/office/requests"), three) == [1, 2, 0]  # not due any more, but to be done
        await booker.cancel(three[1])
        assert order(await clerk.get("/office/requests"), three) == [2, 0]


async def test_the_days_left_are_said_in_words(app: FastAPI, people: People, three: list[Json], clock: Clock):
    async with signed_in_client(app, await officer(people, three[0])) as clerk:
        clerk.headers["Accept-Language"] = "en"
        page = await clerk.get("/office/requests")
        assert "1 working day late" in page.text
        assert "due today" in page.text


async def test_when_the_calendar_changes_what_is_due_follows(
    app: FastAPI, booker: Booker, clock: Clock, private_calendar: None
):
    booked = await booker.book()
    assert (await booker.show(booked)).json()["due_at"].startswith("2026-12-03")
    holiday = "INSERT INTO calendar_day (day, year, kind) VALUES (%s, 2026, 'holiday')"
    await app.state.database.fetch(holiday, (date(2026, 12, 2),))
    assert await DueDates(app.state.database).look() == 1
    shown = (await booker.show(booked)).json()
    assert (shown["due_at"], shown["due_provisional"]) == ("2026-12-04T23:59:59+08:00", False)
    assert await DueDates(app.state.database).look() == 0


@pytest.fixture
async def private_calendar(app: FastAPI):
    yield
    await app.state.database.fetch("DELETE FROM calendar_day WHERE day = %s", (date(2026, 12, 2),))
