"""People and roles on their pages: who sees whom, who may change what, and what is on record of it."""

import re

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.rules.labels import ROLES
from app.accounts.rules.rights import Role
from app.kit.db import Database
from tests.office.desk import ELSEWHERE, HERE, JINGHU, actions, counted, mails, roles_of
from tests.support.people import People, Signed

FORM = {"username": "li.lei", "name": "李雷", "email": "li.lei@example.com", "role": "officer", "station": HERE}


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


async def made(client: httpx.AsyncClient, database: Database, **changed: str) -> str:
    """The id of somebody whom the client's person makes by the form."""
    answer = await client.post("/office/people", data=FORM | changed)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("/")[-1].split("?")[0]


async def test_a_manager_sees_the_people_of_the_own_station_only(client: httpx.AsyncClient, people: People) -> None:
    await people.staff("window", station=HERE, username="here")
    await people.staff("window", station=ELSEWHERE, username="there")
    (await people.staff("manager", station=HERE, username="boss")).browse(client)
    answer = await client.get("/office/people")
    assert answer.status_code == 200
    assert ">here<" in answer.text
    assert ">boss<" in answer.text
    assert ">there<" not in answer.text


async def test_a_county_administrator_sees_the_people_of_the_county(client: httpx.AsyncClient, people: People) -> None:
    await people.staff("window", station=HERE, username="here")
    await people.staff("window", station=ELSEWHERE, username="there")
    (await people.staff("county_admin", county=JINGHU, username="county")).browse(client)
    text = (await client.get("/office/people")).text
    assert ">here<" in text
    assert ">county<" in text
    assert ">there<" not in text


@pytest.mark.parametrize("page", ["", "/facts", "/disable", "/link", "/reset", "/roles", "/roles/1/revoke"])
@pytest.mark.parametrize("place", [{"role": "manager", "station": HERE}, {"role": "county_admin", "county": JINGHU}])
async def test_somebody_elsewhere_is_unknown(
    client: httpx.AsyncClient, people: People, page: str, place: dict[str, str]
) -> None:
    there = await people.staff("window", station=ELSEWHERE)
    (await people.staff(**place)).browse(client)
    data = {"reason": "x", "name": "x", "role": "window", "station": HERE}
    address = f"/office/people/{there.id}{page}"
    answer = await (client.post(address, data=data) if page else client.get(address))
    assert answer.status_code == 404


async def test_enterprise_people_are_not_staff(client: httpx.AsyncClient, people: People) -> None:
    enterprise = await people.enterprise()
    admin = await people.staff("city_admin")
    admin.browse(client)
    assert enterprise.username not in (await client.get("/office/people")).text
    assert (await client.get(f"/office/people/{enterprise.id}")).status_code == 404


async def test_a_manager_makes_an_officer_who_is_told_by_mail(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("manager", station=HERE)).browse(client)
    person_id = await made(client, database)
    [(kind, to, text)] = await mails(database)
    assert (kind, to) == ("account.password", "li.lei@example.com")
    assert "li.lei" in text
    assert "/password" in text
    assert await actions(database, person_id) == ["person.created"]
    page = await client.get(f"/office/people/{person_id}?done=invited")
    assert "li.lei@example.com" in page.text
    assert str(ROLES[Role.OFFICER]) in page.text


