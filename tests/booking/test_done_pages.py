"""The confirmation: all that the visit needs, for the browser that has booked."""

import re

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event

from app.kit.db import Database
from tests.booking.filled import Booking, booking
from tests.conftest import Clock

pytestmark = pytest.mark.anyio
ENGLISH = {"Accept-Language": "en"}


async def sent(app: FastAPI, client: httpx.AsyncClient, clock: Clock) -> Booking:
    made = await booking(app, client, clock)
    await made.details(items__0__inputs__last_cert_no="WJ-2025-0042")
    assert (await made.post("send")).headers["location"] == made.path("done")
    return made


async def test_reference_code_time_place_and_what_to_bring_are_there(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await sent(app, client, clock)
    page = (await draft.get("done", headers=ENGLISH)).text
    reference = (await draft.data()).reference or ""
    code = re.search(r'booked__code">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)
    assert code
    for shown in (reference, "Tuesday 1 December 2026", "10:00", "安徽省芜湖市", "压力表", "A-17", "WJ-2025-0042"):
        assert shown in page
    opened = await client.get(f"/api/v1/requests/{reference}", headers={"X-Access-Code": code[1]})
    assert opened.status_code == 200


async def test_the_first_answer_is_promised_by_a_working_day(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    page = (await (await sent(app, client, clock)).get("done", headers=ENGLISH)).text
    assert "Thursday 3 December 2026" in page


async def test_the_qr_code_holds_no_access_code_and_no_style(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    page = (await (await sent(app, client, clock)).get("done")).text
    assert page.count("<svg viewBox") == 1
    assert "style=" not in page


async def test_the_calendar_file_is_for_the_browser_that_has_booked(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await sent(app, client, clock)
    answer = await draft.get("calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "BEGIN:VEVENT" in answer.text
    client.cookies.clear()
    assert (await draft.get("calendar.ics")).status_code == 404
    assert (await draft.get("done")).status_code == 404


async def test_every_earlier_page_leads_to_the_confirmation(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await sent(app, client, clock)
    for page in ("what", "where", "when", "details", "check"):
        assert (await draft.get(page)).headers["location"] == draft.path("done")
    assert (await draft.details()).status_code == 303
    assert (await draft.post("send")).headers["location"] == draft.path("done")


async def test_before_sending_there_is_nothing_to_confirm(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock)
    assert (await draft.get("done")).headers["location"] == draft.path("details")
    assert (await draft.get("calendar.ics")).headers["location"] == draft.path("details")


class Counted:
    """Statements that the application sends, by session and by the bare pool."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        event.listen(database.engine.sync_engine, "before_cursor_execute", self._by_session)
        bare = database.fetch

        async def fetch(statement: str, params: tuple[object, ...]) -> list[tuple[object, ...]]:
            self.statements.append(statement)
            return await bare(statement, params)  # type: ignore[arg-type]  # the same call

        monkeypatch.setattr(database, "fetch", fetch)

    def _by_session(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        self.statements.append(statement)


@pytest.mark.parametrize(("page", "most"), [("details", 4), ("check", 4), ("done", 7)])
async def test_pages_have_few_statements(
    *, app: FastAPI, client: httpx.AsyncClient, clock: Clock, monkeypatch: pytest.MonkeyPatch, page: str, most: int
):
    draft = await booking(app, client, clock)
    await draft.details()
    if page == "done":
        await draft.post("send")
    await draft.get(page)  # the network is in memory now
    counted = Counted(app.state.database, monkeypatch)
    assert (await draft.get(page)).status_code == 200
    assert len(counted.statements) <= most, counted.statements
