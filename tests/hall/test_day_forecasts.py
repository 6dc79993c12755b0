"""What was forecast first is written down without touching the ticket, and held against what became of it."""

from datetime import date, datetime, timedelta

from fastapi import FastAPI

from app.hall.day.calibration import FEW, held_by_day, together
from app.hall.rules.forecast import share_under
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.ids import new_id
from tests.conftest import Clock
from tests.hall.conftest import STATION, Hall
from tests.hall.test_board_pages import Clerk
from tests.hall.test_simulated_day import days
from tests.support.people import People

TICKET = """
INSERT INTO ticket (id, station_id, day, number, letter, kind, state, priority, service_ids, open_ids, wants,
    first_from, rank_at, language, issued_at, ended_at, events)
SELECT t.id, %(station)s, t.day, t.number, 'A', 'walk_in', 'done', 'none', ARRAY[%(service)s::int4], '{}', 0, t.came,
    t.came, 'zh-CN', t.came, t.called, 2
FROM unnest(%(ids)s::uuid[], %(days)s::date[], %(numbers)s::int4[], %(came)s::timestamptz[], %(called)s::timestamptz[])
    AS t (id, day, number, came, called)
"""
DAYS = "INSERT INTO hall_day (station_id, day) SELECT DISTINCT %(station)s::int4, unnest(%(days)s::date[])"
EVENTS = """
INSERT INTO ticket_event (ticket_id, station_id, n, at, action, state)
SELECT id, %(station)s, 1, came, 'issue', 'waiting' FROM unnest(%(ids)s::uuid[], %(came)s::timestamptz[]) t (id, came)
UNION ALL
SELECT id, %(station)s, 2, at, 'call', 'called' FROM unnest(%(ids)s::uuid[], %(called)s::timestamptz[]) t (id, at)
"""
FORECASTS = """
INSERT INTO forecast (ticket_id, station_id, made_at, p50_min, p90_min)
SELECT id, %(station)s, at, p50, p90
FROM unnest(%(ids)s::uuid[], %(came)s::timestamptz[], %(p50)s::float4[], %(p90)s::float4[]) t (id, at, p50, p90)
"""


async def rows(app: FastAPI) -> list[tuple[object, ...]]:
    await app.state.counters.ended()
    found: list[tuple[object, ...]] = await app.state.database.fetch(
        "SELECT ticket_id::text, made_at, p50_min, p90_min FROM forecast ORDER BY made_at, ticket_id", ()
    )
    return found


async def test_a_forecast_is_kept_as_it_was_first_shown(hall: Hall, app: FastAPI, clock: Clock):
    desk = hall.desk_for(hall.services[0])
    first = await hall.issue()
    await hall.board()
    assert await rows(app) == []  # no desk is there: nothing was told
    await hall.sit(desk)
    await hall.board()
    [told] = await rows(app)
    assert told[:2] == (first["ticket_id"], clock())
    clock.move(timedelta(minutes=5))
    second = await hall.issue()
    await hall.board()
    again = await rows(app)
    assert again[0] == told
    assert [row[0] for row in again[1:]] == [second["ticket_id"]]
    assert again[1][3] > again[1][2] > 0
    # Whoever was called and comes back to the queue isn't told for the first time.
    await hall.next(desk)
    await app.state.database.fetch("DELETE FROM forecast", ())
    app.state.counters = type(app.state.counters)(app.state.database)
    await hall.step(first, "requeue", desk=desk)
    await hall.board()
    assert [row[0] for row in await rows(app)] == [second["ticket_id"]]


async def test_the_board_marks_who_waits_longer_than_told(hall: Hall, people: People, app: FastAPI, clock: Clock):
    """One desk, at which somebody stays for half an hour; the second one was told less."""
    desk = hall.desk_for(hall.services[0])
    clerk = Clerk(hall, await people.staff("window", station=STATION))
    await hall.sit(desk)
    await hall.issue()
    await hall.board()
    await app.state.counters.ended()
    [told] = await rows(app)
    assert "Longer than told" not in (await clerk.get()).text
    clock.move(timedelta(minutes=float(str(told[3])) + 0.5))
    assert "Longer than told" in (await clerk.get()).text


async def simulated(database: Database, hall: Hall, last: date) -> list[tuple[object, float]]:
    """Eight days of a busy station as rows, the last of them on that date; the forecasts with what they became."""
    told = [(last - timedelta(days=n), ticket) for n, day in enumerate(days()) for ticket in day.tickets if ticket.wait]
    opens = [datetime.combine(day, datetime.min.time(), LOCAL) + timedelta(hours=8.5) for day, _ticket in told]
    values = {
        "station": hall.station.id,
        "service": hall.network.services[0].id,
        "ids": [new_id() for _each in told],
        "days": [day for day, _ticket in told],
        "numbers": [ticket.number for _day, ticket in told],
        "came": [start + timedelta(minutes=t.came) for start, (_day, t) in zip(opens, told, strict=True)],
        "called": [start + timedelta(minutes=t.calls[0].at) for start, (_day, t) in zip(opens, told, strict=True)],
        "p50": [ticket.wait.p50_min for _day, ticket in told],
        "p90": [ticket.wait.p90_min for _day, ticket in told],
    }
    for statement in (DAYS, TICKET, EVENTS, FORECASTS):
        await database.fetch(statement, values)
    return [(ticket.wait, ticket.waited) for _day, ticket in told]


async def test_simulated_days_are_held_as_the_rule_counts_them_and_shown_to_managers(
    hall: Hall, people: People, app: FastAPI, clock: Clock
):
    manager = Clerk(hall, await people.staff("manager", station=STATION))
    assert "Nobody was told a wait in the past 30 days" in (await manager.get("/day")).text
    told = await simulated(app.state.database, hall, date(2026, 11, 30))
    by_day = await held_by_day(app.state.database, hall.station, clock().date())
    held = together(by_day.values())
    assert list(by_day) == sorted(by_day, reverse=True)
    assert held.p90_share == share_under(told)
    assert held.p50_share == share_under(told, p90=False)
    assert held.count > 150 > FEW
    assert 0.80 <= held.p90_share <= 0.97
    html = (await manager.get("/day")).text
    assert f"{held.p90_share:.0%}" in html
    assert "say little yet" not in html
    clerk = Clerk(hall, await people.staff("window", station=STATION))
    assert "Have the forecasts held?" not in (await clerk.get("/day")).text
    # Today doesn't count until it is over, and what is older than thirty days no more.
    assert await held_by_day(app.state.database, hall.station, date(2026, 11, 23)) == {}
    assert await held_by_day(app.state.database, hall.station, date(2027, 1, 5)) == {}
    assert together([]).p90_share is None
