"""The small scripts, each as people use it."""

import pytest
from playwright.async_api import Page, expect

from tests.web.browser import DESK, PHONE, errors_of, new_page

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(browser, address):
    page = await new_page(browser, locale="zh-CN")
    await page.goto(f"{address}/gallery")
    yield page
    assert errors_of(page) == []


async def focused(page: Page) -> str:
    identity: str = await page.evaluate("document.activeElement.id || document.activeElement.className")
    return identity


async def test_what_is_wrong_takes_the_focus_and_leads_to_its_field(page: Page):
    assert await focused(page) == "error-summary"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await focused(page) == "f-contact-name"


async def test_suggestions_are_chosen_by_keyboard(page: Page):
    field = page.locator("#f-q")
    await field.press_sequentially("压力")
    options = page.locator(".search__list [role=option]")
    await expect(options.first).to_be_visible()
    assert await field.get_attribute("aria-expanded") == "true"
    await field.press("ArrowDown")
    await field.press("ArrowUp")
    last = options.last
    assert await field.get_attribute("aria-activedescendant") == await last.get_attribute("id")
    await field.press("ArrowDown")
    href = await options.first.get_attribute("data-href")
    await field.press("Enter")
    await page.wait_for_url(f"**{href}")


async def test_suggestions_go_away_with_escape_and_the_words_stay(page: Page):
    field = page.locator("#f-q")
    await field.press_sequentially("压力")
    await expect(page.locator(".search__list [role=option]").first).to_be_visible()
    await field.press("Escape")
    await expect(page.locator(".search__list [role=option]").first).to_be_hidden()
    await expect(field).to_have_value("压力")


async def test_only_the_newest_suggestions_are_shown(page: Page):
    async def slowly(route):
        if "q=%E5%8E%8B&" in route.request.url + "&":
            await page.wait_for_timeout(600)
        await route.continue_()

    await page.route("**/suggestions*", slowly)
    field = page.locator("#f-q")
    await field.fill("压")
    await page.wait_for_timeout(250)
    await field.fill("标准")
    await expect(page.locator(".search__list [role=option]").first).to_contain_text("标准")
    await page.wait_for_timeout(700)
    await expect(page.locator(".search__list [role=option]").first).to_contain_text("标准")
    await page.unroute_all(behavior="ignoreErrors")


async def test_the_search_still_works_when_suggestions_fail(page: Page):
    await page.route(
        "**/suggestions*", lambda route: route.fulfill(status=200, content_type="application/json", body="{")
    )
    field = page.locator("#f-q")
    await field.fill("压力表")
    await page.wait_for_timeout(300)
    await field.press("Enter")
    await page.wait_for_url("**/gallery?q=*")


async def test_the_hold_counts_down_and_says_so_at_five_two_and_one_minutes(browser, address):
    page = await new_page(browser, own=True)
    await page.clock.install(time=0)
    await page.clock.pause_at(1)  # else seconds go by on a busy machine while they are looked at
    await page.goto(f"{address}/gallery")
    left, said = page.locator("[data-hold-left]"), page.locator("[data-hold-say]")
    await expect(left).to_have_text("还剩 9:03")
    await page.clock.run_for(60_000)
    await expect(left).to_have_text("还剩 8:03")
    await expect(said).to_have_text("")
    for minutes, moment in ((5, 184_000), (2, 180_000), (1, 60_000)):
        await page.clock.run_for(moment)
        await expect(said).to_have_text(f"该时间还将为您保留 {minutes} 分钟。")
    await page.clock.run_for(60_000)
    await expect(said).to_have_text("该时间已不再为您保留。")
    await expect(page.locator("[data-hold-over]")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "said", "tone"),
    [
        ("9111 0000 6000 3734 1l", "校验位正确。", "good"),
        ("９１１１０００１０1623741K", "还差 1 位", "plain"),
        ("911101066976941872", "校验位正确。", "good"),
        ("91110000101623741K", "校验位正确。", "good"),
        ("91350211M0000XUF46", "校验位不符，请与营业执照核对。", "wrong"),
        ("91110000600037341X", "校验位不符，请与营业执照核对。", "wrong"),
        ("9111000060003734IO", "代码中不会出现“I”；字母 I、O、S、V、Z 均不使用。", "wrong"),
        ("91110000600037341L9", "多了 1 位", "wrong"),
    ],
)
async def test_the_credit_code_is_looked_at_while_it_is_typed(page: Page, typed: str, said: str, tone: str):
    await page.locator("#f-uscc").fill(typed)
    status = page.locator("[data-uscc-status]")
    await expect(status).to_have_text(said)
    await expect(status).to_have_attribute("data-tone", tone)


