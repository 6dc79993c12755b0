"""A demo's past: what it holds is what the portal's own rooms could have written."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.bundles.queries import of_organisation
from app.demo.history import load_history
from app.demo.people import load_people
from app.demo.plant import load_plant
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.ids import access_code
from app.performance import service
from app.reception.rules import BY_ACTION, Standing
from app.requests.rules import TELLS, Action, Party, State, way_of
from app.requests.rules.table import find_step
from app.results.rules import digest_of
from app.stations.snapshot import load_network
from tests.conftest import SECRET, Clock

NOW = datetime(2026, 3, 20, 15, tzinfo=LOCAL)
KEY = SECRET.encode()
DAYS = 9
ACTIONS = {event: action for action, event in TELLS.items()}
STEPS = """
    SELECT event.request_id, event.kind, event.data->>'by' IS NOT NULL, event.at, request.mode, item.inputs,
        request.status, item.service_id
    FROM request_event event JOIN request ON request.id = event.request_id
    JOIN request_item item ON item.request_id = request.id WHERE event.kind <> 'rated'
    ORDER BY event.request_id, event.n
"""
FUTURE = """
    SELECT count(*) FROM (
        SELECT at FROM request_event UNION ALL SELECT at FROM rating UNION ALL SELECT ended_at FROM serving
        UNION ALL SELECT at FROM ticket_event UNION ALL SELECT upper(during) FROM reservation WHERE active
        UNION ALL SELECT at FROM custody_link UNION ALL SELECT at FROM rating_call
        UNION ALL SELECT at FROM rating_answer
    ) times (at) WHERE at > %s
