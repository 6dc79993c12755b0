"""The board of a counter as staff work at it: each form, what is refused and how it is said, rights, and its cost."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from tests.booking.visitor import counted
from tests.conftest import Clock
from tests.hall.conftest import STATION, Hall
from tests.hall.test_hall_api import at_counter, station_for
from tests.requests.booking import Booker
from tests.support.people import People, Signed

HALL = f"/office/hall/{STATION}"


@dataclass
class Clerk:
    """Somebody with a browser at a counter, who fills in its forms."""

    hall: Hall
    who: Signed
    path: str = HALL

    async def get(self, path: str = "") -> httpx.Response:
        (await self.hall.people.sign_in(self.who.id, strong=True)).browse(self.hall.client)
        self.hall.client.headers["Accept-Language"] = "en"
        return await self.hall.client.get(self.path + path)

    async def post(self, path: str, form: dict[str, str | list[str]] | None = None) -> httpx.Response:
        (await self.hall.people.sign_in(self.who.id, strong=True)).browse(self.hall.client)
        self.hall.client.headers["Accept-Language"] = "en"
        return await self.hall.client.post(self.path + path, data=form or {})

    async def does(self, path: str, form: dict[str, str | list[str]] | None = None) -> str:
        """Send a form, a second after the last one; the page where it leads."""
        self.hall.clock.move(timedelta(seconds=1))
        answer = await self.post(path, form)
        assert answer.status_code == 303, answer.text
        shown = await self.hall.client.get(answer.headers["location"])
        assert shown.status_code == 200
        return shown.text

    async def sit(self, desk: str) -> str:
        return await self.does(f"/desks/{desk}/sign-in")

    async def issue(self, *services: str, **more: str) -> tuple[str, str]:
        """The id and the number of a ticket."""
        answer = await self.post("/new", {"service_codes": list(services or self.hall.services[:1]), **more})
        assert answer.status_code == 303, answer.text
        shown = await self.hall.client.get(answer.headers["location"])
        [ticket_id] = re.findall(r"/tickets/([0-9a-f-]+)", answer.headers["location"])
        [number] = re.findall(r'id="number">([A-Z]\d{3})<', shown.text)
        return ticket_id, number

    async def columns(self) -> dict[str, list[str]]:
        """The numbers on the board, by column."""
        html = (await self.get()).text
        parts = re.split(r'id="column-(\w+)"', html)
        return {
            name: re.findall(r"hall-ticket__number[^>]*>([A-Z]\d{3})<", text)
            for name, text in zip(parts[1::2], parts[2::2], strict=True)
        }

    async def state(self, ticket_id: str) -> tuple[str, ...]:
        rows = await self.hall.app.state.database.fetch("SELECT state FROM ticket WHERE id = %s", (ticket_id,))
        return tuple(row[0] for row in rows)


@pytest.fixture
async def clerk(hall: Hall, people: People) -> Clerk:
    return Clerk(hall, await people.staff("window", station=STATION))


async def test_who_works_at_one_station_is_led_to_it_and_who_at_several_chooses(
    clerk: Clerk, people: People, hall: Hall
):
    clerk.path = "/office/hall"
    answer = await clerk.get()
    assert (answer.status_code, answer.headers["location"]) == (303, HALL)
    clerk.who = await people.staff("city_admin")
    several = await clerk.get()
    assert several.status_code == 200
    assert several.text.count('href="/office/hall/') > 50


async def test_an_empty_board_says_so_and_asks_for_a_desk(clerk: Clerk):
    html = (await clerk.get()).text
    for words in ("Nobody waits.", "Nobody is called.", "Nobody is being served.", "Nobody is parked.", "Nothing yet."):
        assert words in html
    assert "At which desk do you sit?" in html
    assert "Call next" not in html.split("data-keys")[0]


async def test_somebody_is_called_started_finished_and_it_is_taken_back(clerk: Clerk, clock: Clock):
    desk = clerk.hall.desk_for(clerk.hall.services[0])
    assert "You sit at this desk now." in await clerk.sit(desk)
    ticket, number = await clerk.issue()
    assert (await clerk.columns())["waiting"] == [number]
    assert f"{number}: called" in await clerk.does("/next")
    assert (await clerk.columns())["called"] == [number]
    again = await clerk.does(f"/tickets/{ticket}/recall")
    assert f"{number}: called again" in again
    assert "Call again (2/3)" in again
    assert f"{number}: started" in await clerk.does(f"/tickets/{ticket}/start")
    assert f"{number}: finished" in await clerk.does(f"/tickets/{ticket}/finish")
    assert (await clerk.columns())["over"] == [number]
    assert f"{number}: last step taken back" in await clerk.does(f"/tickets/{ticket}/undo")
    assert await clerk.state(ticket) == ("serving",)
    assert "can&#39;t be taken back" in await clerk.does(f"/tickets/{ticket}/undo")
    await clerk.does(f"/tickets/{ticket}/finish")
    assert "data-seconds" in (await clerk.get()).text
    clock.move(timedelta(seconds=61))
    assert "data-seconds" not in (await clerk.get()).text
    assert "Nobody waits for your desk." in await clerk.does("/next")


async def test_one_leaves_a_desk_only_when_nobody_is_there_and_a_break_stops_the_calls(clerk: Clerk):
    desk = clerk.hall.desk_for(clerk.hall.services[0])
    assert "Sign in at it first." in await clerk.does("/next")
    await clerk.sit(desk)
    assert "The break has begun." in await clerk.does(f"/desks/{desk}/break")
    assert "The desk is on a break." in await clerk.does("/next")
    assert "The break is over." in await clerk.does(f"/desks/{desk}/break")
    ticket, _number = await clerk.issue()
    await clerk.does("/next")
    assert "Somebody else is at this desk already." in await clerk.does(f"/desks/{desk}/sign-out")
    await clerk.does(f"/tickets/{ticket}/requeue")
    assert "The desk is free." in await clerk.does(f"/desks/{desk}/sign-out")


async def test_a_desk_serves_only_the_categories_that_were_ticked(clerk: Clerk):
    hall = clerk.hall
    desk = max((desk for desk in hall.station.desks if desk.active), key=lambda each: each.skills.bit_count())
    one, two, *_rest = [
        (each, category)
        for each in hall.services
        for category in [hall.network.services[hall.network.service_index[each]].category]
        if hall.network.category_bit[category] & desk.skills
    ]
    await clerk.does(f"/desks/{desk.code}/sign-in", {"categories": [two[1]]})
    await clerk.issue(one[0])
    assert "Nobody waits for your desk." in await clerk.does("/next")
    _ticket, number = await clerk.issue(two[0])
    assert f"{number}: called" in await clerk.does("/next")


async def test_a_manager_signs_others_out_and_a_clerk_does_not(clerk: Clerk, people: People):
    hall = clerk.hall
    desk, other = hall.desks[:2]
    await clerk.sit(desk)
    colleague = Clerk(hall, await people.staff("window", station=STATION))
    assert "Sign this person out" not in (await colleague.get()).text
    assert "You don&#39;t sit at this desk." in await colleague.does(f"/desks/{desk}/sign-out")
    assert "Somebody sits at this desk already." in await colleague.sit(desk)
    await colleague.sit(other)
    assert "You sit at another desk already." in await clerk.does(f"/desks/{hall.desks[2]}/sign-in")
    manager = Clerk(hall, await people.staff("manager", station=STATION))
    assert (await manager.get()).text.count("Sign this person out") == 2
    assert "The desk is free." in await manager.does(f"/desks/{desk}/sign-out")


async def test_a_chosen_one_is_called_announced_put_first_or_has_left(clerk: Clerk):
    desk = clerk.hall.desk_for(clerk.hall.services[0])
    first, one = await clerk.issue()
    second, two = await clerk.issue()
    assert "Sign in at it first." in await clerk.does(f"/tickets/{second}/call")
    await clerk.sit(desk)
    assert f"{two}: told that it is soon their turn" in await clerk.does(f"/tickets/{second}/announce")
    refused = await clerk.post(f"/tickets/{second}/prioritise", {"priority": "urgent"})
    assert refused.status_code == 422
    assert 'href="#f-priority_reason">Say in a few words why it is urgent.' in refused.text
    await clerk.does(f"/tickets/{second}/prioritise", {"priority": "urgent", "priority_reason": "Flight at noon"})
    assert (await clerk.columns())["waiting"] == [two, one]
    assert f"{one}: called" in await clerk.does(f"/tickets/{first}/call")
    assert "somebody has acted in the meantime" in await clerk.does(f"/tickets/{first}/announce")
    assert f"{two}: has left" in await clerk.does(f"/tickets/{second}/leave")
    assert "Urgent" in (await clerk.get(f"/tickets/{second}")).text


async def test_parked_ones_and_those_who_come_back_return_to_the_queue(clerk: Clerk):
    await clerk.sit(clerk.hall.desk_for(clerk.hall.services[0]))
    ticket, number = await clerk.issue()
    await clerk.does("/next")
    await clerk.does(f"/tickets/{ticket}/park")
    assert (await clerk.columns())["parked"] == [number]
    await clerk.does(f"/tickets/{ticket}/resume")
    await clerk.does("/next")
    await clerk.does(f"/tickets/{ticket}/no-show")
    assert (await clerk.columns())["over"] == [number]
    await clerk.does(f"/tickets/{ticket}/come-back")
    assert (await clerk.columns())["waiting"] == [number]


async def test_what_was_really_done_is_ticked_and_the_rest_waits_or_is_dropped(clerk: Clerk):
    one, two, three = clerk.hall.services[:3]
    await clerk.sit(clerk.hall.desk_for(one))
    ticket, number = await clerk.issue(one, two)
    await clerk.does("/next")
    board = await clerk.does(f"/tickets/{ticket}/start", {"service_codes": [one]})
    assert re.search(rf'name="done"\s+value="{one}"\s+checked', board)
    assert not re.search(rf'name="done"\s+value="{two}"\s+checked', board)
    nothing = await clerk.post(f"/tickets/{ticket}/finish", {"some": "1"})
    assert (nothing.status_code, 'href="#f-done"' in nothing.text) == (422, True)
    unknown = await clerk.post(f"/tickets/{ticket}/finish", {"some": "1", "more": "none-1"})
    assert (unknown.status_code, 'href="#f-more">There is no service with the code NONE-1.' in unknown.text) == (
        422,
        True,
    )
    await clerk.does(f"/tickets/{ticket}/finish", {"some": "1", "done": [one], "rest": "queue"})
    assert (await clerk.columns())["waiting"] == [number]
    await clerk.does(f"/tickets/{ticket}/call")
    await clerk.does(f"/tickets/{ticket}/start")
    await clerk.does(f"/tickets/{ticket}/finish", {"some": "1", "more": three.lower(), "rest": "leave"})
    assert await clerk.state(ticket) == ("done",)


async def test_one_is_passed_on_to_a_desk_or_a_station_or_split(clerk: Clerk):
    hall = clerk.hall
    one, two = hall.services[:2]
    ticket, number = await clerk.issue(one, two)
    form = (await clerk.get(f"/tickets/{ticket}/split")).text
    assert f'value="{one}"' in form
    all_of_it = await clerk.post(f"/tickets/{ticket}/split", {"service_codes": [one, two]})
    assert (all_of_it.status_code, "at least one goes, and at least one stays" in all_of_it.text) == (422, True)
    await clerk.does(f"/tickets/{ticket}/split", {"service_codes": [two]})
    assert len((await clerk.columns())["waiting"]) == 2
    empty = await clerk.post(f"/tickets/{ticket}/transfer", {"to": f"desk:{hall.desks[1]}"})
    assert (empty.status_code, "Nobody sits at this desk now" in empty.text) == (422, True)
    await hall.sit(hall.desks[1])
    nowhere = await clerk.post(f"/tickets/{ticket}/transfer")
    assert (nowhere.status_code, 'href="#f-to"' in nowhere.text) == (422, True)
    assert "Only desk" in await clerk.does(f"/tickets/{ticket}/transfer", {"to": f"desk:{hall.desks[1]}"})
    there = await station_for(hall, one)
    assert f'value="station:{there}"' in (await clerk.get(f"/tickets/{ticket}/transfer")).text
    moved = await clerk.does(f"/tickets/{ticket}/transfer", {"to": f"station:{there}"})
    assert f"{number}: passed on to another station" in moved


async def test_a_ticket_needs_a_service_and_prints_on_a_slip(clerk: Clerk, app: FastAPI):
    service = clerk.hall.services[0]
    page = (await clerk.get("/new")).text
    assert page.count('name="service_codes"') == len(clerk.hall.services)
    without = await clerk.post("/new", {"priority": "urgent"})
    assert (without.status_code, "Tick what they have come for." in without.text) == (422, True)
    urgent = await clerk.post("/new", {"priority": "urgent", "service_codes": [service]})
    assert (urgent.status_code, 'href="#f-priority_reason"' in urgent.text) == (422, True)
    assert re.search(rf'value="{service}"[^>]*checked', urgent.text)
    ticket, number = await clerk.issue(service, language="en")
    slip = (await clerk.get(f"/tickets/{ticket}/print")).text
    assert number in slip
    assert "<svg" in slip
    [(limited,)] = await app.state.database.fetch("SELECT language FROM ticket WHERE id = %s", (ticket,))
    assert limited == "en"
    await app.state.database.fetch(
        "INSERT INTO contingent (station_id, service_id, per_day) SELECT %s, id, 1 FROM service WHERE code = %s",
        (clerk.hall.station.id, service),
    )
    full = await clerk.post("/new", {"service_codes": [service]})
    assert (full.status_code, "are given out" in full.text) == (422, True)


async def test_an_appointment_is_checked_in_by_code_or_found_by_phone_and_name(
    clerk: Clerk, booker: Booker, people: People, app: FastAPI
):
    booked = await booker.book()
    hall = await at_counter(clerk.hall, booked)
    clerk.path, clerk.who = f"/office/hall/{hall.station.code}", await people.staff("window", station=hall.station.code)
    [(phone, name)] = await app.state.database.fetch("SELECT mobile, contact_name FROM request", ())
    empty = await clerk.post("/arrivals")
    assert (empty.status_code, 'href="#f-reference">Scan the code, or type the reference.' in empty.text) == (422, True)
    unknown = await clerk.post("/arrivals", {"reference": "ZT-0000-0000-0"})
    assert (unknown.status_code, 'href="#f-reference"' in unknown.text) == (422, True)
    wrong = await clerk.post("/arrivals/find", {"phone": "12"})
    assert wrong.text.count('class="field__error"') == 2
    assert "no appointment today" in (await clerk.post("/arrivals/find", {"phone": phone, "name": "无"})).text
    found = await clerk.post("/arrivals/find", {"phone": f"+86 {phone}", "name": name[:1]})
    assert booked["reference"] in found.text
    listed = found.text.split('class="rows"')[1]
    assert phone not in listed
    assert name not in listed
    shown = await clerk.does("/arrivals", {"reference": f"https://onestop.example/r/{booked['reference']}?lang=en"})
    assert "Appointment" in shown
    again = await clerk.post("/arrivals", {"reference": booked["reference"]})
    assert (again.status_code, "has its ticket already" in again.text) == (422, True)
    hall.clock.move(timedelta(days=-1))
    early = await clerk.post("/arrivals", {"reference": booked["reference"]})
    assert datetime.fromisoformat(booked["appointment"]["start"]).date().isoformat() in early.text


async def test_another_stations_counter_is_not_there_and_who_only_reads_does_nothing(clerk: Clerk, people: People):
    ticket, _number = await clerk.issue()
    there = await station_for(clerk.hall, clerk.hall.services[0])
    stranger = Clerk(clerk.hall, await people.staff("window", station=there))
    own = Clerk(clerk.hall, stranger.who, f"/office/hall/{there}")
    for answer in (
        await stranger.get(),
        await stranger.get("/live"),
        await stranger.post("/next"),
        await stranger.get(f"/tickets/{ticket}"),
        await stranger.post(f"/tickets/{ticket}/leave"),
        await own.get(f"/tickets/{ticket}"),
        await own.post(f"/tickets/{ticket}/leave"),
        await clerk.post(f"/tickets/{ticket}/explode"),
        await clerk.get(f"/tickets/{ticket}/leave"),
    ):
        assert answer.status_code in (404, 303), answer.url
        assert answer.status_code == 404 or "refused=ticket_unknown" in answer.headers["location"]
    assert await clerk.state(ticket) == ("waiting",)
    reader = Clerk(clerk.hall, await people.staff("auditor"))
    html = (await reader.get()).text
    assert "hall-ticket" in html
    assert '<form method="post" action="/office/hall' not in html
    assert (await reader.post("/next")).status_code == 403
    assert (await reader.get("/new")).status_code == 403


async def test_the_board_costs_the_same_however_many_wait(clerk: Clerk, app: FastAPI, clock: Clock):
    await clerk.sit(clerk.hall.desk_for(clerk.hall.services[0]))
    costs = []
    for more in (2, 12):
        for _n in range(more):
            await clerk.issue()
        await clerk.get()
        clock.move(timedelta(seconds=40))
        with counted(app) as statements:
            assert (await clerk.get()).status_code == 200
        costs.append([each for each in statements if "INSERT INTO" not in each])
    assert len(costs[0]) == len(costs[1])
    assert len(costs[0]) <= 10, "\n".join(costs[0])
