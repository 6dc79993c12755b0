"""What the counter reads: by which index, by how many statements, and the waits that come of it."""

import re
from datetime import datetime, timedelta

from fastapi import FastAPI

from app.hall import ending
from app.hall.statements import BOARD, CALL_NEXT, CALLED, EXPECTED, LEARNT, ONE, TRACE
from app.hall.turns import NEAR
from app.hall.waits import Counters
from app.kit.clock import LOCAL, local_date
from app.kit.db import WriteSession
from app.kit.ids import new_id
from tests.booking.visitor import counted
from tests.conftest import Clock
from tests.hall.conftest import Hall
from tests.requests.booking import Booker

PAST = """
INSERT INTO hall_day (station_id, day, last_number) SELECT %(station)s, day::date, 200
FROM generate_series('2026-06-01'::date, '2026-11-30', '1 day') day;
"""
TICKETS = """
INSERT INTO ticket (id, station_id, day, number, letter, kind, state, priority, service_ids, open_ids, wants,
    first_from, rank_at, language, issued_at, ended_at)
SELECT gen_random_uuid(), station_id, day, n, 'A', 'walk_in', 'done', 'none', ARRAY[%(service)s::int4], '{}', 0,
    day, day, 'zh-CN', day, day + interval '9 hours'
FROM hall_day, generate_series(1, 100) n WHERE station_id = %(station)s AND day < '2026-12-01'
"""
SERVINGS = """
INSERT INTO serving (ticket_id, station_id, n, desk_id, service_ids, started_at, ended_at)
SELECT id, station_id, 1, %(desk)s, service_ids, day + interval '9 hours', day + interval '9 hours 30 minutes'
FROM ticket WHERE station_id = %(station)s AND state = 'done'
"""

BESIDE = re.compile("network_state|INTO forecast")  # asked for together with others, and written behind


async def test_no_statement_reads_the_days_before(hall: Hall, session: WriteSession, clock: Clock):
    connection = await session.connection()
    station, desk = hall.station.id, hall.station.desks[0].id
    service = hall.network.services[hall.network.service_index[hall.services[0]]].id
    values = {"station": station, "service": service, "desk": desk}
    for statement in (PAST, TICKETS, SERVINGS, "ANALYZE ticket", "ANALYZE serving"):
        await connection.exec_driver_sql(statement, values if "%(" in statement else None)
    day = local_date(clock())
    morning = datetime(day.year, day.month, day.day, tzinfo=LOCAL)
    asked = {
        "id": new_id(),
        "station_id": station,
        "desk_id": desk,
        "person_id": new_id(),
        "day": day,
        "morning": morning,
        "now": clock(),
        "topic": "hall:1",
        "ended_after": clock() - timedelta(hours=1),
        "from": 0,
        "to": 100,
        "hour_ago": clock() - timedelta(hours=1),
        "since": clock() - timedelta(days=2),
        "most": 6,
        "stations": None,
    }
    for name, statement, index in (
        ("call next", CALL_NEXT, "ticket_queue_idx"),
        ("board", BOARD, "ticket_station_id_day_number_key"),
        ("trace", TRACE, "ticket_station_id_day_number_key"),
        ("one", ONE, "ticket_pkey"),
        ("expected", EXPECTED, "reservation_free_time_idx"),
        ("learnt", LEARNT, "serving_learnt_idx"),
        ("called", CALLED, "ticket_station_id_day_number_key"),
        ("near", NEAR, "ticket_queue_idx"),
        ("ended", ending.TICKETS, "ticket_here_idx"),
    ):
        plan = "\n".join((await connection.exec_driver_sql(f"EXPLAIN {statement}", asked)).scalars())
        assert index in plan, f"{name}:\n{plan}"
        assert "Seq Scan on ticket" not in plan, f"{name}:\n{plan}"


