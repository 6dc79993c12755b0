"""Reminders of due dates: at 60, 30 and 7 days, each once, in one mail a day, whoever writes it; and how they stop."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.furnishing import letterhead
from app.kit.clock import LOCAL
from app.ledger.reminding import MOST_LISTED, DueReminders
from tests.conftest import Clock
from tests.ledger.support import Keeper, gauge, keeper_of
from tests.ledger.test_rebooking import Rebooker
from tests.support.people import People

pytestmark = pytest.mark.anyio
EIGHT = datetime(2026, 12, 1, 8, 10, tzinfo=LOCAL)


def job(app: FastAPI, clock: Clock) -> DueReminders:
    async def now() -> datetime:
        return clock()

    return DueReminders(app.state.database, letterhead(app.state.settings), now)


async def mails(keeper: Keeper) -> Sequence[tuple[Any, ...]]:
    return await keeper.rows("SELECT recipient, subject, body FROM message WHERE kind = 'ledger.due' ORDER BY id")


@pytest.fixture
def morning(clock: Clock) -> Clock:
    clock.move(EIGHT)
    return clock


async def due_in(keeper: Keeper, number: object, days: int) -> dict[str, Any]:
    return await keeper.add(gauge(number, valid_until=(EIGHT + timedelta(days=days)).date().isoformat()))


async def test_each_is_told_of_once_at_each_of_the_three_distances(app: FastAPI, keeper: Keeper, morning: Clock):
    await due_in(keeper, "far", 61)
    told = []
    for day in range(70):
        morning.move(EIGHT + timedelta(days=day))
        for _again in range(2):
            if await job(app, morning).look():
                told.append(day)
    assert told == [1, 31, 54]
    assert len(await mails(keeper)) == 3


async def test_one_mail_lists_all_leads_to_the_booking_and_says_how_to_stop(
    app: FastAPI, keeper: Keeper, morning: Clock
):
    for number, days in (("a", 5), ("b", 20), ("c", 60), ("late", -1), ("never", 90)):
        await due_in(keeper, number, days)
    await keeper.add(gauge("undated", last_cert_date=None))
    assert await job(app, morning).look() == 1
    [(recipient, subject, body)] = await mails(keeper)
    assert recipient == "sme-1@example.com"
    assert subject == "3 台器具即将到期"
    assert [f" · {number}：" in body for number in ("a", "b", "c", "late", "never", "undated")] == [True] * 3 + [
        False
    ] * 3
    assert f"{keeper.pages}?due=60&state=free" in body
    assert f"{keeper.pages}/reminders" in body
    await due_in(keeper, "new", 3)  # one mail a day: this waits for tomorrow
    assert await job(app, morning).look() == 0
    morning.move(EIGHT + timedelta(days=1))
    assert await job(app, morning).look() == 1
    assert " · new：" in (await mails(keeper))[1][2]
    assert " · a：" not in (await mails(keeper))[1][2]


async def test_a_long_list_is_cut_and_says_so(app: FastAPI, keeper: Keeper, morning: Clock):
    for n in range(MOST_LISTED + 2):
        await due_in(keeper, n, 20)
    assert await job(app, morning).look() == 1
    [(_to, _subject, body)] = await mails(keeper)
    assert body.count("\n- ") == MOST_LISTED
    assert "……另有 2 台" in body


async def test_before_eight_nobody_is_woken(app: FastAPI, keeper: Keeper, morning: Clock):
    await due_in(keeper, "a", 5)
    morning.move(EIGHT.replace(hour=7, minute=59))
    assert await job(app, morning).look() == 0


async def test_two_workers_at_once_write_one_mail(app: FastAPI, keeper: Keeper, morning: Clock):
    for n in range(5):
        await due_in(keeper, n, 20)
    written = await asyncio.gather(*(job(app, morning).look() for _worker in range(4)))
    assert sum(written) == 1
    assert len(await mails(keeper)) == 1
    assert await keeper.rows("SELECT count(*) FROM instrument_reminder") == [(5,)]


async def test_everybody_who_wants_is_told_in_their_language(
    app: FastAPI, client: httpx.AsyncClient, people: People, keeper: Keeper, morning: Clock
):
    await due_in(keeper, "a", 5)
    english = await keeper_of(app, client, people, "delegate", organisation_id=keeper.who.organisation_id)
    await keeper.rows("UPDATE person SET language = 'en' WHERE id = %s", english.who.id)
    quiet = await keeper_of(app, client, people, "delegate", organisation_id=keeper.who.organisation_id)
    gone = await keeper_of(app, client, people, "delegate", organisation_id=keeper.who.organisation_id)
    await keeper.rows("UPDATE person SET disabled_at = now() WHERE id = %s", gone.who.id)
    page = f"{quiet.pages}/reminders"
    assert (await quiet.browser().post(page, data={"want": "no"})).status_code == 303
    assert re.search(r'value="no"\s+checked', (await quiet.browser().get(page)).text)
    assert await job(app, morning).look() == 2
    subjects = {recipient: subject for recipient, subject, _body in await mails(keeper)}
    assert sorted(subjects.values()) == ["1 instrument is due soon", "1 台器具即将到期"]
    assert "sme-3@example.com" not in subjects


async def test_an_organisation_in_which_nobody_wants_any_keeps_nobody_waiting(
    app: FastAPI, keeper: Keeper, morning: Clock
):
    await due_in(keeper, "a", 5)
    browser = keeper.browser()
    await browser.post(f"{keeper.pages}/reminders", data={"want": "no"})
    assert await job(app, morning).look() == 0
    assert await keeper.rows("SELECT count(*) FROM instrument_reminder_day") == [(0,)]
    await browser.post(f"{keeper.pages}/reminders", data={"want": "yes"})
    assert await job(app, morning).look() == 1  # nothing was lost


async def test_what_is_booked_or_out_of_use_is_not_reminded_of_until_it_is_cancelled(
    app: FastAPI, keeper: Keeper, clock: Clock
):
    made, retired = await due_in(keeper, "a", 20), await due_in(keeper, "b", 20)
    await keeper.post(f"/{retired['id']}/retire", {"version": 1})
    rebooker = Rebooker(keeper)
    booked = await rebooker.book(made)
    assert await job(app, clock).look() == 0
    await rebooker.booker.cancel(booked)
    assert await job(app, clock).look() == 1
    assert " · a：" in (await mails(keeper))[0][2]


async def test_a_new_certificate_begins_anew(app: FastAPI, keeper: Keeper, morning: Clock):
    made = await due_in(keeper, "a", 5)
    assert await job(app, morning).look() == 1
    later = (EIGHT + timedelta(days=185)).date().isoformat()
    assert (await keeper.change(made, valid_until=later)).status_code == 200
    morning.move(EIGHT + timedelta(days=130))
    assert await job(app, morning).look() == 1


async def test_a_closed_organisation_hears_nothing(app: FastAPI, keeper: Keeper, morning: Clock):
    await due_in(keeper, "a", 5)
    path = f"/organisation/{keeper.who.organisation_id}/close"
    assert (await keeper.browser().post(path, data={"sure": "yes"})).status_code == 303
    assert await job(app, morning).look() == 0


async def test_a_program_stops_them_and_has_them_again_as_the_page_does(
    app: FastAPI, client: httpx.AsyncClient, people: People, keeper: Keeper, morning: Clock
):
    path = f"{keeper.api}/reminders"
    assert (await keeper.get("/reminders")).json() == {"wanted": True, "days": [60, 30, 7]}
    stopped = await client.put(path, json={"wanted": False}, headers=keeper.who.bearer)
    assert (stopped.status_code, stopped.json()["wanted"]) == (200, False)
    wrong = await client.put(path, json={"wanted": "perhaps", "days": 3}, headers=keeper.who.bearer)
    assert {each["field"] for each in wrong.json()["errors"]} == {"wanted", "days"}
    other = await keeper_of(app, client, people, uscc="91340200MA2MQ1XX0X"[:17] + "0", name="别家公司")
    assert (await client.put(path, json={"wanted": False}, headers=other.who.bearer)).status_code == 404
    await due_in(keeper, "a", 5)
    assert await job(app, morning).look() == 0
    again = await client.put(path, json={"wanted": True}, headers=keeper.who.bearer)
    assert again.json()["wanted"]
    morning.move(EIGHT + timedelta(days=1))
    assert await job(app, morning).look() == 1
