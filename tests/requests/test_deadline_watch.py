"""The watch over deadlines: what is found on which day, who hears of it, once, and not while a clock stands still."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from app.kit.clock import LOCAL
from app.kit.i18n import use_locale
from app.policy.rules import Allowance
from app.policy.rules import Clock as Counts
from app.requests.letters.deadlines import MOST_LINES, due_letter, overdue_letter
from app.requests.rules import begin
from app.requests.rules.watching import AtStation, Due, Running, due_at_stations, watch_of
from app.requests.service import DeadlineWatch
from app.requests.service.watching import RUNNING, STATIONS
from app.stations.rules import Calendar, DayKind, Kind
from tests.conftest import Clock
from tests.requests.booking import Booker
from tests.requests.facts import service, station
from tests.requests.mailing import with_address
from tests.requests.rights import audited
from tests.requests.test_deadlines import CALENDAR
from tests.requests.test_life_api import Life, fault
from tests.support.people import People

pytestmark = pytest.mark.anyio
MONDAY = date(2026, 11, 30)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LOCAL)


def end_of(day: date) -> datetime:
    return datetime.combine(day, datetime.max.time().replace(microsecond=0), LOCAL)


def running(day: date | None, *, n: int = 1, reference: str = "ZT-1", clock: Any = None) -> Running:
    kept = clock or {"clock": "first_answer"}
    return Running(1, reference, n, 1 if n else None, kept, day and end_of(day))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(1, 8, 29), None),
        (at(1, 8, 30), ("2026-11-26", "2026-12-01", "2026-12-02")),
        (at(4), ("2026-12-01", "2026-12-04", "2026-12-07")),  # Friday: the next one is Monday
        (at(5), None),  # Saturday
        (at(1, 9, month=10), None),  # the national holiday
        (at(8, 9, month=10), ("2026-09-28", "2026-10-08", "2026-10-09")),
        (at(10, 9, month=10), ("2026-09-30", "2026-10-10", "2026-10-12")),  # a Saturday that is worked
    ],
)
def test_it_looks_on_the_mornings_of_working_days(moment: datetime, expected: tuple[str, str, str] | None):
    special = {date(2026, 10, day): DayKind(Kind.HOLIDAY, provisional=False) for day in range(1, 8)}
    special[date(2026, 10, 10)] = DayKind(Kind.MAKEUP, provisional=False)
    watch = watch_of(moment, Calendar(special, frozenset({2026})))
    assert (watch and tuple(map(str, (watch.since, watch.today, watch.following)))) == expected


def test_a_line_is_a_request_a_clock_and_a_day():
    watch = watch_of(at(1), CALENDAR)
    assert watch is not None
    complaint = begin(Counts.COMPLAINT, Allowance(1, "network"), at(30, month=11))
    assert complaint is not None
    rows = [
        running(date(2026, 12, 1), n=1),
        running(date(2026, 12, 1), n=2),
        running(date(2026, 12, 1), n=3, clock={"clock": "work"}),
        running(date(2026, 12, 2), reference="ZT-2"),
        running(date(2026, 12, 3), reference="ZT-3"),
        running(MONDAY, reference="ZT-4"),
        running(date(2026, 11, 20), reference="ZT-5"),  # told long ago
        running(None, n=0, reference="ZT-6", clock=complaint.stored()),
        running(None, n=0, reference="ZT-7", clock=complaint.pause(at(30, month=11), CALENDAR).stored()),
    ]
    found = due_at_stations(rows, watch, CALENDAR)[1]
    assert [(due.reference, due.clock.value, due.numbers) for due in found.today] == [
        ("ZT-1", "first_answer", [1, 2]),
        ("ZT-1", "work", [3]),
        ("ZT-6", "complaint", []),
    ]
    assert [due.reference for due in found.following] == ["ZT-2"]
    assert {day: [due.reference for due in dues] for day, dues in found.missed.items()} == {MONDAY: ["ZT-4"]}


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_mails_to_staff_say_what_is_owed_and_name_nobody(locale: str):
    watch = watch_of(at(1), CALENDAR)
    assert watch is not None
    services: Any = {1: service("MET-MEC-015", "压力表检定", "Pressure gauge verification")}
    here = station(1, "东街服务站", "East Street station")
    many = [Due(f"ZT-{n}", Counts.WORK, watch.today, [1, 2], [1]) for n in range(MOST_LINES + 2)]
    with use_locale(locale):
        digest = due_letter(here, AtStation(today=many), watch, services)
        missed = overdue_letter(here, MONDAY, many[:1], services)
    text = "\n".join(digest.paragraphs)
    assert digest.link == "/office/requests?station=WH-JH-01"
    if locale == "en":
        assert digest.subject == "Due today: 42; on Wed 2 Dec: 0 (East Street station)"
        assert "- ZT-0 · Work done · 2 items · Pressure gauge verification\n" in text
        assert text.count("- ZT-") == MOST_LINES
        assert "and 2 more" in text
        assert missed.subject == "1 deadline missed on Mon 30 Nov (East Street station)"
    else:
        assert digest.subject == "今日到期 42 件，12月2日 周三到期 0 件（东街服务站）"
        assert missed.subject == "11月30日 周一有 1 件逾期（东街服务站）"


# --- On the database ----------------------------------------------------------------------------------------------


@pytest.fixture
async def life(booker: Booker, people: People, clock: Clock) -> Life:
    """Sent on Tuesday 1 December: the first answer is due on Thursday."""
    return Life(booker, people, clock, await booker.book())


def watcher(app: FastAPI, clock: Clock) -> DeadlineWatch:
    async def now() -> datetime:
        return clock.now

    return DeadlineWatch(app.state.database, app.state.letterhead, now)


async def staffed(life: Life, app: FastAPI, *roles: str) -> None:
    for role in roles:
        await life.by(role)
        await with_address(app, life.staff[role].id, f"{role}@example.com")


async def told(app: FastAPI) -> list[tuple[str, str]]:
    rows = await app.state.database.fetch(
        "SELECT kind, recipient FROM message WHERE kind LIKE 'station.%%' ORDER BY created_at, kind, recipient", ()
    )
    return [(kind, recipient) for kind, recipient in rows]


async def test_officers_hear_before_and_the_manager_after_each_once_by_two_processes_at_once(
    app: FastAPI, life: Life, clock: Clock
):
    await staffed(life, app, "window", "officer", "manager")
    clock.move(at(1, 10))
    assert await watcher(app, clock).look() == 0  # due on Thursday, and this is Tuesday
    clock.move(at(2))
    both = await asyncio.gather(watcher(app, clock).look(), watcher(app, clock).look())
    assert sorted(both) == [0, 1]
    assert await told(app) == [("station.due", "officer@example.com")]
    clock.move(at(3, 9, 30))
    again = watcher(app, clock)
    assert (await again.look(), await again.look()) == (1, 0)
    clock.move(at(4))
    both = await asyncio.gather(watcher(app, clock).look(), watcher(app, clock).look())
    assert sorted(both) == [0, 1]
    assert (await told(app))[-1] == ("station.overdue", "manager@example.com")
    clock.move(at(7))
    assert await watcher(app, clock).look() == 0
    [entry] = await audited(app, "deadline.escalated")
    assert entry["after"] == {"missed": {"2026-12-03": [life.booked["reference"]]}}
    assert entry["object_id"] == life.booked["appointment"]["station_code"]


async def test_nobody_hears_of_what_stands_still_or_was_answered(app: FastAPI, life: Life, clock: Clock):
    await staffed(life, app, "officer", "manager")
    await life.go(("officer", "return"), **fault())
    clock.move(at(3))
    assert await watcher(app, clock).look() == 0
    clock.move(at(4))
    assert await watcher(app, clock).look() == 0


async def test_without_a_manager_to_be_reached_the_administrators_of_the_county_hear_of_it_then_the_citys(
    app: FastAPI, life: Life, clock: Clock, people: People
):
    city = await people.staff("city_admin")
    await with_address(app, city.id, "city@example.com")
    clock.move(at(4))
    assert await watcher(app, clock).look() == 1
    assert await told(app) == [("station.overdue", "city@example.com")]
    [(county,)] = await app.state.database.fetch(
        "SELECT county_adcode FROM station WHERE code = %s", (life.booked["appointment"]["station_code"],)
    )
    admin = await people.staff("county_admin", county=county)
    await with_address(app, admin.id, "county@example.com")
    await app.state.database.fetch("DELETE FROM message WHERE kind LIKE 'station.%%'", ())
    assert await watcher(app, clock).look() == 1
    assert await told(app) == [("station.overdue", "county@example.com")]


async def test_a_complaint_is_watched_by_its_own_clock(app: FastAPI, life: Life, clock: Clock):
    await staffed(life, app, "officer", "manager")
    await life.go(("officer", "decline"), reason="不在授权范围")
    await life.go(("applicant", "complain"), reason="等了三个小时无人接待")
    clock.move(at(21))  # fifteen working days after the first, a day ahead
    assert await watcher(app, clock).look() == 2
    assert await told(app) == [
        ("station.complaint", "manager@example.com"),
        ("station.due", "manager@example.com"),
        ("station.due", "officer@example.com"),
    ]
    [text, _same] = await app.state.database.fetch("SELECT body FROM message WHERE kind = 'station.due'", ())
    assert f"{life.booked['reference']} · 投诉答复" in text[0]
    clock.move(clock.now + timedelta(days=2))
    await life.go(("manager", "close-complaint"), reason="已致歉", late_reason="")
    assert await watcher(app, clock).look() == 0


MANY_CLOSED = """
    INSERT INTO request SELECT (jsonb_populate_record(request, jsonb_build_object('id', gen_random_uuid(),
        'reservation_id', gen_random_uuid(), 'reference', 'ZT-' || n, 'status', 'archived'))).*
    FROM (SELECT set_config('session_replication_role', 'replica', true)) alone, request, generate_series(1, 3000) n
"""


async def test_what_is_due_is_found_by_the_index_of_the_inbox(app: FastAPI, life: Life):
    """However many requests are filed, what is closed is not read."""
    assert life.booked["status"] == "submitted"
    values = {"first": at(1), "end": at(9), "after": 0, "most": 100, "stations": [1]}
    async with app.state.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        await connection.execute(MANY_CLOSED)
        await connection.execute("ANALYZE request")
        for statement in (STATIONS, RUNNING):
            rows = await (await connection.execute(f"EXPLAIN {statement}", values)).fetchall()
            plan = "\n".join(line for (line,) in rows)
            assert "request_due_idx" in plan
            assert "Seq Scan on request " not in plan
