"""The list of staff: which rows each filter finds, in which order, at which cost."""

from datetime import date, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Select, text
from sqlalchemy.dialects.postgresql.psycopg import dialect

from app.accounts.rules.rights import Scope
from app.inbox import queries
from app.inbox.opening import COUNTING_SOME
from app.inbox.queries import asked_of, first_rows, page_of, statement_of
from app.inbox.rules import Filters, View, states_of
from app.kit.db import WriteSession
from app.stations.snapshot import Network
from tests.booking.visitor import counted
from tests.conftest import Clock
from tests.inbox.many import copies, in_days, more
from tests.requests.booking import Booker, Json, code
from tests.requests.rights import county_of, signed_in_client
from tests.support.people import People

PAST = 3_000
TALKED = """INSERT INTO conversation (request_id, station_id, last_n, unread_n)
    SELECT id, station_id, 1, CASE WHEN status = 'submitted' THEN 1 END FROM request"""


@pytest.fixture
async def rows(app: FastAPI, booker: Booker, clock: Clock) -> dict[str, str]:
    """References by name: one of each kind, all copies of the first."""
    booked = await booker.book()
    now = clock()
    kinds: dict[str, Json] = {
        "late": {"status": "in_progress", "due_at": in_days(now, -2), "organisation_name": "芜湖长江阀门有限公司"},
        "today": {"due_at": in_days(now, 0.2), "organisation_name": "无为羽毛制品有限公司"},
        "soon": {"status": "received", "due_at": in_days(now, 2), "mode": "online"},
        "far": {"status": "received", "due_at": in_days(now, 9), "later": 288 * 40},
        "returned": {"status": "returned", "created_at": in_days(now, -3)},
        "accepted": {"status": "accepted", "created_at": in_days(now, -2)},
        "complained": {"status": "done", "complaint": "open", "created_at": in_days(now, -1)},
        "done": {"status": "done", "created_at": in_days(now, -30), "organisation_name": "繁昌铸造厂"},
    }
    references = await more(app, booked, *kinds.values())
    where = {"station": station_of(booked), "county": await county_of(booker, booked)}
    return {"new": booked["reference"], **dict(zip(kinds, references, strict=True)), **where}


def station_of(booked: Json) -> str:
    return str(booked["appointment"]["station_code"])


def found(page: httpx.Response, rows: dict[str, str]) -> list[str]:
    """The names of the rows of the list, from top to bottom."""
    assert page.status_code == 200, page.text
    places = {page.text.find(f'id="row-{reference}"'): name for name, reference in rows.items()}
    return [places[place] for place in sorted(places) if place >= 0]


LIVE = ["late", "today", "soon", "new", "far", "returned", "accepted", "complained"]


async def test_each_view_and_filter_finds_its_rows_in_their_order(
    app: FastAPI, people: People, booker: Booker, rows: dict[str, str]
):
    expected: dict[str, list[str]] = {
        "": LIVE,
        "view=due": LIVE,
        "view=late": ["late"],
        "view=waiting": ["returned", "accepted"],
        "view=complaints": ["complained"],
        "view=unread": [],
        "view=today": ["new"],
        "state=received": ["soon", "far"],
        "state=returned&state=accepted": ["returned", "accepted"],
        "state=done": ["complained", "done"],
        "due=late": ["late"],
        "due=today": ["today"],
        "due=soon": ["today", "soon", "new"],
        "due=still": ["returned"],
        "due=none": ["accepted", "complained"],
        "mode=online": ["soon"],
        "category=metrology&service=met-mec-015": LIVE,
        "category=testing": [],
        "complaint=1": ["complained"],
        "q=长江阀门&view=late": ["late"],
        "q=羽毛": ["today"],
        "q=繁昌": [],
        "q=繁昌&view=all": ["done"],
        f"q={rows['done'].lower()}&view=late": ["done"],
        "from=2027-01-01&to=2027-03-01": ["far"],
        "view=all&from=2027-03-01&to=2027-01-01": ["far"],
        f"county={rows['county']}&view=late": ["late"],
        "county=340281&view=late": [],
        f"station={rows['station'].lower()}&view=late": ["late"],
    }
    async with signed_in_client(app, await people.staff("officer", station=rows["station"])) as officer:
        for query, names in expected.items():
            page = await officer.get("/office/requests", params=dict_of(query))
            assert found(page, rows) == names, query


def dict_of(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query)


