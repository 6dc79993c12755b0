"""The pages of plans: the form by own words, the answer as it stands in the API, progress, stopping, comparing."""

import re
from html import unescape

import httpx
import pytest
from fastapi import FastAPI

from tests.siting.conftest import GAUGE, QUESTION, Json, Planning
from tests.support.papers import check_accessible, csv_rows, printed, share, written

PAGE = "/office/plans"
ENGLISH = {"Accept-Language": "en"}
FORM = {
    "service": "General pressure gauge verification", "kind": "stations", "objective": "max_cover",
    "new_stations": "3", "within_km": "10", "candidates": "towns", "basis": "residents",
}  # fmt: skip


@pytest.fixture
async def browsing(planning: Planning) -> Planning:
    planning.who.browse(planning.client)
    return planning


async def send(browsing: Planning, **changed: str) -> httpx.Response:
    return await browsing.client.post(f"{PAGE}/new", data=FORM | changed, headers=ENGLISH)


async def text(browsing: Planning, path: str = "", status: int = 200) -> str:
    answer = await browsing.client.get(f"{PAGE}{path}", headers=ENGLISH)
    assert answer.status_code == status, answer.text
    words = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text)))
    return words.replace(" .", ".")


async def made(browsing: Planning, **changed: str) -> Json:
    """By the form, answered, as the API has it."""
    answer = await send(browsing, **changed)
    assert answer.status_code == 303, answer.text
    assert await browsing.planner.work()
    return await browsing.plan({"id": answer.headers["location"].split("/")[-1]})


async def test_the_form_asks_what_the_api_would_and_the_page_says_what_it_answers(browsing: Planning):
    plan = await made(browsing, name="Gauges")
    told = await browsing.answered()
    assert plan["chosen"] == told["chosen"]
    page = await text(browsing, f"/{plan['id']}")
    before, after = (f"{plan[when]['share_within'] * 100:.1f}%" for when in ("before", "after"))
    assert f"With 3 more, {after} of the demand is within 10 km instead of {before}." in page
    assert "It is proven that no other choice among 70 places does better" in page
    for each in plan["chosen"]:
        assert each["name_en"] in page
        assert f"{each['share_added'] * 100:.1f} points" in page
    listed = await text(browsing)
    assert "Gauges" in listed
    assert f"{before} → {after}" in listed


@pytest.mark.parametrize("objective", ["max_cover", "min_distance"])
async def test_a_choice_that_isnt_proven_says_what_none_can_better(browsing: Planning, app: FastAPI, objective: str):
    plan = await made(browsing, objective=objective)
    await app.state.database.fetch(
        """UPDATE coverage_plan SET result = result || '{"method": "greedy_exchange", "optimality_gap": 0.0123}'""", ()
    )
    page = await text(browsing, f"/{plan['id']}")
    assert "it is proven that no choice" in page
    assert "gap 1.23%" in page


