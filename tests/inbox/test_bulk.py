"""One step of many requests: what went through and what didn't and why, by both doors; two officers at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.config import LimitSettings
from app.kit import clock as app_clock
from tests.conftest import Clock, furnished, make_settings
from tests.requests.booking import Booker, Json
from tests.requests.rights import other_station, signed_in_client
from tests.support.people import People, Signed

BULK = "/api/v1/requests/actions"


async def some(booker: Booker, count: int) -> list[Json]:
    """Requests of one station."""
    booked = [await booker.book()]
    while len(booked) < count:
        booked.append(await booker.book())
    assert len({each["appointment"]["station_code"] for each in booked}) == 1
    return booked


async def take(client: httpx.AsyncClient, who: Signed, verb: str, references: list[str], **more: str) -> httpx.Response:
    return await client.post(f"{BULK}/{verb}", json={"references": references, **more}, headers=who.bearer)


def outcomes(answer: httpx.Response) -> list[tuple[str, str | None]]:
    assert answer.status_code == 200, answer.text
    return [(each["outcome"], each["status"]) for each in answer.json()["results"]]


async def test_each_of_many_is_answered_for_itself(booker: Booker, people: People, client: httpx.AsyncClient):
    booked = await some(booker, 3)
    await booker.cancel(booked[1])
    officer = await people.staff("officer", station=booked[0]["appointment"]["station_code"])
    references = [each["reference"] for each in booked]
    asked = [references[0].lower(), *references[1:], "ZT-0000-0000-0", references[0]]
    answer = await take(client, officer, "accept", asked)
    assert outcomes(answer) == [
        ("done", "scheduled"),
        ("refused", "cancelled"),
        ("done", "scheduled"),
        ("unknown", None),
    ]
    refused = answer.json()["results"][1]
    assert (refused["code"], bool(refused["detail"])) == ("invalid_transition", True)
    again = await take(client, officer, "accept", references)
    assert outcomes(again) == [("already", "scheduled"), ("refused", "cancelled"), ("already", "scheduled")]
    assert len((await booker.show(booked[0])).json()["timeline"]) == 2


async def test_what_is_not_ones_own_is_unknown_and_stays(booker: Booker, people: People, client: httpx.AsyncClient):
    booked = await booker.book()
    reference = booked["reference"]
    stranger = await people.staff("officer", station=await other_station(booker, booked), username="stranger")
    window = await people.staff("window", station=booked["appointment"]["station_code"], username="window")
    there = await take(client, stranger, "accept", [reference])
    nowhere = await take(client, stranger, "accept", ["ZT-0000-0000-0"])
    assert outcomes(there) == outcomes(nowhere) == [("unknown", None)]
    assert there.json()["results"][0]["detail"] == nowhere.json()["results"][0]["detail"]
    assert (await take(client, window, "accept", [reference])).status_code == 403
    assert outcomes(await take(client, window, "no-show", [reference])) == [("refused", "submitted")]
    assert (await booker.show(booked)).json()["status"] == "submitted"


async def test_a_reason_is_asked_for_and_kept_with_those_that_need_it(
    booker: Booker, people: People, client: httpx.AsyncClient, clock: Clock
):
    early = await some(booker, 1)
    clock.move(timedelta(days=4))
    late, officer = early[0], await people.staff("officer", station=early[0]["appointment"]["station_code"])
    fresh = await booker.book()
    references = [late["reference"], fresh["reference"]]
    missing = await take(client, officer, "decline", references)
    assert [error["field"] for error in missing.json()["errors"]] == ["reason"]
    assert outcomes(await take(client, officer, "accept", references))[0] == ("refused", "submitted")
    said = await take(client, officer, "decline", references, reason="设备检修", late_reason="周末无人值班")
    assert outcomes(said) == [("done", "declined"), ("refused", "scheduled")]
    told = (await booker.show(late)).json()["timeline"][-1]["text_zh"]
    assert "设备检修" in told
    assert "周末无人值班" in told


@pytest.mark.parametrize(
    "body",
    [{}, {"references": []}, {"references": ["x"] * 101}, {"references": ["x"], "items": []}, {"references": [""]}],
)
async def test_what_can_be_sent_is_bounded(people: People, client: httpx.AsyncClient, body: Json):
    officer = await people.staff("officer")
    assert (await client.post(f"{BULK}/accept", json=body, headers=officer.bearer)).status_code == 422
    assert (await client.post(f"{BULK}/return", json={"references": ["x"]}, headers=officer.bearer)).status_code == 422
    assert (await client.post(f"{BULK}/accept", json={"references": ["x"]})).status_code == 401


async def test_by_the_page_one_looks_first_and_is_told_after(app: FastAPI, booker: Booker, people: People):
    booked = await some(booker, 3)
    await booker.cancel(booked[2])
    references = [each["reference"] for each in booked]
    officer = await people.staff("officer", station=booked[0]["appointment"]["station_code"])
    async with signed_in_client(app, officer) as browser:
        browser.headers["Accept-Language"] = "en"
        query = {"step": "decline", "reference": [*references, "ZT-0000-0000-0"], "back": "/office/requests?view=late"}
        looked = await browser.get("/office/requests/bulk", params=query)
        assert "2 requests take this step" in looked.text
        assert "1 can't take it" in looked.text
        assert "not yours to change: ZT-0000-0000-0" in looked.text
        assert 'name="reason"' in looked.text
        assert 'name="late_reason"' not in looked.text
        assert looked.text.count('type="hidden" name="reference"') == 2
        wrong = await browser.post("/office/requests/bulk", data={**query, "reason": " "})
        assert (wrong.status_code, 'href="#f-reason"' in wrong.text) == (422, True)
        told = await browser.post("/office/requests/bulk", data={**query, "reason": "设备检修"})
        assert "2 requests have taken the step. 2 have not; why, stands below." in told.text
        assert 'href="/office/requests?view=late"' in told.text
        away = await browser.get("/office/requests/bulk", params={**query, "back": "https://elsewhere.example"})
        assert 'href="https://elsewhere' not in away.text
        empty = await browser.get("/office/requests/bulk?step=accept")
        assert "No request is selected" in empty.text
        assert (await browser.get("/office/requests/bulk?step=return")).status_code == 404
    assert (await booker.show(booked[0])).json()["status"] == "declined"


@pytest.fixture
async def crowded(private_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    app = furnished(make_settings(private_database, tmp_path, limits=LimitSettings(limits="off")))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        yield app


@pytest.mark.race
async def test_of_two_officers_with_overlapping_sets_each_request_moves_once(crowded: FastAPI, clock: Clock):
    people = People(crowded.state.database, clock, crowded.state.callers.timeouts)
    transport = httpx.ASGITransport(app=crowded)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        booker = Booker(client)
        booked = await some(booker, 6)
        references = [each["reference"] for each in booked]
        station = booked[0]["appointment"]["station_code"]
        one, other = [await people.staff("officer", station=station, username=f"officer.{n}") for n in range(2)]
        first, second = await asyncio.gather(
            take(client, one, "accept", references[:4]), take(client, other, "accept", references[:1:-1])
        )
        by_reference: dict[str, list[str]] = {}
        for answer in (first, second):
            for each in answer.json()["results"]:
                by_reference.setdefault(each["reference"], []).append(each["outcome"])
        assert [sorted(by_reference[each]) for each in references] == [
            ["done"],
            ["done"],
            ["already", "done"],
            ["already", "done"],
            ["done"],
            ["done"],
        ]
        for each in booked:
            assert len((await booker.show(each)).json()["timeline"]) == 2
