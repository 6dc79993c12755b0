"""Reports by mail: kept, ended, and written once when they are due, whoever writes them."""

import asyncio
import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from fastapi import FastAPI

from app.config import BookingSettings
from app.coverage.sources import Sources
from app.jobs import report_views
from app.kit.clock import LOCAL
from app.reports.rules import Every, days_before, following
from app.reports.sending import Reports
from app.reports.service import MOST
from app.slots.rules import Terms
from tests.conftest import Clock
from tests.coverage.conftest import Asker
from tests.support.people import People

PAGE = "/office/reports"
QUESTION = {"service": "MET-MEC-015", "within_km": "15", "within_days": "5", "county": ""}
MONDAY = datetime(2026, 12, 7, 7, 30, tzinfo=LOCAL)
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def reader(asker: Asker) -> Asker:
    await asker.database.fetch("UPDATE person SET email = 'chief@example.com' WHERE id = %s", (asker.who.id,))
    asker.who.browse(asker.client)
    return asker


async def ask(reader: Asker, every: str = "week", view: str = "coverage", **question: str) -> int:
    data = {**QUESTION, **question, "every": every, "view": view}
    answer = await reader.client.post(PAGE, data=data, headers=ENGLISH)
    return answer.status_code


async def come_back(reader: Asker, people: People) -> None:
    """The session of last week has ended."""
    reader.who = await people.sign_in(reader.who.id, strong=True)
    reader.who.browse(reader.client)


def job(app: FastAPI, clock: Clock) -> Reports:
    async def now() -> datetime:
        return clock()

    booking = BookingSettings()
    terms = Terms(booking.step_min, booking.lead_min, booking.horizon_days, booking.hold_min, None)
    database = app.state.database
    return Reports(database, app.state.letterhead, now, lambda: report_views(Sources.anew(database, terms, now)))


@pytest.mark.parametrize(
    ("every", "day", "expected"),
    [
        (Every.WEEK, date(2026, 12, 1), date(2026, 12, 7)),
        (Every.WEEK, date(2026, 12, 7), date(2026, 12, 14)),
        (Every.WEEK, date(2026, 12, 6), date(2026, 12, 7)),
        (Every.DAY, date(2026, 12, 31), date(2027, 1, 1)),
        (Every.MONTH, date(2026, 12, 1), date(2027, 1, 1)),
        (Every.MONTH, date(2027, 1, 31), date(2027, 2, 1)),
    ],
)
def test_a_report_comes_on_the_next_monday_or_first_of_a_month(every: Every, day: date, expected: date):
    assert following(every, day) == expected