async def test_a_board_costs_the_same_however_many_wait(hall: Hall, app: FastAPI):
    await hall.sit(hall.desk_for(hall.services[0]))
    await hall.issue()
    who = await hall.by(hall.desks[0])
    path = f"/api/v1/desk/{hall.station.code}/board"
    for more in (0, 12):
        for _n in range(more):
            await hall.issue()
        await hall.client.get(path, headers={**who.bearer})
        with counted(app) as statements:
            board = await hall.client.get(path, headers={**who.bearer})
        assert len(board.json()["waiting"]) == (14 if more else 1)
        looks = [each for each in statements if not BESIDE.search(each)]
        assert len(looks) == 2, looks  # who asks, and whether anything has changed
        await hall.issue()
        with counted(app) as statements:
            await hall.client.get(path, headers={**who.bearer})
        assert len([each for each in statements if not BESIDE.search(each)]) == 5, statements


async def test_the_longer_the_queue_the_longer_the_wait_and_none_where_nobody_sits(hall: Hall):
    service = hall.services[0]
    for _n in range(5):
        await hall.issue(service)
    alone = (await hall.board())["waiting"]
    assert {each["wait_p50_min"] for each in alone} == {None}
    await hall.sit(hall.desk_for(service))
    waiting = (await hall.board())["waiting"]
    likely = [each["wait_p50_min"] for each in waiting]
    assert likely == sorted(likely)
    assert likely[-1] > likely[0]
    assert all(each["wait_p50_min"] <= each["wait_p90_min"] for each in waiting)


async def test_what_the_days_before_taught_counts(hall: Hall, app: FastAPI):
    service = hall.services[0]
    facts = hall.network.services[hall.network.service_index[service]]
    desk = next(desk for desk in hall.station.desks if desk.code == hall.desk_for(service))
    values = {"station": hall.station.id, "service": facts.id, "desk": desk.id}
    await hall.sit(desk.code)
    for _n in range(6):
        await hall.issue(service)
    before = (await hall.board())["waiting"][-1]["wait_p50_min"]
    for statement in (PAST, TICKETS, SERVINGS.replace("30 minutes", "1 minute")):
        await app.state.database.fetch(statement, values)  # everybody was served within a minute
    app.state.counters = Counters(app.state.database)
    after = (await hall.board())["waiting"][-1]["wait_p50_min"]
    assert after < before / 2


async def test_who_has_booked_is_expected(hall: Hall, booker: Booker, app: FastAPI, clock: Clock):
    booked = await booker.book()
    code = booked["appointment"]["station_code"]
    hall.station = hall.network.stations[hall.network.station_index[code]]
    clock.move(datetime.fromisoformat(booked["appointment"]["start"]) - timedelta(minutes=10))
    service = booked["items"][0]["service_code"]
    await hall.sit(hall.desk_for(service))
    await hall.issue(service)
    await hall.issue(service)
    standing = await app.state.counters.of(hall.station, hall.network, clock())
    assert all(standing.waits.values())
    [(starts, _ids, _n), (_s, _i, walk_ins)] = await app.state.database.fetch(
        EXPECTED,
        {
            "station_id": hall.station.id,
            "day": local_date(clock()),
            "from": 0,
            "to": 2**31 - 1,
            "hour_ago": clock() - timedelta(hours=1),
        },
    )
    assert starts * 300 == datetime.fromisoformat(booked["appointment"]["start"]).timestamp()
    assert walk_ins == 2


async def test_the_board_is_of_now_whoever_has_changed_it_and_whatever_time_has_done(hall: Hall, clock: Clock):
    """A process that keeps a board asks the database each time whether it stands."""
    service = hall.services[0]
    desk = hall.desk_for(service)
    early = await hall.issue(service)
    assert len((await hall.board())["waiting"]) == 1
    await hall.sit(desk)
    assert [seat["desk"] for seat in (await hall.board())["desks"]] == [desk]
    await hall.post(f"/desk/{hall.station.code}/sessions/{desk}/break", desk=desk)
    assert (await hall.board())["desks"][0]["break_since"] is not None
    await hall.post(f"/desk/{hall.station.code}/sessions/{desk}/break", desk=desk)
    clock.move(timedelta(minutes=39))
    late = await hall.issue(service, priority="elderly")
    clock.move(timedelta(seconds=50))
    assert [each["number"] for each in (await hall.board())["waiting"]] == [early["number"], late["number"]]
    await hall.step(early, "leave")
    board = await hall.board()
    assert [each["number"] for each in board["waiting"]] == [late["number"]]
    assert [each["number"] for each in board["done"]] == [early["number"]]
    clock.move(timedelta(minutes=61))
    assert (await hall.board())["done"] == []
