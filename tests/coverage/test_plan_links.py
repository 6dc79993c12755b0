"""From a gap to a plan: the form is filled in with the question that the page of coverage has answered."""

import re
from datetime import date, timedelta
from html import unescape

from fastapi import FastAPI

from app.demand.rules import Asked, Outcome
from tests.coverage.conftest import Asker
from tests.support.people import People

GAUGE = "MET-MEC-015"
ENGLISH = {"Accept-Language": "en"}
ASKED = {"service": GAUGE, "within_km": "4", "county": "340223"}


async def links(asker: Asker, path: str, **query: str) -> list[str]:
    asker.who.browse(asker.client)
    answer = await asker.client.get(f"/office/coverage{path}", params=query, headers=ENGLISH)
    assert answer.status_code == 200
    return [unescape(each) for each in re.findall(r'href="(/office/plans/new\?[^"]*)"', answer.text)]


async def test_what_is_out_of_reach_leads_to_a_plan_with_the_same_question(asker: Asker):
    for path in ("", "/gaps"):
        [link] = await links(asker, path, **ASKED, basis="residents")
        form = (await asker.client.get(link, headers=ENGLISH)).text
        assert re.search(rf'name="service"[^>]*value="{GAUGE}"', form)
        assert re.search(r'name="within_km"[^>]*value="4"', form)
        assert "selected" in next(each for each in re.findall(r"<option[^>]*>", form) if '"340223"' in each)


async def test_who_may_not_plan_and_who_has_no_gap_is_led_nowhere(asker: Asker, people: People):
    assert await links(asker, "", service=GAUGE, within_km="900") == []
    assert await links(asker, "/gaps", within_km="4") == []  # no service yet to plan for
    asker.who = await people.staff("auditor")
    for path in ("", "/gaps", "/ending", "/unmet"):
        assert await links(asker, path, **ASKED) == []


async def test_a_capability_that_ends_leads_to_a_plan_for_the_day_after(asker: Asker):
    rows = (await asker.json("/expiring", service=GAUGE, days=700, within_km=4))["items"]
    losing = [row for row in rows if row["share_without"] < row["share_within"]]
    shown = await links(asker, "/ending", service=GAUGE, days="700", within_km="4")
    assert 0 < len(shown) == len(losing)
    after = date.fromisoformat(losing[0]["valid_until"]) + timedelta(days=1)
    form = (await asker.client.get(shown[0], headers=ENGLISH)).text
    assert re.search(rf'name="on"[^>]*value="{after}"', form)
    assert re.search(r'name="kind"[^>]*value="capabilities"[^>]*checked', form)


async def test_what_could_not_be_routed_leads_to_a_plan(app: FastAPI, asker: Asker):
    network = await app.state.network.current()
    gauge = network.services[network.service_index[GAUGE]].id
    app.state.questions.count(Asked(date(2026, 12, 1), gauge, "station", 11838, 3133, Outcome.NOT_CAPABLE), 3)
    await app.state.questions.write()
    assert await links(asker, "/unmet") == [f"/office/plans/new?service={GAUGE}&county=340202"]
