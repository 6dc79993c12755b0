"""A request made without an account is claimed with its reference and access code."""

import httpx
import pytest

from app.kit.ids import new_reference
from tests.enterprise.support import Town, code_of
from tests.requests.booking import Booker, Json

pytestmark = pytest.mark.anyio


async def claim(browser: httpx.AsyncClient, path: str, reference: str, code: str) -> httpx.Response:
    return await browser.post(f"{path}/claim", data={"reference": reference, "code": code})


@pytest.fixture
async def booked(booker: Booker) -> Json:
    return await booker.book()


async def test_reference_and_code_in_any_spelling_make_it_the_organisations(town: Town, booked: Json):
    owner = await town.people.enterprise("delegate")
    browser, path = town.browser(owner), f"/organisation/{owner.organisation_id}"
    answer = await claim(browser, path, booked["reference"].lower(), booked["access_code"].replace("-", " "))
    assert answer.headers["location"] == f"{path}?done=claimed"
    assert await town.rows("SELECT organisation_id, person_id FROM request") == [(owner.organisation_id, owner.id)]
    page = await browser.get(path)
    assert f"/r/{booked['reference']}" in page.text
    [entry] = await town.recorded("request.claimed")
    assert (entry["actor"], entry["object"]) == (owner.id, booked["reference"])
    assert (await claim(browser, path, booked["reference"], booked["access_code"])).status_code == 303
    assert len(await town.recorded("request.claimed")) == 1


async def test_its_people_open_it_without_the_code_then(town: Town, booked: Json):
    owner = await town.people.enterprise()
    browser, path = town.browser(owner), f"/organisation/{owner.organisation_id}"
    assert "查询码" in (await browser.get(f"/r/{booked['reference']}")).text
    await claim(browser, path, booked["reference"], booked["access_code"])
    colleague = await town.people.enterprise("delegate", organisation_id=owner.organisation_id)
    assert "王芳" in (await town.browser(colleague).get(f"/r/{booked['reference']}")).text


async def test_a_wrong_code_is_answered_as_an_unknown_reference_is(town: Town, booked: Json):
    owner = await town.people.enterprise()
    browser, path = town.browser(owner), f"/organisation/{owner.organisation_id}"
    wrong = await claim(browser, path, booked["reference"], "AAAA-AAAA")
    nobodys = new_reference("ZT")
    unknown = await claim(browser, path, nobodys, "AAAA-AAAA")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace(booked["reference"], "") == unknown.text.replace(nobodys, "")
    assert await town.rows("SELECT organisation_id FROM request") == [(None,)]


async def test_what_belongs_to_another_organisation_stays_there(town: Town, booked: Json):
    first = await town.people.enterprise()
    await claim(
        town.browser(first), f"/organisation/{first.organisation_id}", booked["reference"], booked["access_code"]
    )
    second = await town.people.enterprise(uscc=code_of(2), name="别家公司")
    path = f"/organisation/{second.organisation_id}"
    answer = await claim(town.browser(second), path, booked["reference"], booked["access_code"])
    assert answer.status_code == 422
    assert "已归入其他单位" in answer.text
    assert await town.rows("SELECT organisation_id FROM request") == [(first.organisation_id,)]


@pytest.mark.parametrize(("reference", "code", "words"), [("", "", "请输入预约号"), ("?", "", "查询码")])
async def test_what_is_missing_is_said(town: Town, reference: str, code: str, words: str):
    owner = await town.people.enterprise()
    answer = await claim(town.browser(owner), f"/organisation/{owner.organisation_id}", reference, code)
    assert answer.status_code == 422
    assert words in answer.text


async def test_codes_cannot_be_tried_without_end(town: Town, booked: Json):
    owner = await town.people.enterprise()
    browser, path = town.browser(owner), f"/organisation/{owner.organisation_id}"
    answers = [await claim(browser, path, booked["reference"], f"AAAA-{n:04d}") for n in range(62)]
    assert answers[-1].status_code == 429