async def test_what_cannot_be_read_is_said_at_its_field(app: FastAPI, people: People, rows: dict[str, str]):
    async with signed_in_client(app, await people.staff("officer", station=rows["station"])) as officer:
        officer.headers["Accept-Language"] = "en"
        query = {"from": "2026-02-30", "station": "XX-1", "service": "NO-SUCH", "county": "1"}
        page = await officer.get("/office/requests", params=query)
        assert page.status_code == 422
        for field in ("from", "station", "service", "county"):
            assert f'href="#f-{field}"' in page.text, field
        assert "There is no station with the code XX-1." in page.text
        assert (await officer.get("/office/requests?cursor=x")).status_code == 422


async def test_a_message_is_unread_until_somebody_has_looked(
    app: FastAPI, people: People, booker: Booker, rows: dict[str, str]
):
    booked = await booker.book()
    reference, path = booked["reference"], f"{booked['links']['self']}/messages"
    for sentence in ("几点开门？", "需要带证书吗？"):
        assert (await booker.client.post(path, json={"text": sentence}, headers=code(booked))).status_code == 201
    own = {"mine": reference, **rows}
    async with signed_in_client(app, await people.staff("officer", station=station_of(booked))) as officer:
        page = await officer.get("/office/requests?view=unread")
        assert found(page, own) == ["mine"]
        assert f'href="/office/requests/{reference}#messages"' in page.text
        assert found(await officer.get("/office/requests?unread=1"), own) == ["mine"]
        await officer.post(f"/office/requests/{reference}/messages", data={"text": "八点半。"})
        assert found(await officer.get("/office/requests?view=unread"), own) == ["mine"], "to answer is not to read"
        await officer.get(f"/office/requests/{reference}")
        assert found(await officer.get("/office/requests?view=unread"), own) == []


async def test_others_stations_are_not_listed_nor_opened_nor_counted(
    app: FastAPI, people: People, booker: Booker, rows: dict[str, str]
):
    elsewhere = next(each for each in await booker.designated() if each != rows["station"])
    async with signed_in_client(app, await people.staff("officer", station=elsewhere)) as other:
        for query in ("", "?view=all", f"?q={rows['done']}", f"?view=all&station={rows['station']}"):
            assert found(await other.get(f"/office/requests{query}"), rows) == []
        page = await other.get(f"/office/requests?open={rows['late']}")
        assert 'id="request-part"' not in page.text
        assert '<span class="views__count num">0</span>' in page.text
    async with signed_in_client(app, await people.staff("officer", station=rows["station"])) as officer:
        page = await officer.get(f"/office/requests?view=late&open={rows['late']}")
        assert 'id="request-part"' in page.text
        assert found(page, rows) == ["late"]


