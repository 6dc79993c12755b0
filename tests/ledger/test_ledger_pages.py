"""The ledger's pages: what a browser without scripts sees and sends."""

import re

import httpx
import pytest
from fastapi import FastAPI

from tests.enterprise.support import code_of
from tests.ledger.support import Keeper, gauge, keeper_of
from tests.support.people import People

pytestmark = pytest.mark.anyio
ENGLISH = {"Accept-Language": "en"}


async def test_an_instrument_is_added_found_changed_and_put_out_of_use(keeper: Keeper):
    browser = keeper.browser()
    empty = await browser.get(keeper.pages)
    assert "还没有器具" in empty.text
    wrong = await browser.post(f"{keeper.pages}/new", data=gauge(instrument_name="", quantity="x"))
    assert wrong.status_code == 422
    assert wrong.text.count('aria-invalid="true"') == 2
    assert 'value="红旗仪表"' in wrong.text  # what was typed is still there
    made = await browser.post(f"{keeper.pages}/new", data=gauge())
    assert made.status_code == 303
    page = (await browser.get(made.headers["location"], headers=ENGLISH)).text
    assert "Due on 14 Dec 2026, by the usual interval of 6 months" in page
    one = re.search(rf'action="{keeper.pages}/rebook">\s*<input type="hidden" name="id" value="([^"]+)"', page)
    assert one
    visits = await browser.post(f"{keeper.pages}/rebook", data={"id": one[1]}, headers=ENGLISH)
    assert "Choose a time" in visits.text
    listed = (await browser.get(keeper.pages, params={"q": "锅炉", "due": "30"})).text
    assert "弹性元件式一般压力表" in listed
    assert "还有 13 天" in listed
    path = made.headers["location"].partition("?")[0]
    form = (await browser.get(f"{path}/edit")).text
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version
    changed = await browser.post(f"{path}/edit", data={**gauge("A-2"), "version": version[1]})
    assert changed.headers["location"] == f"{path}?done=changed"
    assert "A-1 → A-2" in (await browser.get(path)).text
    assert "停用" in (await browser.get(f"{path}/retire")).text
    assert (await browser.post(f"{path}/retire", data={"version": 2, "reason": "报废"})).status_code == 303
    assert "没有" not in (await browser.get(path)).text
    assert "弹性元件" in (await browser.get(keeper.pages, params={"state": "retired"})).text
    assert (await browser.post(f"{path}/restore", data={"version": 3})).status_code == 303
    assert await keeper.names() == ["A-2"]


async def test_who_was_slower_sees_both_and_decides(keeper: Keeper):
    made = await keeper.add(gauge(install_location="一号"))
    await keeper.change(made, install_location="二号")
    browser, path = keeper.browser(), f"{keeper.pages}/{made['id']}"
    late = {**gauge(install_location="三号"), "version": 1}
    answer = await browser.post(f"{path}/edit", data=late)
    assert answer.status_code == 409
    assert "目前内容：二号" in answer.text
    assert 'value="三号"' in answer.text
    assert 'name="version" value="2"' in answer.text
    assert (await browser.post(f"{path}/edit", data={**late, "version": 2})).status_code == 303
    assert (await keeper.get(f"/{made['id']}")).json()["install_location"] == "三号"


async def test_what_is_typed_comes_back_as_text(keeper: Keeper):
    attack = '"><script>alert(1)</script>'
    made = await keeper.add(gauge(instrument_name=attack, install_location=attack))
    for path in ("", f"/{made['id']}", f"/{made['id']}/edit", f"/{made['id']}/retire"):
        page = (await keeper.browser().get(keeper.pages + path)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


async def test_addresses_that_nobody_gave_out_lead_to_the_list(keeper: Keeper):
    await keeper.add(gauge())
    for query in ({"due": "x"}, {"state": "x"}, {"sort": "x"}):
        assert "弹性元件" in (await keeper.browser().get(keeper.pages, params=query)).text
    assert (await keeper.browser().get(keeper.pages, params={"cursor": "x"})).status_code == 422


async def test_another_organisations_pages_are_not_there(app: FastAPI, client: httpx.AsyncClient, people: People):
    mine = await keeper_of(app, client, people)
    made = await mine.add(gauge())
    stranger = await keeper_of(app, client, people, uscc=code_of(4), name="别家公司")
    browser = stranger.browser()
    for path in ("", "/new", f"/{made['id']}", f"/{made['id']}/edit"):
        assert (await browser.get(mine.pages + path)).status_code == 404
    for path in ("/new", f"/{made['id']}/edit", f"/{made['id']}/retire"):
        assert (await browser.post(mine.pages + path, data={**gauge(), "version": 1})).status_code == 404
    assert (await browser.get(f"{stranger.pages}/{made['id']}")).status_code == 404