"""


@pytest.fixture
async def past(database: Database) -> Database:
    await load_people(database.url, "a password of the demo")
    assert await load_history(database.url, KEY, NOW, days=DAYS) > 0
    return database


async def test_every_request_has_gone_by_the_table_and_nothing_lies_ahead(past: Database):
    states: dict[Any, State | None] = {}
    kept: dict[Any, str] = {}
    last: dict[Any, datetime] = {}
    network = await load_network(past)
    for request_id, kind, by_station, at, mode, inputs, status, service_id in await past.fetch(STEPS, ()):
        action, before = ACTIONS[kind], states.get(request_id)
        result = bool(network.service_by_id[service_id].result)
        by = Party.STATION if by_station else Party.APPLICANT
        step = find_step(action, before, way_of(mode, inputs), by, booked=True, result=result)
        assert step, (action, before, mode, by)
        states[request_id] = step.leads_from(before or State.SUBMITTED)
        assert at >= last.get(request_id, at), action
        last[request_id], kept[request_id] = at, status
    assert states == kept
    ends = {State.DONE, State.ISSUED, State.ARCHIVED, State.CANCELLED, State.NO_SHOW}
    assert {*ends, State.IN_PROGRESS} <= {*states.values()}
    assert await past.fetch(FUTURE, (NOW,)) == [(0,)]
    assert Action.REROUTE in {
        ACTIONS[kind]
        for (kind,) in await past.fetch("SELECT DISTINCT kind FROM request_event WHERE kind <> 'rated'", ())
    }
    await documents_are_those_of_the_room(past)
    await things_went_by_the_table(past)
    await bad_ratings_were_called_back_and_answered_in_time(past)
    await written_once_and_counted(past)


async def documents_are_those_of_the_room(past: Database) -> None:
    """Numbers without gaps in the order of issue, digests that can be computed again, each told in its timeline."""
    rows = await past.fetch(
        "SELECT station_id, array_agg(place ORDER BY issued_at), (SELECT last FROM document_number number "
        "WHERE number.station_id = issued.station_id) FROM issued_document issued GROUP BY station_id",
        (),
    )
    assert rows
    assert all(places == list(range(1, last + 1)) for _station, places, last in rows)
    some = await past.fetch(
        "SELECT facts, digest, number, (SELECT data->>'number' FROM request_event event WHERE kind = 'issued' "
        "AND event.request_id = issued.request_id) FROM issued_document issued LIMIT 50",
        (),
    )
    assert all(digest_of(facts) == digest and number == told for facts, digest, number, told in some)


async def things_went_by_the_table(past: Database) -> None:
    """Each chain is one that the reception could have written, and the thing stands where its last link left it."""
    rows = await past.fetch(
        "SELECT thing.standing, thing.links, link.action, link.condition, link.taker, link.place, link.words"
        " FROM thing JOIN custody_link link ON link.thing_id = thing.id"
        " ORDER BY thing.id, link.n",
        (),
    )
    assert {standing for standing, *_ in rows} == {"here", "away", "returned"}
    at, left = Standing.LABELLED, 0
    for standing, links, action, condition, taker, place, words in rows:
        left = left or links
        step = BY_ACTION[action]
        given = {"condition": condition, "taker": taker, "place": place, "words": words}
        assert at in step.sources, (at, action)
        assert all(given[name] for name in step.needs), action
        at, left = step.target, left - 1
        if left == 0:
            assert at == standing
            at = Standing.LABELLED


async def bad_ratings_were_called_back_and_answered_in_time(past: Database) -> None:
    answered, open_ones, good = (
        await past.fetch(
            "SELECT count(answer.at), count(*) FILTER (WHERE answer.at IS NULL), count(*) FILTER (WHERE level > 2"
            " AND answer.at IS NOT NULL) FROM rating LEFT JOIN rating_answer answer USING (request_id)",
            (),
        )
    )[0]
    assert (answered > 0, open_ones > 0, good) == (True, True, 0)
    early = (
        "SELECT count(*) FROM rating_answer answer JOIN rating USING (request_id) WHERE answer.at <= rating.at"
        " OR NOT EXISTS (SELECT FROM rating_call call"
        " WHERE call.request_id = answer.request_id AND call.at < answer.at)"
    )
    assert await past.fetch(early, ()) == [(0,)]
    assert (await past.fetch("SELECT count(*) > 0 FROM rating WHERE indicators <> '{}'", ())) == [(True,)]


async def written_once_and_counted(past: Database) -> None:
    """Again nothing is written, nobody is named, and figures are kept of it."""
    assert await load_history(past.url, KEY, NOW, days=DAYS) == 0
    named = (
        "SELECT count(*) FROM request WHERE organisation_name NOT LIKE '演示%%' OR mobile <> '' OR email IS NOT NULL"
    )
    assert await past.fetch(named, ()) == [(0,)]
    network = await load_network(past)
    assert await service.settle(past, network, NOW)
    verdict = await service.verify(past, network, NOW, by="test")
    assert (verdict.differences, verdict.days > DAYS) == ([], True)
    asked = "SELECT outcome = 'routed', sum(n)::int, max(day) < %s FROM question_count GROUP BY 1 ORDER BY 1"
    (unmet, few, before), (routed, many, _) = await past.fetch(asked, (NOW.date(),))
    assert (unmet, routed, before, few < many) == (False, True, True, True)
    stations = await past.fetch("SELECT count(DISTINCT station_id) FROM performance_day WHERE walk_ins > 0", ())
    assert stations > [(60,)]


async def test_the_same_seed_gives_the_same_past(past: Database, private_database: str):
    other = Database(private_database, pool_size=2)
    await other.open()
    await load_people(other.url, "a password of the demo")
    await load_history(other.url, KEY, NOW, days=DAYS)
    same = "SELECT id, reference, status, created_at, changed_at FROM request ORDER BY id"
    assert await past.fetch(same, ()) == await other.fetch(same, ())
    await other.close()


async def test_the_enterprise_has_a_package_half_done(past: Database):
    assert await load_plant(past.url, KEY, NOW) > 0
    assert await load_plant(past.url, KEY, NOW) == 0  # there is one
    network = await load_network(past)
    [(organisation_id,)] = await past.fetch("SELECT organisation_id FROM bundle", ())
    async with past.reader() as session:
        [bundle] = await of_organisation(session, network, organisation_id, 2)
    states = {step.key: step.state for step in bundle.steps}
    assert states["scales"] == "left_out"
    assert {"done", "bookable"} <= {*states.values()}
    assert not bundle.finished


async def test_its_references_and_codes_open_requests(
    app: FastAPI, client: httpx.AsyncClient, past: Database, clock: Clock
):
    clock.move(NOW + timedelta(hours=1))
    rows = await past.fetch("SELECT DISTINCT ON (status) id, reference, status FROM request ORDER BY status, id", ())
    assert rows
    for request_id, reference, status in rows:
        code = {"X-Access-Code": access_code(KEY, request_id)}
        answer = await client.get(f"/api/v1/requests/{reference}", headers=code)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == status
        assert all(step["text_zh"] and step["text_en"] for step in answer.json()["timeline"])
