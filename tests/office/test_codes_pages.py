"""Credit codes that wait: seen by the staff of the station asked, looked at on record, decided once."""

from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.queries.organisations import accepted_codes
from app.kit.db import Database
from tests.conftest import Clock
from tests.files.samples import PDF
from tests.office.desk import ELSEWHERE, HERE, WRONG_CHECK, actions, case, counted, mails
from tests.support.people import People


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


async def picture(app: FastAPI) -> UUID:
    """A licence as it was handed in."""
    file_id = uuid4()
    await app.state.files.put(file_id, PDF)
    await app.state.database.fetch(
        "INSERT INTO stored_file (id, name, media_type, size, sha256, purpose, owner_kind, owner_id, created_at) "
        "VALUES (%s, '营业执照.pdf', 'application/pdf', %s, decode(repeat('00', 32), 'hex'), 'evidence', 'code', 'x', "
        "now())",
        (file_id, len(PDF)),
    )
    return file_id


async def test_codes_wait_at_the_station_that_was_asked(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    asker = await people.enterprise()
    case_id = await case(database, asker.id, HERE, clock.now)
    (await people.staff("officer", station=HERE)).browse(client)
    assert WRONG_CHECK in (await client.get("/office/codes")).text
    assert ">1</p>" in (await client.get("/office")).text
    (await people.staff("officer", station=ELSEWHERE)).browse(client)
    assert "没有等待核对的代码" in (await client.get("/office/codes")).text
    for path in ("", "/evidence", "/decision"):
        address = f"/office/codes/{case_id}{path}"
        answer = await (
            client.post(address, data={"reason": "x", "decision": "accept"}) if path else client.get(address)
        )
        assert answer.status_code == 404


async def test_an_accepted_code_counts_and_whoever_asked_is_told(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    asker = await people.enterprise()
    case_id = await case(database, asker.id, HERE, clock.now)
    (await people.staff("officer", station=HERE)).browse(client)
    page = await client.get(f"/office/codes/{case_id}")
    assert "第 18 位校验码" in page.text
    assert "s***@example.com" in page.text
    answer = await client.post(
        f"/office/codes/{case_id}/decision", data={"decision": "accept", "reason": "与执照原件一致"}
    )
    assert answer.headers["location"].endswith("?done=accepted")
    [(kind, to, text)] = await mails(database)
    assert (kind, to) == ("code.accepted", f"{asker.username}@example.com")
    assert WRONG_CHECK in text
    assert await actions(database, case_id) == ["code.accepted"]
    async with database.reader() as session:
        assert await accepted_codes(session, WRONG_CHECK)
    again = await client.post(f"/office/codes/{case_id}/decision", data={"decision": "refuse", "reason": "x"})
    assert again.status_code == 409
    assert "与执照原件一致" in (await client.get(f"/office/codes/{case_id}")).text
    assert WRONG_CHECK in (await client.get("/office/codes?state=decided")).text


async def test_a_decision_needs_a_reason(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    case_id = await case(database, (await people.enterprise()).id, HERE, clock.now)
    (await people.staff("officer", station=HERE)).browse(client)
    answer = await client.post(f"/office/codes/{case_id}/decision", data={"decision": "refuse", "reason": " "})
    assert answer.status_code == 422
    assert "请填写理由" in answer.text
    assert await mails(database) == []


async def test_nobody_decides_on_the_own_code(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    officer = await people.staff("officer", station=HERE)
    case_id = await case(database, officer.id, HERE, clock.now)
    officer.browse(client)
    assert "须由其他同事核定" in (await client.get(f"/office/codes/{case_id}")).text
    answer = await client.post(f"/office/codes/{case_id}/decision", data={"decision": "accept", "reason": "x"})
    assert answer.status_code == 403


async def test_looking_at_the_picture_is_on_record_and_it_comes_as_a_file(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock, app: FastAPI
) -> None:
    asker = await people.enterprise()
    case_id = await case(database, asker.id, HERE, clock.now, file_id=await picture(app))
    bare = await case(database, asker.id, HERE, clock.now, uscc="91110000600037342X")
    (await people.staff("officer", station=HERE)).browse(client)
    answer = await client.post(f"/office/codes/{case_id}/evidence")
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert await actions(database, case_id) == ["code.evidence_opened"]
    assert (await client.post(f"/office/codes/{bare}/evidence")).status_code == 404
    assert await actions(database, bare) == []


async def test_an_auditor_looks_and_does_not_decide(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    case_id = await case(database, (await people.enterprise()).id, HERE, clock.now)
    (await people.staff("auditor")).browse(client)
    page = await client.get(f"/office/codes/{case_id}")
    assert page.status_code == 200
    assert "认可该代码" not in page.text
    answer = await client.post(f"/office/codes/{case_id}/decision", data={"decision": "accept", "reason": "x"})
    assert answer.status_code == 403


async def test_cases_are_turned_page_by_page(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.office.pages.codes.PER_PAGE", 2)
    asker = await people.enterprise()
    cases = [await case(database, asker.id, HERE, clock.now, uscc=f"9111000060003734{n}X") for n in range(3)]
    (await people.staff("officer", station=HERE)).browse(client)
    first = (await client.get("/office/codes")).text
    assert [str(each) in first for each in cases] == [True, True, False]
    following = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = (await client.get(following)).text
    assert [str(each) in second for each in cases] == [False, False, True]


async def test_the_list_costs_four_statements_at_most(client: httpx.AsyncClient, people: People, app: FastAPI) -> None:
    (await people.staff("officer", station=HERE)).browse(client)
    await client.get("/office/codes")
    with counted(app) as seen:
        await client.get("/office/codes")
    assert len(seen) <= 4, "\n".join(seen)