async def test_own_words_lead_to_the_service(browsing: Planning):
    answer = await send(browsing, service="pressure gage")
    assert answer.status_code == 422
    assert 'id="f-service-error"' in answer.text
    link = next(unescape(each) for each in re.findall(r'class="chip"\s+href="([^"]*)"', answer.text) if GAUGE in each)
    filled = (await browsing.client.get(link, headers=ENGLISH)).text
    assert f'value="{GAUGE}"' in filled
    assert (await send(browsing, service=GAUGE.lower())).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"service": ""}, "service"),
        ({"service_2": "nonsense without end"}, "service_2"),
        ({"new_stations": "many"}, "new_stations"),
        ({"within_km": "-1"}, "within_km"),
        ({"kind": "desks"}, "within_days"),
        ({"candidates": "list", "points": "118.3"}, "points"),
        ({"candidates": "list", "points": "A 2.35 48.85"}, "points"),
        ({"candidates": "list", "points": "A x y"}, "points"),
        ({"candidates": "list"}, "candidates"),
        ({"county": "999999"}, "county"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(browsing: Planning, wrong: dict[str, str], field: str):
    answer = await send(browsing, **wrong)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert "No plan was made yet" in await text(browsing)


async def test_places_and_several_services_are_typed_in(browsing: Planning):
    typed = {"candidates": "list", "points": "Old mill, 118.30, 31.00\n\n118.10 31.10", "service_2": "MET-MEC-016"}
    plan = await made(browsing, **typed)
    assert {each["code"] for each in plan["chosen"]} <= {"Old mill", "0002"}
    assert plan["service_codes"] == [GAUGE, "MET-MEC-016"]
    assert "2 listed places" in await text(browsing, f"/{plan['id']}")
    file = await browsing.client.get(f"{PAGE}/{plan['id']}?format=csv")
    assert file.content.decode("utf-8-sig").splitlines()[0].startswith("rank,code,")


async def test_a_plan_is_taken_away_on_paper(browsing: Planning):
    """Its name is whatever somebody has typed, and stays text; a character that no font has is named by its number."""
    name = "#let x = $1$ \\ *Plan* _for_ 𠮷祥 <b>"
    plan = await made(browsing, name=name)
    rows = csv_rows(await browsing.client.get(f"{PAGE}/{plan['id']}?format=csv"))
    page = printed(await browsing.client.get(f"{PAGE}/{plan['id']}?format=pdf", headers=ENGLISH))
    check_accessible(page, lang="en-GB", title=name.replace("𠮷", "〔U+20BB7〕"))
    assert "format=pdf" in (await browsing.client.get(f"{PAGE}/{plan['id']}")).text
    before, after = (share(str(plan[when]["share_within"])) for when in ("before", "after"))
    assert page.holds([f"With 3 more, {after} of the demand is within 10 km instead of {before}."])
    assert page.holds(["It is proven that no other choice among 70 places does better"])
    for row in rows:
        added = [share(row["share_added"]), written(row["km_saved"], 2)]
        place = f"{written(row['lon'], 4)}, {written(row['lat'], 4)}"
        assert page.holds([place, *added]), row
    for each in plan["counties"]:
        figures = [share(str(each[when]["share_within"])) for when in ("before", "after")]
        assert page.holds(
            [*figures, *(written(str(each[when]["distance_km"]["mean"]), 2) for when in ("before", "after"))]
        )
    waiting = await browsing.ask()
    assert (
        (await browsing.client.get(f"{PAGE}/{waiting['id']}?format=pdf"))
        .headers["content-type"]
        .startswith("text/html")
    )


async def test_a_plan_under_way_shows_its_progress_and_is_stopped(browsing: Planning):
    plan = await browsing.ask()
    assert "The plan waits for its turn." in await text(browsing, f"/{plan['id']}")
    part = await browsing.client.get(f"{PAGE}/{plan['id']}/live", headers=ENGLISH)
    assert part.text.lstrip().startswith('<div id="progress"')
    stopped = await browsing.client.post(f"{PAGE}/{plan['id']}/cancel")
    assert stopped.status_code == 303
    assert "This plan was stopped" in await text(browsing, f"/{plan['id']}")
    over = await browsing.client.get(f"{PAGE}/{plan['id']}/live")
    assert over.headers["HX-Refresh"] == "true"
    deleted = await browsing.client.post(f"{PAGE}/{plan['id']}/delete")
    assert "The plan is deleted." in await text(browsing, deleted.headers["location"].removeprefix(PAGE))


async def test_a_plan_without_an_answer_says_why(browsing: Planning):
    nothing = await browsing.answered(within_km=900)
    assert "Nothing would be gained" in await text(browsing, f"/{nothing['id']}")
    nowhere = await browsing.answered(candidates=[{"lon": 118.3, "lat": 31.0}], county="340223")
    assert "There is no place to choose from" in await text(browsing, f"/{nowhere['id']}")
    idle = await browsing.answered(basis="requests")
    assert "There is no demand to count" in await text(browsing, f"/{idle['id']}")


async def test_two_plans_stand_side_by_side(browsing: Planning):
    one = await browsing.answered(name="Three")
    other = await browsing.answered(name="Two", new_stations=2)
    page = await text(browsing, f"/compare?a={one['id']}&b={other['id']}")
    assert "in both plans" in page
    assert "ask for different things" not in page
    assert f"{one['after']['share_within'] * 100:.1f}%" in page
    third = await browsing.ask(**(QUESTION | {"within_km": 5}))
    page = await text(browsing, f"/compare?a={one['id']}&b={third['id']}")
    assert "ask for different things" in page
    assert "nothing to compare yet" in page
    await text(browsing, f"/compare?a={one['id']}&b=00000000-0000-0000-0000-000000000007", status=404)