@pytest.mark.parametrize(
    ("every", "day", "first", "last"),
    [
        (Every.DAY, date(2026, 12, 1), date(2026, 11, 30), date(2026, 11, 30)),
        (Every.WEEK, date(2026, 12, 7), date(2026, 11, 30), date(2026, 12, 6)),
        (Every.WEEK, date(2026, 12, 9), date(2026, 11, 30), date(2026, 12, 6)),
        (Every.MONTH, date(2027, 1, 1), date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_report_tells_of_the_days_that_are_over(every: Every, day: date, first: date, last: date):
    assert days_before(every, day) == (first, last)


async def test_a_report_is_asked_for_written_when_due_and_ended(
    app: FastAPI, reader: Asker, clock: Clock, people: People
):
    assert await ask(reader) == 303
    assert await ask(reader) == 303  # again: still one
    page = (await reader.client.get(f"{PAGE}?done=kept", headers=ENGLISH)).text
    assert page.count('/end"') == 1
    assert "next on 7 Dec 2026" in page
    reports = job(app, clock)
    assert await reports.look() == 0
    clock.move(MONDAY - timedelta(hours=1))
    assert await reports.look() == 0  # not before seven
    clock.move(MONDAY)
    assert await reports.look() == 1
    assert await reports.look() == 0
    await come_back(reader, people)
    told = await reader.json("/summary", service="MET-MEC-015", within_km=15, within_days=5)
    [(to, subject, body)] = await reader.database.fetch("SELECT recipient, subject, body FROM message", ())
    assert to == "chief@example.com"
    assert "General pressure gauge verification" in subject
    assert f"Within reach: {told['share_within']:.0%} of the demand" in body
    assert "/office/coverage?service=MET-MEC-015&within_km=15&within_days=5" in body
    assert "Nanling County: " in body
    clock.move(MONDAY + timedelta(days=7))
    assert await reports.look() == 1
    await come_back(reader, people)
    [path] = re.findall(rf'action="({PAGE}/[^"]+/end)"', page)
    assert (await reader.client.post(path)).status_code == 303
    assert (await reader.client.post(path)).status_code == 404
    clock.move(MONDAY + timedelta(days=14))
    assert await reports.look() == 0


async def test_two_processes_write_a_report_once(app: FastAPI, reader: Asker, clock: Clock):
    await ask(reader)
    await ask(reader, "month")
    await ask(reader, county="南陵县")
    clock.move(MONDAY)
    written = await asyncio.gather(*(job(app, clock).look() for _ in range(4)))
    assert sum(written) == 2
    assert await reader.database.fetch("SELECT count(*) FROM message", ()) == [(2,)]


async def test_somebody_elses_report_is_neither_seen_nor_ended(reader: Asker, people: People):
    await ask(reader)
    [path] = re.findall(rf'action="({PAGE}/[^"]+/end)"', (await reader.client.get(PAGE)).text)
    (await people.staff("city_admin")).browse(reader.client)
    assert "/end" not in (await reader.client.get(PAGE)).text
    assert (await reader.client.post(path)).status_code == 404
    assert await reader.database.fetch("SELECT person_id FROM mail_report", ()) == [(reader.who.id,)]


async def test_many_at_once_keep_no_more_than_there_may_be(reader: Asker):
    answers = await asyncio.gather(*(ask(reader, within_km=str(n + 1)) for n in range(MOST + 5)))
    assert sorted(answers) == [303] * MOST + [409] * 5


async def test_who_may_no_longer_read_gets_none(app: FastAPI, reader: Asker, clock: Clock):
    await ask(reader)
    clock.move(MONDAY)
    await reader.database.fetch("DELETE FROM role_grant WHERE person_id = %s", (reader.who.id,))
    assert await job(app, clock).look() == 0


async def test_a_question_that_has_lost_its_sense_is_passed_over(
    app: FastAPI, reader: Asker, clock: Clock, people: People
):
    await ask(reader)
    await reader.database.fetch("""UPDATE mail_report SET asked = '{"service": "GONE-1"}'""", ())
    clock.move(MONDAY)
    assert await job(app, clock).look() == 0
    await come_back(reader, people)
    assert "GONE-1" in (await reader.client.get(PAGE)).text
    assert await reader.database.fetch("SELECT next_on FROM mail_report", ()) == [(date(2026, 12, 14),)]


async def test_who_has_no_address_is_led_to_where_one_is_entered(asker: Asker):
    asker.who.browse(asker.client)
    answer = await asker.client.post(PAGE, data={**QUESTION, "every": "week", "view": "coverage"}, headers=ENGLISH)
    assert "Your account has no mail address." in unescape(answer.text)
    assert '<a href="/account/address">' in answer.text


async def test_without_an_address_or_with_a_wrong_question_nothing_is_kept(asker: Asker, people: People):
    asker.who.browse(asker.client)
    assert await ask(asker) == 409
    await asker.database.fetch("UPDATE person SET email = 'chief@example.com' WHERE id = %s", (asker.who.id,))
    assert await ask(asker, within_km="far") == 422
    assert await ask(asker, every="hour") == 422
    empty = unescape((await asker.client.get(PAGE, headers=ENGLISH)).text)
    assert "No report comes by mail" in empty