async def test_without_a_mail_address_the_link_is_shown_once(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("manager", station=HERE)).browse(client)
    answer = await client.post("/office/people", data=FORM | {"email": ""})
    assert answer.status_code == 200
    assert re.search(r"http://[^<\s]*/password[^<\s]+", answer.text)
    assert await mails(database) == []
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"username": "李雷"}, "3 至 64 位"),
        ({"username": "ab"}, "3 至 64 位"),
        ({"username": ""}, "请填写用户名"),
        ({"name": ""}, "请填写姓名"),
        ({"email": "li.lei"}, "电子邮箱"),
        ({"role": ""}, "请选择角色"),
        ({"station": ""}, "请选择该角色所在的服务站"),
        ({"station": "WH-XX-99"}, "请选择该角色所在的服务站"),
        ({"station": ELSEWHERE}, "您无权在该处授予此角色"),
        ({"role": "manager"}, "您无权在该处授予此角色"),
        ({"role": "city_admin"}, "您无权在该处授予此角色"),
    ],
)
async def test_what_is_wrong_in_the_form_is_said_at_its_field(
    client: httpx.AsyncClient, people: People, changed: dict[str, str], sentence: str
) -> None:
    (await people.staff("manager", station=HERE)).browse(client)
    answer = await client.post("/office/people", data=FORM | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "error-summary" in answer.text


async def test_a_user_name_that_is_taken_is_said_at_its_field(client: httpx.AsyncClient, people: People) -> None:
    await people.staff("window", station=ELSEWHERE, username="li.lei")
    (await people.staff("manager", station=HERE)).browse(client)
    answer = await client.post("/office/people", data=FORM)
    assert answer.status_code == 422
    assert 'id="f-username-error"' in answer.text


async def test_a_role_more_and_a_role_less_end_the_sessions(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    officer = await people.staff("officer", station=HERE)
    (await people.staff("manager", station=HERE)).browse(client)
    answer = await client.post(f"/office/people/{officer.id}/roles", data={"role": "window", "station": HERE})
    assert answer.status_code == 303
    assert await roles_of(database, officer.id) == ["officer", "window"]
    assert (await client.get("/api/v1/people", headers=officer.bearer)).status_code == 401
    page = (await client.get(f"/office/people/{officer.id}")).text
    [first, _second] = re.findall(r"/roles/(\d+)/revoke", page)
    answer = await client.post(f"/office/people/{officer.id}/roles/{first}/revoke", data={"reason": "调岗"})
    assert answer.headers["location"].endswith("?done=revoked")
    assert await roles_of(database, officer.id) == ["window"]
    assert await actions(database, officer.id) == ["role.granted", "role.revoked"]


async def test_the_same_role_is_not_given_twice(client: httpx.AsyncClient, people: People) -> None:
    officer = await people.staff("officer", station=HERE)
    (await people.staff("manager", station=HERE)).browse(client)
    answer = await client.post(f"/office/people/{officer.id}/roles", data={"role": "officer", "station": HERE})
    assert answer.status_code == 422
    assert "已有此角色" in answer.text


async def test_a_colleague_who_is_also_county_administrator_is_not_a_managers_to_manage(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    officer = await people.staff("officer", station=HERE)
    await database.fetch(
        "INSERT INTO role_grant (person_id, role, county_adcode, granted_at) VALUES (%s, 'county_admin', %s, now())",
        (officer.id, JINGHU),
    )
    (await people.staff("manager", station=HERE)).browse(client)
    page = await client.get(f"/office/people/{officer.id}")
    assert str(ROLES[Role.COUNTY_ADMIN]) not in page.text
    assert "不属于您管辖范围" in page.text
    answer = await client.post(f"/office/people/{officer.id}/disable", data={"reason": "x"})
    assert answer.status_code == 403


async def test_nobody_changes_the_own_rights(client: httpx.AsyncClient, people: People, database: Database) -> None:
    admin = await people.staff("city_admin")
    await people.staff("city_admin")
    admin.browse(client)
    for page, data in (("roles", {"role": "auditor"}), ("disable", {"reason": "x"}), ("reset", {"reason": "x"})):
        assert (await client.post(f"/office/people/{admin.id}/{page}", data=data)).status_code in {409, 422}
    assert await roles_of(database, admin.id) == ["city_admin"]


async def test_disabling_asks_why_and_shuts_out_at_once(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    officer = await people.staff("officer", station=HERE)
    (await people.staff("manager", station=HERE)).browse(client)
    address = f"/office/people/{officer.id}"
    assert (await client.post(f"{address}/disable", data={"reason": " "})).status_code == 422
    assert (await client.post(f"{address}/disable", data={"reason": "离职"})).status_code == 303
    assert (await client.get("/api/v1/people", headers=officer.bearer)).status_code == 401
    assert "已停用" in (await client.get(address)).text
    assert (await client.post(f"{address}/enable", data={"reason": "返岗"})).status_code == 303
    assert await actions(database, officer.id) == ["person.disabled", "person.enabled"]


async def test_a_lost_second_factor_is_removed_on_evidence(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    officer = await people.staff("officer", station=HERE)
    await database.fetch(
        "UPDATE person SET totp_sealed = '\\x00', totp_confirmed_at = now(), email = 'o@example.com' WHERE id = %s",
        (officer.id,),
    )
    (await people.staff("manager", station=HERE)).browse(client)
    answer = await client.post(f"/office/people/{officer.id}/reset", data={"reason": "当面核验工作证"})
    assert answer.status_code == 303
    assert await database.fetch("SELECT totp_sealed FROM person WHERE id = %s", (officer.id,)) == [(None,)]
    assert [kind for kind, *_ in await mails(database)] == ["account.second_factor_reset"]


async def test_another_mail_address_is_told_to_the_one_before(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("manager", station=HERE)).browse(client)
    person_id = await made(client, database)
    answer = await client.post(f"/office/people/{person_id}/facts", data={"name": "李雷", "email": "new@example.com"})
    assert answer.headers["location"].endswith("?done=corrected")
    assert [(kind, to) for kind, to, _ in await mails(database)] == [
        ("account.password", "li.lei@example.com"),
        ("account.address_changed", "li.lei@example.com"),
    ]
    [(before, after)] = await database.fetch(
        "SELECT before, after FROM audit_entry WHERE action = 'person.corrected' AND object_id = %s", (person_id,)
    )
    assert (before["email"], after["email"]) == ("l***@example.com", "n***@example.com")
    open_links = "SELECT count(*) FROM mail_token WHERE withdrawn_at IS NULL"
    assert await database.fetch(open_links, ()) == [(0,)]


async def test_an_auditor_reads_and_changes_nothing(client: httpx.AsyncClient, people: People) -> None:
    officer = await people.staff("officer", station=HERE)
    (await people.staff("auditor")).browse(client)
    page = await client.get(f"/office/people/{officer.id}")
    assert page.status_code == 200
    assert "<button" not in page.text.partition("<main")[2].partition("</main>")[0]
    assert (await client.post(f"/office/people/{officer.id}/disable", data={"reason": "x"})).status_code == 403
    assert (await client.get("/office/people/new")).status_code == 403


@pytest.mark.parametrize("role", ["window", "officer"])
async def test_who_manages_nobody_does_not_see_people(client: httpx.AsyncClient, people: People, role: str) -> None:
    (await people.staff(role, station=HERE)).browse(client)
    assert (await client.get("/office/people")).status_code == 403
    assert "/office/people" not in (await client.get("/office")).text


async def test_the_list_is_narrowed_and_turned_page_by_page(
    client: httpx.AsyncClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.office.pages.people.PER_PAGE", 2)
    for n in range(3):
        await people.staff("window", station=HERE, username=f"window{n}")
    await people.staff("officer", station=ELSEWHERE, username="zoe")
    (await people.staff("city_admin", username="admin")).browse(client)
    seen: list[str] = []
    address = "/office/people"
    while address:
        text = (await client.get(address)).text
        seen += re.findall(r'href="/office/people/[0-9a-f-]{36}">([^<]+)<', text)
        following = re.search(r'rel="next"\s+href="([^"]+)"', text)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == ["admin", "window0", "window1", "window2", "zoe"]
    for query, found in (("role=officer", ["zoe"]), (f"station={ELSEWHERE}", ["zoe"]), ("q=ZO", ["zoe"])):
        text = (await client.get(f"/office/people?{query}")).text
        assert re.findall(r'href="/office/people/[0-9a-f-]{36}">([^<]+)<', text) == found
    assert "没有符合条件" in (await client.get("/office/people?q=nobody")).text


@pytest.mark.parametrize(
    "query", ["role=x", "county=%00", "station=%00", "q=%00", "after=abc", "after=AAAAAAAAAAAAAAAAAAAAAAAA", "state=x"]
)
async def test_an_address_that_nobody_made_here_shows_the_list(
    client: httpx.AsyncClient, people: People, query: str
) -> None:
    (await people.staff("city_admin", username="admin")).browse(client)
    for section in ("people", "organisations", "codes"):
        assert (await client.get(f"/office/{section}?{query}")).status_code == 200


async def test_the_list_costs_five_statements_at_most(client: httpx.AsyncClient, people: People, app: FastAPI) -> None:
    for _ in range(5):
        await people.staff("window", station=HERE)
    (await people.staff("city_admin")).browse(client)
    await client.get("/office/people")
    with counted(app) as seen:
        await client.get("/office/people")
    assert len(seen) <= 5, "\n".join(seen)


async def test_by_json_people_are_listed_within_ones_scope(client: httpx.AsyncClient, people: People) -> None:
    await people.staff("window", station=ELSEWHERE, username="there")
    manager = await people.staff("manager", station=HERE, username="boss")
    answer = await client.get("/api/v1/people", headers=manager.bearer)
    [person] = answer.json()["items"]
    assert person["username"] == "boss"
    assert person["roles"] == [
        {"role": "manager", "station_code": HERE, "county_adcode": None, "since": "2026-12-01T09:00:00+08:00"}
    ]
    assert (await client.get("/api/v1/people")).status_code == 401
    assert (await client.get("/api/v1/people?wrong=1", headers=manager.bearer)).status_code == 422
    window: Signed = await people.staff("window", station=HERE)
    assert (await client.get("/api/v1/people", headers=window.bearer)).status_code == 403