async def test_pages_follow_one_another_without_gaps(app: FastAPI, people: People, booker: Booker, clock: Clock):
    booked = await booker.book()
    dues = [in_days(clock(), n // 3) if n % 4 else None for n in range(120)]
    every = await more(app, booked, *({"status": "received", "due_at": due} for due in dues))
    day = booked["appointment"]["start"][:10]
    async with signed_in_client(app, await people.staff("officer", station=station_of(booked))) as officer:
        for query in ("state=received", "view=all&state=received", f"view=all&state=received&from={day}&to={day}"):
            seen = await walked(officer, f"/office/requests?{query}")
            assert len(seen) == 120, query
            assert set(seen) == set(every)


async def walked(officer: httpx.AsyncClient, address: str) -> list[str]:
    """The references of all pages of a list, from the first on."""
    seen: list[str] = []
    while address:
        page = await officer.get(address)
        seen += [part.split('"')[0] for part in page.text.split('id="row-')[1:]]
        _before, follows, after = page.text.partition('rel="next" href="')
        address = after.split('"')[0].replace("&amp;", "&") if follows else ""
    return seen


async def test_a_page_costs_the_same_however_many_rows_it_has(
    app: FastAPI, people: People, booker: Booker, rows: dict[str, str], clock: Clock
):
    booked = {"reference": rows["new"]}
    async with signed_in_client(app, await people.staff("officer", station=rows["station"])) as officer:
        await officer.get("/office/requests")
        with counted(app) as few:
            await officer.get("/office/requests")
        await more(app, booked, *({"status": "done"} for _n in range(200)), *({} for _n in range(100)))
        for query in ("", "?view=all", "?view=today", "?view=unread", "?view=late&mode=online"):
            with counted(app) as many:
                await officer.get(f"/office/requests{query}")
            assert len(looks(many)) == len(looks(few)) == 3, query
        with counted(app) as searched:
            await officer.get("/office/requests?view=all&q=x")
        assert len(looks(searched)) == 4


def looks(statements: list[str]) -> list[str]:
    """Without those at the version, which is looked at now and then."""
    return [statement for statement in statements if "network_state" not in statement]


async def test_the_history_is_searched_a_window_at_a_time(
    *, app: FastAPI, people: People, rows: dict[str, str], monkeypatch: pytest.MonkeyPatch, clock: Clock
):
    monkeypatch.setattr(queries, "WINDOW", 20)
    past = [{"status": "done", "created_at": in_days(clock(), -1 - n)} for n in range(60)]
    await more(
        app, {"reference": rows["new"]}, *past, {"created_at": in_days(clock(), -90), "organisation_name": "旧厂"}
    )
    async with signed_in_client(app, await people.staff("officer", station=rows["station"])) as officer:
        address, pages = "/office/requests?view=all&q=旧厂", 0
        while "旧厂</td>" not in (page := await officer.get(address)).text:
            address = page.text.partition('rel="next" href="')[2].split('"')[0].replace("&amp;", "&")
            pages += 1
            assert pages < 6
        assert pages == 3


PLANS = {
    "due": (Filters(), "request_due_idx"),
    "late": (Filters(View.LATE), "request_due_idx"),
    "complaints": (Filters(View.COMPLAINTS), "request_due_idx"),
    "today": (Filters(View.TODAY), "reservation_free_time_idx"),
    "days": (Filters(View.ALL, first=date(2027, 1, 4)), "reservation_cancelled_idx"),
    "all": (Filters(View.ALL), "request_station_idx"),
    "done": (Filters(states=states_of(["archived"])), "request_station_idx"),
    "unread": (Filters(View.UNREAD), "conversation_unread_idx"),
    "reference": (Filters(text="ZT-7K3M-9QXD-J"), "request_reference_key"),
}


async def test_every_list_is_read_by_its_index_however_long_the_history(
    booker: Booker, network: Network, session: WriteSession, clock: Clock
):
    booked = await booker.book()
    station = network.stations[network.station_index[station_of(booked)]]
    past = [{"status": "archived", "created_at": in_days(clock(), -n / 9), "later": n} for n in range(PAST)]
    await copies(session, booked, past)
    elsewhere = await booker.hold(next(each for each in await booker.designated() if each != station.code))
    await copies(session, (await booker.send(await booker.filled_in(elsewhere))).json(), past * 2)
    await session.execute(text(TALKED))
    for table in ("request", "reservation", "conversation"):
        await session.execute(text(f"ANALYZE {table}"))
    for name, (filters, index) in PLANS.items():
        asked = asked_of(network, Scope(station_ids=frozenset({station.id})), filters, clock())
        plan = await plan_of(session, statement_of(asked).limit(51))
        assert index in plan, f"{name}:\n{plan}"
        assert "Seq Scan on request" not in plan, f"{name}:\n{plan}"
    values = {"now": clock(), "first": 0, "last": 288, "stations": [station.id], "person": None, "places": []}
    connection = await session.connection()
    plan = "\n".join((await connection.exec_driver_sql(f"EXPLAIN {COUNTING_SOME}", values)).scalars())
    for index in ("request_due_idx", "reservation_free_time_idx", "conversation_unread_idx"):
        assert index in plan, plan
    for one_station in (True, False):
        first = f"EXPLAIN {first_rows(one_station)}"
        bare = await connection.exec_driver_sql(first, values | {"station": station.id, "most": 26})
        plan = "\n".join(bare.scalars())
        assert "request_due_idx" in plan, plan
        assert not (one_station and "Sort" in plan), plan
    whole = asked_of(network, Scope(everything=True), Filters(View.ALL), clock())
    assert "request_created_idx" in await plan_of(session, statement_of(whole).limit(51))
    found = await page_of(session, network, whole, limit=50)
    assert len(found.rows) == 50
    assert found.rows[0].created_at - found.rows[-1].created_at < timedelta(days=8)


async def plan_of(session: WriteSession, statement: Select[*tuple[object, ...]]) -> str:
    written = statement.compile(dialect=dialect(), compile_kwargs={"literal_binds": True})
    escaped = str(written).replace(":", r"\:")
    return "\n".join((await session.scalars(text(f"EXPLAIN {escaped}"))).all())
