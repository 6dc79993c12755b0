"""What tests of feeds share: making an address by the page, and fetching it as a calendar program does."""

import html
import re

import httpx
from fastapi import FastAPI
from icalendar import Calendar, Event

from tests.requests.booking import Booker, Json
from tests.requests.rights import signed_in_client
from tests.support.people import Signed

PAGE = "/account/calendars"


async def make(app: FastAPI, signed: Signed, station: str = "") -> httpx.Response:
    form = {"whose": "station", "station": station} if station else {"whose": "own"}
    async with signed_in_client(app, signed) as browser:
        return await browser.post(PAGE, data=form)


def path_in(page: httpx.Response) -> str:
    """The path of the address that the page shows."""
    assert page.status_code == 200, page.text
    address = html.unescape(page.text.split('translate="no">')[1].split("<")[0])
    assert re.fullmatch(r"http://testserver/feeds/[\w-]{43}\.ics", address)
    return address.removeprefix("http://testserver")


async def subscribe(app: FastAPI, signed: Signed, station: str = "") -> str:
    return path_in(await make(app, signed, station))


async def events(client: httpx.AsyncClient, path: str) -> list[Event]:
    """What a program without any cookie gets."""
    client.cookies.clear()
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    assert not calendar.errors
    return list(calendar.events)


async def booked_by(booker: Booker, signed: Signed) -> Json:
    """A request sent by somebody who has signed in, so that it is theirs."""
    answer = await booker.send(await booker.filled_in(await booker.hold()), **signed.bearer)
    assert answer.status_code == 201, answer.text
    booked: Json = answer.json()
    return booked
