"""Organisations are made, renamed and closed by who may, and are nobody's business otherwise."""

from uuid import UUID, uuid4

import httpx
import pytest

from tests.enterprise.support import Town, code_of, wrong_code

pytestmark = pytest.mark.anyio
NAME = "芜湖青弋江泵业有限公司"
PAGES = ("", "/name", "/leave", "/close", "/invite", "/requests", "/claim", f"/people/{uuid4()}")
DEEDS = (
    "/name",
    "/leave",
    "/close",
    "/invite",
    "/claim",
    f"/people/{uuid4()}/role",
    f"/people/{uuid4()}/remove",
    f"/invitations/{uuid4()}/resend",
    f"/invitations/{uuid4()}/withdraw",
)


async def make(browser: httpx.AsyncClient, number: int = 1, name: str = NAME) -> UUID:
    answer = await browser.post("/organisation/new", data={"name": name, "uscc": code_of(number)})
    assert answer.status_code == 303, answer.text
    return UUID(answer.headers["location"].removeprefix("/organisation/").partition("?")[0])


async def test_who_has_none_is_told_how_to_get_to_one(town: Town):
    page = await town.browser(await town.person()).get("/organisation")
    assert page.status_code == 200
    for words in ("您还没有加入单位", "/organisation/new", "邀请您"):
        assert words in page.text
    assert page.headers["cache-control"] == "private, no-store"


async def test_a_new_organisation_has_its_maker_as_owner(town: Town):
    me = await town.person()
    browser = town.browser(me)
    made = await make(browser)
    assert await town.roles(made) == {me.id: "owner"}
    assert (await browser.get("/organisation")).headers["location"] == f"/organisation/{made}"
    page = await browser.get(f"/organisation/{made}")
    assert page.status_code == 200
    for words in (NAME, code_of(1), "负责人", "还没有预约"):
        assert words in page.text
    [entry] = await town.recorded("organisation.created")
    assert entry["actor"] == me.id
    assert entry["after"] == {"uscc": code_of(1), "name": NAME, "owner": str(me.id)}


async def test_a_person_can_belong_to_several(town: Town):
    browser = town.browser(await town.person())
    first, second = await make(browser, 1), await make(browser, 2, "芜湖裕溪口电机厂")
    page = await browser.get("/organisation")
    assert page.status_code == 200
    assert f"/organisation/{first}" in page.text
    assert f"/organisation/{second}" in page.text


async def test_a_code_has_one_open_account(town: Town):
    first = await make(town.browser(await town.person()))
    other = town.browser(await town.person())
    answer = await other.post("/organisation/new", data={"name": NAME, "uscc": code_of(1).lower()})
    assert answer.status_code == 422
    assert "该单位已有账户" in answer.text
    await town.rows("UPDATE organisation SET closed_at = now() WHERE id = %s", first)
    assert await make(other) != first


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("", "", ("请填写单位名称", "请填写统一社会信用代码")),
        ("　", code_of(1), ("请填写单位名称",)),
        (NAME, "9134", ("18",)),
        (NAME, "9134020100000OOO1I", ("O",)),
        ("泵" * 121, code_of(1), ("120",)),
        ("a\x00b", code_of(1), ("第 2 位",)),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(town: Town, name: str, code: str, words: tuple[str, ...]):
    answer = await town.browser(await town.person()).post("/organisation/new", data={"name": name, "uscc": code})
    assert answer.status_code == 422
    for each in words:
        assert each in answer.text
    assert await town.rows("SELECT 1 FROM organisation") == []


async def test_a_wrong_check_digit_is_refused_with_a_way_on(town: Town):
    browser = town.browser(await town.person())
    answer = await browser.post("/organisation/new", data={"name": NAME, "uscc": wrong_code(1)})
    assert answer.status_code == 422
    assert 'action="/organisation/new/evidence"' in answer.text
    assert "校验码" in answer.text
    assert wrong_code(1) not in str(answer.url)


