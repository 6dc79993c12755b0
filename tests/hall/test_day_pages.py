"""The manager's day: what it shows, closing, sending home, the stop, and what is left when the day has changed."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.hall.conftest import STATION, Hall
from tests.hall.test_board_pages import Clerk
from tests.hall.test_hall_api import at_counter
from tests.requests.booking import Booker
from tests.support.people import People

NOTICE = "Service is paused. Please follow the staff."


@pytest.fixture
async def manager(hall: Hall, people: People) -> Clerk:
    return Clerk(hall, await people.staff("manager", station=STATION))


async def recorded(app: FastAPI) -> list[str]:
    rows = await app.state.database.fetch(
        "SELECT action FROM audit_entry WHERE object_kind = 'hall' ORDER BY at, chain, n", ()
    )
    return [row[0] for row in rows]


async def display(hall: Hall) -> dict[str, object]:
    answer = await hall.client.get(f"/api/v1/display/{hall.station.code}")
    found: dict[str, object] = answer.json()
    return found


def row_of(html: str, hour: str) -> list[str]:
    """The numbers of an hour in the table."""
    [cells] = re.findall(rf'narrow-cell">{hour}</th>(.*?)</tr>', html, re.DOTALL)
    return re.findall(r"<td[^>]*>\s*(.*?)\s*</td>", cells, re.DOTALL)


async def test_a_day_shows_its_hours_and_any_day_before(manager: Clerk, hall: Hall, clock: Clock):
    empty = (await manager.get("/day")).text
    assert "Nobody has come yet." in empty
    assert row_of(empty, "09:00") == ["0", "0", "0", "0", "–"]
    desk = hall.desk_for(hall.services[0])
    await hall.sit(desk)
    ticket, _other = await hall.issue(), await hall.issue()
    clock.move(timedelta(minutes=15))
    await hall.next(desk)
    await hall.step(ticket, "start", desk=desk)
    clock.move(timedelta(minutes=15))
    await hall.step(ticket, "finish", desk=desk)
    for _n in range(2):  # a break of ten minutes, which is no time in which the desk was staffed
        assert (await hall.post(f"/desk/{STATION}/sessions/{desk}/break", desk=desk)).status_code == 204
        clock.move(timedelta(minutes=10))
    clock.move(timedelta(minutes=-10))
    html = (await manager.get("/day")).text
    assert row_of(html, "09:00") == ["0", "2", "1", "2", "50%"]
    assert row_of(html, "10:00") == ["–"] * 5
    assert "longest 40 min" in html
    assert "1 of " in html
    clock.move(timedelta(days=1))
    before = (await manager.get("/day?day=2026-12-01")).text
    assert row_of(before, "09:00")[:4] == ["0", "2", "1", "2"]
    assert "Emergency" not in before
    for odd in ("2026-99-99", "2030-01-01", "yesterday"):
        assert "Nobody has come yet." in (await manager.get(f"/day?day={odd}")).text


async def test_only_managers_of_the_station_change_its_day(manager: Clerk, hall: Hall, people: People, app: FastAPI):
    clerk = Clerk(hall, await people.staff("window", station=STATION))
    html = (await clerk.get("/day")).text
    assert "/day/close" not in html
    for path in ("close", "open", "home", "halt", "go-on"):
        assert (await clerk.post(f"/day/{path}", {"reason": "fire"})).status_code == 403
    stranger = Clerk(hall, await people.staff("manager", station="WH-JJ-01"))
    for path in ("/day", "/day/close", "/day/halt"):
        assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post("/day/halt", {"reason": "fire"})).status_code == 404
    assert await recorded(app) == []


async def test_a_closed_hall_serves_who_waits_and_appointments_and_gives_out_nothing_else(
    manager: Clerk, hall: Hall, booker: Booker, app: FastAPI
):
    booked = await booker.book()
    own = await at_counter(hall, booked)
    manager.path = f"/office/hall/{own.station.code}"
    manager.who = await hall.people.staff("manager", station=own.station.code)
    waiting = await own.issue()
    desk = own.desk_for(own.services[0])
    await own.sit(desk)
    assert "1 person waits, and is still served." in (await manager.get("/day/close")).text
    assert "gives out no more tickets today" in await manager.does("/day/close")
    assert "somebody else has done it already" in await manager.does("/day/close")
    refused = await own.post(f"/desk/{own.station.code}/tickets", {"service_codes": own.services[:1]})
    assert (refused.status_code, refused.json()["code"]) == (409, "hall_closed")
    assert (
        "Please book a time, or come on another day."
        in (await manager.post("/new", {"service_codes": own.services[:1]})).text
    )
    came = await own.post(f"/desk/{own.station.code}/check-ins", {"reference": booked["reference"]})
    assert came.status_code == 201
    # The appointment comes first where its time has come; whoever waits is called too.
    called = {(await own.next(desk)).json()["ticket_id"]}
    await own.step({"ticket_id": next(iter(called))}, "no-show", desk=desk)
    called.add((await own.next(desk)).json()["ticket_id"])
    assert called == {waiting["ticket_id"], came.json()["ticket_id"]}
    assert "The hall gives out tickets again." in await manager.does("/day/open")
    await own.issue()
    assert await recorded(app) == ["hall.closed", "hall.opened"]


async def test_those_left_at_the_end_are_listed_and_marked_as_left_in_one_step(
    manager: Clerk, hall: Hall, app: FastAPI
):
    desk = hall.desk_for(hall.services[0])
    await hall.sit(desk)
    tickets = [await hall.issue() for _n in range(4)]
    serving, parked, *waiting = tickets
    for ticket, verb in ((serving, "start"), (parked, "park")):
        await hall.post(f"/tickets/{ticket['ticket_id']}/call", {"desk": desk}, desk=desk)
        await hall.step(ticket, verb, desk=desk)
        if ticket is serving:
            await hall.step(ticket, "requeue", desk=desk)
    await hall.next(desk)
    await hall.step(serving, "start", desk=desk)
    assert "Close for the day first" in (await manager.get("/day/home")).text
    early = await manager.does("/day/home", {"ticket": [each["ticket_id"] for each in tickets]})
    assert "Nothing was changed" in early
    await manager.does("/day/close")
    page = (await manager.get("/day/home")).text
    listed = re.findall(r'name="ticket" value="([^"]+)"', page)
    assert set(listed) == {each["ticket_id"] for each in (parked, *waiting)}
    assert f"not ended by this: {serving['number']}" in page
    # One of them goes by himself in the meantime, and an address of nonsense does no harm.
    await hall.step(waiting[0], "leave", desk=desk)
    assert "They are marked as left." in await manager.does(
        "/day/home", {"ticket": [*listed, serving["ticket_id"], "x"]}
    )
    board = await hall.board()
    assert (len(board["serving"]), board["waiting"], board["parked"]) == (1, [], [])
    [(after,)] = await app.state.database.fetch("SELECT after FROM audit_entry WHERE action = 'hall.sent_home'", ())
    assert set(after["left"]) == {parked["number"], waiting[1]["number"]}


async def test_a_stop_ends_calling_and_issuing_at_once_and_everybody_sees_it(
    manager: Clerk, hall: Hall, people: People, app: FastAPI
):
    desk, other = hall.desk_for(hall.services[0]), hall.desks[-1]
    await hall.sit(desk)
    first, second = await hall.issue(), await hall.issue()
    await hall.next(desk)
    for form, field in (({}, "reason"), ({"reason": "dragon"}, "reason"), ({"reason": "other"}, "words")):
        wrong = await manager.post("/day/halt", form)
        assert (wrong.status_code, f'href="#f-{field}"' in wrong.text) == (422, True)
    stopped = await manager.does("/day/halt", {"reason": "fire", "words": "Smoke at desk 3"})
    assert "The hall is stopped since" in stopped
    assert "Smoke at desk 3" in stopped
    assert "Nothing was changed" in await manager.does("/day/halt", {"reason": "fire"})
    await hall.sit(other)  # who sits down now doesn't call either
    answers = [
        await hall.next(other),
        await hall.post(f"/tickets/{second['ticket_id']}/call", {"desk": other}, desk=other),
        await hall.step(first, "recall", desk=desk),
        await hall.step(second, "announce", desk=desk),
        await hall.post(f"/desk/{STATION}/tickets", {"service_codes": hall.services[:1]}),
    ]
    assert [each.json()["code"] for each in answers] == ["hall_halted"] * 5
    assert (await hall.step(first, "start", desk=desk)).status_code == 200  # who is at the desk already can be ended
    assert (await hall.step(first, "finish", desk=desk)).status_code == 200
    assert (await hall.next(desk)).json()["code"] == "hall_halted"
    shown = await display(hall)
    assert (shown["halted"], shown["called"], shown["waiting"]) == (True, [], 1)
    for path in (f"/display/{STATION}", f"/t/{second['ticket_id']}"):
        assert NOTICE in (await hall.client.get(path)).text
    clerk = Clerk(hall, await people.staff("window", station=STATION))
    board = (await clerk.get()).text
    assert "The hall is stopped since" in board
    assert "/day/go-on" not in board
    assert "The stop is over." in await manager.does("/day/go-on")
    assert (await display(hall))["halted"] is False
    assert (await hall.next(other)).status_code in (200, 204)
    assert (await hall.next(desk)).status_code in (200, 204)
    assert await recorded(app) == ["hall.halted", "hall.resumed"]


async def test_a_stop_of_yesterday_stops_nobody_today(manager: Clerk, hall: Hall, clock: Clock):
    desk = hall.desk_for(hall.services[0])
    await hall.sit(desk)
    await manager.does("/day/halt", {"reason": "weather"})
    await manager.does("/day/close")
    clock.move(timedelta(days=1))
    await hall.sit(desk)
    await hall.issue()
    assert (await hall.next(desk)).status_code == 200