async def test_the_position_is_filled_in_when_it_is_given(browser, address):
    place = {"latitude": 31.3476, "longitude": 118.3683}
    page = await new_page(browser, geolocation=place, permissions=["geolocation"])
    await page.goto(f"{address}/gallery")
    await page.locator("#f-crs").evaluate("field => { field.value = 'bd09' }")
    await page.get_by_role("button", name="使用我的位置").click()
    await expect(page.locator("[data-place-status]")).to_have_text("已填入您的位置。")
    await expect(page.locator("#f-lon")).to_have_value("118.368300")
    await expect(page.locator("#f-lat")).to_have_value("31.347600")
    await expect(page.locator("#f-crs")).to_have_value("wgs84")


async def test_a_refused_position_leads_to_the_other_ways(page: Page):
    await page.get_by_role("button", name="使用我的位置").click()
    await expect(page.locator("[data-place-status]")).to_contain_text("浏览器未提供位置")


async def test_a_point_is_picked_on_the_map_with_and_without_a_mouse(page: Page):
    box = page.locator("[data-map][data-ready]")
    await box.scroll_into_view_if_needed()
    await box.click(position={"x": 20, "y": 300})
    first = await page.locator("#f-lon").input_value()
    assert 116 < float(first) < 119
    await page.get_by_role("button", name="选定地图中心点").press("Enter")
    second = await page.locator("#f-lon").input_value()
    assert float(second) > float(first)


async def test_stations_on_the_map_are_reached_by_keyboard(page: Page):
    await page.wait_for_selector("[data-map][data-ready]")
    single = page.locator(".pin-target:has(.pin--exact)").first
    await single.focus()
    await page.keyboard.press("Enter")
    bubble = page.locator(".leaflet-popup-content a")
    await expect(bubble).to_be_focused()
    assert await bubble.get_attribute("href") == "/stations/" + await code_of(page, await bubble.inner_text())


async def code_of(page: Page, name: str) -> str:
    stations = await page.evaluate("fetch('/stations.geojson').then((answer) => answer.json())")
    return next(f["properties"]["code"] for f in stations["features"] if f["properties"]["name_zh"] == name)


async def test_the_list_and_the_map_show_the_same_choice(page: Page):
    await page.wait_for_selector("[data-map][data-ready]")
    card = page.locator("[data-station-code]")
    await card.hover()
    await expect(card).to_have_class("card-box is-selected")
    await expect(page.locator(".pin-target.is-selected")).to_have_count(1)


async def test_crowded_stations_open_up_when_they_are_chosen(page: Page):
    await page.wait_for_selector("[data-map][data-ready]")
    group = page.locator(".pin-target:has(.pin--group)").nth(1)
    words = await group.get_attribute("title")
    await group.click()
    await expect(page.locator(f".pin-target[title='{words}']")).to_have_count(0)


async def test_a_map_that_fails_says_that_the_list_has_the_same(browser, address):
    page = await new_page(browser)
    await page.route("**/counties.geojson", lambda route: route.fulfill(status=503))
    await page.goto(f"{address}/gallery")
    await expect(page.locator("[data-map]")).to_have_text("地图未能加载，列表中的服务站与地图相同。")


async def test_a_reference_is_copied(browser, address):
    page = await new_page(browser, width=PHONE, permissions=["clipboard-read", "clipboard-write"])
    await page.goto(f"{address}/gallery")
    await page.get_by_role("button", name="复制").click()
    await expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "WH26-7KQF-3M9X"


async def test_a_form_is_sent_only_once(browser, address):
    page = await new_page(browser, width=DESK)
    sent: list[str] = []

    async def slowly(route):
        sent.append(route.request.method)
        await page.wait_for_timeout(400)
        await route.fulfill(status=204)

    await page.goto(f"{address}/gallery")
    await page.route("**/gallery", slowly)
    button = page.locator("button.time").first
    await button.dblclick()
    await page.wait_for_timeout(600)
    assert sent == ["POST"]
    assert await button.get_attribute("aria-busy") == "true"


async def test_what_htmx_brings_in_is_improved_too(page: Page):
    await page.get_by_role("button", name="更多").click()
    await page.locator("#f-late").fill("91110000600037341L")
    await expect(page.locator("#late [data-uscc-status]")).to_have_text("校验位正确。")