async def test_the_name_is_corrected_by_an_owner_alone(town: Town):
    owner = await town.people.enterprise()
    assert owner.organisation_id
    delegate = await town.people.enterprise("delegate", organisation_id=owner.organisation_id)
    path = f"/organisation/{owner.organisation_id}/name"
    for method in ("GET", "POST"):
        assert (await town.browser(delegate).request(method, path, data={"name": NAME})).status_code == 403
    assert (await town.browser(owner).post(path, data={"name": " "})).status_code == 422
    assert (await town.browser(owner).post(path, data={"name": NAME})).status_code == 303
    assert await town.rows("SELECT name FROM organisation") == [(NAME,)]
    [entry] = await town.recorded("organisation.renamed")
    assert (entry["before"], entry["after"]) == ({"name": "芜湖长江阀门有限公司"}, {"name": NAME})


async def test_closing_is_asked_once_more_and_leaves_nobody_in_it(town: Town):
    owner = await town.people.enterprise()
    await town.people.enterprise("delegate", organisation_id=owner.organisation_id)
    browser, path = town.browser(owner), f"/organisation/{owner.organisation_id}"
    await browser.post(f"{path}/invite", data={"email": "new@example.com", "role": "delegate"})
    assert (await browser.post(f"{path}/close")).status_code == 422
    answer = await browser.post(f"{path}/close", data={"sure": "yes"})
    assert answer.headers["location"] == "/organisation?done=closed"
    assert await town.rows("SELECT 1 FROM membership") == []
    assert (await browser.get(path)).status_code == 404
    link = await town.invited("new@example.com")
    guest = town.browser(await town.person("new@example.com"))
    assert (await guest.get(f"/join/{link}")).status_code == 410
    [entry] = await town.recorded("organisation.closed")
    assert len(entry["after"]["people"]) == 2


async def everybody(town: Town) -> list[httpx.AsyncClient]:
    """Who doesn't act for the organisation: another's owner and delegate, a stranger, all of the staff."""
    other = await town.people.enterprise(uscc=code_of(9), name="芜湖别家公司")
    delegate = await town.people.enterprise("delegate", organisation_id=other.organisation_id)
    staff = [
        await town.people.staff(role, county="340202" if role == "county_admin" else "")
        for role in ("window", "officer", "manager", "county_admin", "city_admin", "auditor")
    ]
    return [town.browser(each) for each in (other, delegate, await town.person(), *staff)]


def told(answer: httpx.Response) -> tuple[int, str]:
    """The answer without what every page has of its own address."""
    return answer.status_code, answer.text.replace(answer.request.url.path, "")


async def test_guessing_ids_of_others_is_answered_as_unknown_ones_are(town: Town):
    mine = (await town.people.enterprise()).organisation_id
    for browser in await everybody(town):
        for page in PAGES:
            there = await browser.get(f"/organisation/{mine}{page}")
            nowhere = await browser.get(f"/organisation/{uuid4()}{page}")
            assert told(there) == told(nowhere)
            assert there.status_code == 404, page
        for deed in DEEDS:
            form = {"name": NAME, "email": "x@example.com", "role": "owner", "sure": "yes"}
            form |= {"reference": "ZT-7K3M-9QXD-J", "code": "ABCD-EFGH"}
            there = await browser.post(f"/organisation/{mine}{deed}", data=form)
            nowhere = await browser.post(f"/organisation/{uuid4()}{deed}", data=form)
            assert told(there) == told(nowhere), deed
            assert there.status_code == 404, deed


@pytest.mark.parametrize("written", ["1", "new2", "%00", "AAAAAAAA-0000-0000-0000-000000000000", "x" * 300])
async def test_what_is_no_id_is_unknown_too(town: Town, written: str):
    browser = town.browser(await town.people.enterprise())
    assert (await browser.get(f"/organisation/{written}")).status_code == 404


async def test_who_has_not_signed_in_is_led_there_and_back(town: Town):
    answer = await town.browser().get(f"/organisation/{uuid4()}/requests?state=submitted")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2Forganisation%2F")


async def test_a_page_costs_few_queries(town: Town, monkeypatch: pytest.MonkeyPatch):
    owner = await town.people.enterprise()
    browser = town.browser(owner)
    await browser.get("/organisation")
    fetched: list[object] = []
    fetch = town.database.fetch
    monkeypatch.setattr(town.database, "fetch", lambda *given: (fetched.append(given[0]), fetch(*given))[1])
    assert (await browser.get(f"/organisation/{owner.organisation_id}/requests")).status_code == 200
    sessions = [each for each in fetched if "signin_session" in str(each)]
    assert len(sessions) == 1
    assert len(fetched) <= 4
