"""Enterprise accounts: looked at masked, changed by the city's administrators on evidence only."""

import httpx
import pytest
from fastapi import FastAPI

from app.kit.db import Database
from tests.office.desk import HERE, WRONG_CHECK, actions, counted, mails
from tests.support.people import USCC, People

REASON = {"reason": "核验执照原件与授权书"}


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


async def members(database: Database, organisation_id: object) -> list[tuple[str, str]]:
    found = await database.fetch(
        "SELECT person.username, role FROM membership JOIN person ON person.id = person_id "
        "WHERE organisation_id = %s ORDER BY person.created_at, person.id",
        (organisation_id,),
    )
    return [(name, role) for name, role in found]


async def test_people_of_an_organisation_are_masked(client: httpx.AsyncClient, people: People) -> None:
    owner = await people.enterprise()
    (await people.staff("auditor")).browse(client)
    listed = await client.get("/office/organisations?q=长江")
    assert USCC in listed.text
    page = (await client.get(f"/office/organisations/{owner.organisation_id}")).text
    assert "s***@example.com" in page
    assert "测**" in page
    assert f"{owner.username}@example.com" not in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("role", ["window", "officer", "manager"])
async def test_stations_see_no_organisations(client: httpx.AsyncClient, people: People, role: str) -> None:
    owner = await people.enterprise()
    (await people.staff(role, station=HERE)).browse(client)
    assert (await client.get("/office/organisations")).status_code == 403
    assert (await client.get(f"/office/organisations/{owner.organisation_id}")).status_code == 403


async def test_whom_the_account_belongs_to_becomes_owner_and_the_other_a_delegate(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    taker = await people.enterprise()
    rightful = await people.enterprise(uscc="91340200MA2N00001A")
    (await people.staff("city_admin")).browse(client)
    address = f"/office/organisations/{taker.organisation_id}"
    form = {"email": f"{rightful.username}@example.com", "alone": "true"} | REASON
    answer = await client.post(f"{address}/owner", data=form)
    assert answer.headers["location"].endswith("?done=owner")
    assert await members(database, taker.organisation_id) == [
        (taker.username, "delegate"),
        (rightful.username, "owner"),
    ]
    assert await actions(database, taker.organisation_id) == ["organisation.owner_appointed"]
    assert (await client.get("/api/v1/people", headers=taker.bearer)).status_code == 401
    again = await client.post(f"{address}/owner", data=form)
    assert again.status_code == 422
    assert "已是该单位的负责人" in again.text


async def test_who_has_no_account_is_invited_to_be_an_owner(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    taker = await people.enterprise()
    (await people.staff("city_admin")).browse(client)
    form = {"email": "Boss@Example.com"} | REASON
    answer = await client.post(f"/office/organisations/{taker.organisation_id}/owner", data=form)
    assert answer.headers["location"].endswith("?done=owner_invited")
    [(kind, to, _text)] = await mails(database)
    assert (kind, to) == ("organisation.invitation", "boss@example.com")
    assert await database.fetch("SELECT role, organisation_id FROM mail_token", ()) == [
        ("owner", taker.organisation_id)
    ]


@pytest.mark.parametrize(
    ("uscc", "sentence"),
    [("9111", "18"), ("91110000600O37341L", "第"), ("", "请填写统一社会信用代码"), ("91110000600037342L", "")],
)
async def test_a_code_is_corrected_on_evidence(
    client: httpx.AsyncClient, people: People, database: Database, uscc: str, sentence: str
) -> None:
    owner = await people.enterprise()
    (await people.staff("city_admin")).browse(client)
    answer = await client.post(f"/office/organisations/{owner.organisation_id}/code", data={"uscc": uscc} | REASON)
    assert answer.status_code == (422 if sentence else 303)
    if sentence:
        assert sentence in answer.text
    else:
        assert await database.fetch("SELECT uscc FROM organisation", ()) == [(uscc,)]
        assert await actions(database, owner.organisation_id) == ["organisation.code_corrected"]


async def test_a_code_of_another_organisation_is_not_given(client: httpx.AsyncClient, people: People) -> None:
    owner = await people.enterprise()
    await people.enterprise(uscc=WRONG_CHECK)
    (await people.staff("city_admin")).browse(client)
    form = {"uscc": WRONG_CHECK} | REASON
    answer = await client.post(f"/office/organisations/{owner.organisation_id}/code", data=form)
    assert answer.status_code == 422
    assert "已被其他单位账户使用" in answer.text


async def test_a_closed_organisation_has_nobody_and_stays_to_be_read(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    owner = await people.enterprise()
    (await people.staff("city_admin")).browse(client)
    address = f"/office/organisations/{owner.organisation_id}"
    assert (await client.post(f"{address}/close", data={})).status_code == 422
    assert (await client.post(f"{address}/close", data=REASON)).status_code == 303
    assert await members(database, owner.organisation_id) == []
    page = (await client.get(address)).text
    assert "已注销" in page
    assert (await client.post(f"{address}/close", data=REASON)).status_code == 404
    assert await actions(database, owner.organisation_id) == ["organisation.closed"]


async def test_an_auditor_changes_nothing(client: httpx.AsyncClient, people: People) -> None:
    owner = await people.enterprise()
    (await people.staff("auditor")).browse(client)
    for path in ("owner", "code", "close"):
        answer = await client.post(f"/office/organisations/{owner.organisation_id}/{path}", data=REASON)
        assert answer.status_code == 403


async def test_the_list_costs_three_statements_at_most(client: httpx.AsyncClient, people: People, app: FastAPI) -> None:
    await people.enterprise()
    (await people.staff("auditor")).browse(client)
    await client.get("/office/organisations")
    with counted(app) as seen:
        await client.get("/office/organisations")
    assert len(seen) <= 3, "\n".join(seen)
