"""The bot check on the way of a visitor and of a program: free at first, then for a calculation, then not at all."""

from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from app.config import LimitSettings
from app.kit import clock as app_clock
from app.kit.work import solve
from tests.conftest import Clock, empty, furnished, make_settings
from tests.support.people import People

FIND = "/find"
TYPED = {"reference": "ZT-7K3M-9QXD-J", "code": 'AAAA"><b>&\r\nBBBB'}
CODE = {"X-Access-Code": "AAAA-AAAA"}
REQUEST = "/api/v1/requests/ZT-7K3M-9QXD-J"


@pytest.fixture
async def slow_app(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    """The application with two free tries a minute and an easy calculation."""
    app = furnished(make_settings(database_url, tmp_path, limits=LimitSettings(follows_per_min=2, work_bits=3)))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        yield app
        await empty(app.state.database)


@pytest.fixture
async def caller(slow_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(slow_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


class Form(HTMLParser):
    """The form of the page that calculates."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.attributes: dict[str, str | None] = {}
        self.fields: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        if tag == "form" and "data-work" in own:
            self.attributes = own
        if tag == "input" and self.attributes and own.get("type") == "hidden" and "disabled" not in own:
            self.fields.append((own["name"] or "", unescape(own["value"] or "")))

    def solved(self) -> dict[str, str]:
        answer = solve(self.attributes["data-challenge"] or "", int(self.attributes["data-difficulty"] or 0))
        return {**dict(self.fields), "work": answer}


async def use_up(caller: httpx.AsyncClient, times: int = 2) -> None:
    for _ in range(times):
        assert (await caller.get(REQUEST, headers=CODE)).status_code == 404


async def needed(caller: httpx.AsyncClient) -> dict[str, Any]:
    answer = await caller.get(REQUEST, headers=CODE)
    assert (answer.status_code, answer.json()["code"]) == (429, "work_needed")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    problem: dict[str, Any] = answer.json()
    return problem


def paid(problem: dict[str, Any]) -> dict[str, str]:
    return CODE | {"X-Work": solve(problem["challenge"], problem["difficulty"])}


async def test_a_program_is_given_a_challenge_and_goes_on_with_its_solution(caller: httpx.AsyncClient):
    await use_up(caller)
    problem = await needed(caller)
    assert (problem["difficulty"], problem["algorithm"], problem["rounds"]) == (3, "pbkdf2-hmac-sha-256", 1000)
    assert (await caller.get(REQUEST, headers=paid(problem))).status_code == 404


async def test_a_solution_counts_once(caller: httpx.AsyncClient):
    await use_up(caller)
    headers = paid(await needed(caller))
    assert (await caller.get(REQUEST, headers=headers)).status_code == 404
    assert (await caller.get(REQUEST, headers=headers)).json()["code"] == "work_needed"


async def test_it_becomes_dearer_and_ends_at_four_times_the_limit(caller: httpx.AsyncClient):
    await use_up(caller)
    difficulties = []
    for _ in range(6):
        problem = await needed(caller)
        difficulties.append(problem["difficulty"])
        assert (await caller.get(REQUEST, headers=paid(problem))).status_code == 404
    assert difficulties == [3, 3, 4, 4, 5, 5]
    refused = await caller.get(REQUEST, headers=CODE)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")


async def test_challenges_collected_while_they_are_cheap_buy_no_more_than_cheap_ones_do(caller: httpx.AsyncClient):
    await use_up(caller)
    problems = [await needed(caller) for _ in range(5)]
    statuses = [(await caller.get(REQUEST, headers=paid(problem))).status_code for problem in problems]
    assert statuses == [404, 404, 429, 429, 429]


async def test_the_next_window_is_free_again(caller: httpx.AsyncClient, clock: Clock):
    await use_up(caller)
    await needed(caller)
    clock.move(timedelta(minutes=1))
    await use_up(caller)


async def test_another_callers_solution_is_worth_nothing(slow_app: FastAPI, caller: httpx.AsyncClient):
    await use_up(caller)
    headers = paid(await needed(caller))
    transport = httpx.ASGITransport(slow_app, client=("192.0.2.9", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as other:
        await use_up(other)
        assert (await other.get(REQUEST, headers=headers)).json()["code"] == "work_needed"


async def test_the_neighbours_in_an_ipv6_network_count_as_one(slow_app: FastAPI):
    statuses = []
    for host in ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"):
        transport = httpx.ASGITransport(slow_app, client=(host, 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            statuses.append((await client.get(REQUEST, headers=CODE)).status_code)
    assert statuses == [404, 404, 429, 404]


async def test_a_form_comes_back_with_everything_typed_and_goes_through_with_a_solution(caller: httpx.AsyncClient):
    await use_up(caller)
    answer = await caller.post(FIND, data=TYPED)
    assert (answer.status_code, answer.headers["cache-control"]) == (429, "no-store")
    form = Form(answer.text)
    assert (form.attributes["action"], form.attributes["method"]) == (FIND, "post")
    assert "data-auto" in form.attributes
    assert dict(form.fields) == TYPED
    assert "<b>" not in answer.text
    again = await caller.post(FIND, data=form.solved())
    assert again.status_code not in (429, 500)


async def test_a_page_whose_solution_was_not_taken_does_not_start_again_by_itself(caller: httpx.AsyncClient):
    await use_up(caller)
    answer = await caller.post(FIND, data=TYPED | {"work": "follow.3.1.0.0.0"})
    form = Form(answer.text)
    assert answer.status_code == 429
    assert "data-auto" not in form.attributes
    assert dict(form.fields) == TYPED


async def test_the_page_speaks_both_languages_and_says_how_long_to_wait(caller: httpx.AsyncClient):
    await use_up(caller)
    for language, words in (("zh-CN", "请稍候"), ("en", "One moment, please")):
        answer = await caller.post(FIND, data=TYPED, headers={"accept-language": language})
        assert words in answer.text
        assert answer.headers["retry-after"] in answer.text


async def test_a_form_sent_as_parts_is_carried_too_but_not_with_a_file(caller: httpx.AsyncClient):
    await use_up(caller)
    fields = {name: (None, value) for name, value in TYPED.items()}
    assert dict(Form((await caller.post(FIND, files=fields)).text).fields) == TYPED
    with_file = await caller.post(FIND, files={**fields, "paper": ("a.txt", b"x")})
    assert with_file.status_code == 429
    assert not Form(with_file.text).attributes


async def test_an_account_is_counted_wherever_it_comes_from(slow_app: FastAPI, people: People):
    sme = await people.enterprise()
    statuses = []
    for n in range(10):
        transport = httpx.ASGITransport(slow_app, client=(f"192.0.2.{n}", 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver", cookies=sme.cookies) as client:
            statuses.append((await client.post(FIND, data=TYPED)).status_code)
    assert statuses[:8] == [statuses[0]] * 8
    assert statuses[8:] == [429, 429]
    assert statuses[0] != 429


async def test_what_was_refused_is_in_the_log_by_its_code(caller: httpx.AsyncClient):
    await use_up(caller)
    with capture_logs() as lines:
        await needed(caller)
        await caller.post(FIND, data=TYPED, headers={"sec-fetch-site": "cross-site"})
    refused = [(line["code"], line["status"]) for line in lines if line["event"] == "refused"]
    assert refused == [("work_needed", 429), ("forbidden", 403)]
    assert "ZT-7K3M" not in str([line for line in lines if line["event"] == "refused"])
