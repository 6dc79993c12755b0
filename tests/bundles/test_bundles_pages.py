"""The pages of packages, and booking their steps through the wizard."""

import asyncio
import re

import httpx
import pytest
from fastapi import FastAPI

from app.bundles.service import forget
from app.enterprise.export import export
from app.kit.db import Database
from tests.booking.visitor import JINGHU_TOWN, another_browser, counted, words
from tests.bundles.bundling import Bundling, step
from tests.bundles.walking import Walker
from tests.requests.booking import Booker, Json
from tests.requests.rights import audited, signed_in_client
from tests.support.people import People

EN = {"Accept-Language": "en"}


@pytest.fixture
def walker(client: httpx.AsyncClient) -> Walker:
    return Walker(client)


async def as_json(walker: Walker, bundling: Bundling) -> Json:
    return await bundling.show({"reference": walker.reference, "access_code": await walker.code()})


async def test_the_packages_are_explained_in_both_languages(client: httpx.AsyncClient):
    listed = words((await client.get("/packages")).text)
    assert "新厂投产" in listed
    assert "本平台的建议" in listed
    page = words((await client.get("/packages/new-plant", headers=EN)).text)
    for said in (
        "A new plant goes into operation",
        "Only after: ",
        "Best after: ",
        "May be left out",
        "What to bring along",
        "Appointment of about 30 min",
    ):
        assert said in page, said
    assert "stations may do this today" in page
    near = words((await client.get("/packages/new-plant", params={"town": JINGHU_TOWN}, headers=EN)).text)
    assert "Nearest:" in near
    assert "What can be done at one place" in near
    assert (await client.get("/packages/nothing")).status_code == 404


async def test_a_beginning_without_a_place_says_what_is_missing_and_begins_nothing(
    client: httpx.AsyncClient, app: FastAPI
):
    answer = await client.post("/packages/new-plant", data={"town": ""}, headers=EN)
    assert answer.status_code == 422
    assert "Choose where it is for" in words(answer.text)
    assert await app.state.database.fetch("SELECT 1 FROM bundle", ()) == []


async def test_who_has_begun_sees_reference_and_code_and_who_has_neither_is_asked(
    walker: Walker, app: FastAPI, client: httpx.AsyncClient
):
    await walker.begin_bundle()
    page = words(await walker.follow())
    assert walker.reference in page
    code = await walker.code()
    async with another_browser(app) as other:
        asked = await other.get(f"/bundles/{walker.reference}")
        assert code not in asked.text
        assert "机器人" not in words(asked.text.split("<main")[1])
        unknown = await other.get("/bundles/TB-0000-0000-0")
        assert asked.text.replace(walker.reference, "X") == unknown.text.replace("TB-0000-0000-0", "X")
        wrong = await other.post(f"/bundles/{walker.reference}", data={"code": "AAAA-AAAA"})
        assert wrong.status_code == 422
        for what in ("leave-out", "take-up", "link"):
            kept_out = await other.post(f"/bundles/{walker.reference}/steps/climate/{what}", data={"reason": "x"})
            assert kept_out.headers["location"] == f"/bundles/{walker.reference}"
        assert (await other.post(f"/book/bundle/{walker.reference}", data={"step": "draft"})).status_code == 303
        await Walker(other).open(walker.reference, code.lower())
        assert (await other.get(f"/bundles/{walker.reference}")).status_code == 200
        closed = await other.post(f"/bundles/{walker.reference}/close")
        assert closed.status_code == 303
        assert code not in (await other.get(f"/bundles/{walker.reference}")).text
    assert await app.state.database.fetch("SELECT kind FROM bundle_move", ()) == []


async def test_a_step_booked_through_the_wizard_is_linked_with_its_request(
    walker: Walker, booker: Booker, bundling: Bundling
):
    await walker.begin_bundle()
    await walker.to_check(booker, "draft")
    await walker.get("check")
    assert walker.reference in words(walker.page)
    sent = await walker.send()
    assert sent.headers["location"] == f"{walker.base}/done"
    await walker.get("done")
    assert f'href="/bundles/{walker.reference}"' in walker.page
    found = await as_json(walker, bundling)
    draft = step(found, "draft")
    assert draft["state"] == "booked"
    assert draft["bookings"][0]["reference"] in await walker.follow()
    again = await walker.send()
    assert again.headers["location"] == f"{walker.base}/done"
    assert len(step(await as_json(walker, bundling), "draft")["bookings"]) == 1
    request = await walker.client.get(f"/r/{draft['bookings'][0]['reference']}")
    assert f'href="/bundles/{walker.reference}"' in request.text


async def test_several_steps_are_booked_in_one_visit_and_the_next_is_filled_in_from_it(
    walker: Walker, booker: Booker, bundling: Bundling
):
    await walker.begin_bundle("new-plant")
    await walker.to_check(booker, "ledger", "filing", mode="station")
    assert (await walker.send()).headers["location"] == f"{walker.base}/done"
    found = await as_json(walker, bundling)
    booked = [step(found, key) for key in ("ledger", "filing")]
    assert [each["state"] for each in booked] == ["booked", "booked"]
    assert len({each["bookings"][0]["reference"] for each in booked}) == 1
    await walker.choose("valves")
    await walker.post("what", mode="station", go="on")
    await walker.get("where")
    assert 'name="station"' in walker.page  # the place is known, so the stations are there at once


async def test_a_step_that_has_to_wait_is_not_booked(walker: Walker, booker: Booker):
    await walker.begin_bundle()
    refused = await walker.choose("certification")
    assert refused.headers["location"] == f"/bundles/{walker.reference}?refused=step_closed"
    assert (await walker.choose()).headers["location"].endswith("nothing_chosen")


async def test_what_was_booked_meanwhile_is_not_booked_twice_but_can_stand_alone(
    walker: Walker, booker: Booker, bundling: Bundling, app: FastAPI
):
    await walker.begin_bundle()
    async with another_browser(app) as client:
        other = Walker(client)
        await other.open(walker.reference, await walker.code())
        await walker.to_check(booker, "draft")
        await other.to_check(booker, "draft", place=1)
        assert (await walker.send()).status_code == 303
        late = await other.send()
        assert late.status_code == 409
        assert "服务包" in words(late.text)
        assert 'name="alone"' in late.text
        found = await as_json(walker, bundling)
        assert len(step(found, "draft")["bookings"]) == 1
        assert await _requests(app.state.database) == 1
        assert (await other.send(alone="true")).headers["location"] == f"{other.base}/done"
        assert await _requests(app.state.database) == 2
        assert await as_json(walker, bundling) == found


async def test_sent_again_after_its_answer_got_lost_it_is_the_same_request(
    walker: Walker, booker: Booker, bundling: Bundling, app: FastAPI
):
    await walker.begin_bundle()
    await walker.to_check(booker, "draft")
    rows = await app.state.database.fetch("SELECT data::text FROM booking_draft ORDER BY created_at DESC LIMIT 1", ())
    assert (await walker.send()).status_code == 303
    draft = walker.base.rsplit("/", 1)[1]
    await app.state.database.fetch(
        "UPDATE booking_draft SET data = %s::jsonb WHERE id = %s RETURNING 1", (rows[0][0], draft)
    )
    assert (await walker.send()).headers["location"] == f"{walker.base}/done"
    assert await _requests(app.state.database) == 1
    assert len(step(await as_json(walker, bundling), "draft")["bookings"]) == 1


async def test_two_presses_of_the_button_are_one_booking(walker: Walker, booker: Booker, app: FastAPI):
    await walker.begin_bundle()
    await walker.to_check(booker, "draft")
    answers = await asyncio.gather(walker.send(), walker.send())
    assert [answer.status_code for answer in answers] == [303, 303]
    assert await _requests(app.state.database) == 1


async def _requests(database: Database) -> int:
    [(count,)] = await database.fetch("SELECT count(*) FROM request", ())
    return int(count)


async def test_steps_are_left_out_taken_up_and_linked_by_the_page(walker: Walker, bundling: Bundling):
    await walker.begin_bundle()
    path = f"/bundles/{walker.reference}/steps/climate"
    empty = await walker.client.post(f"{path}/leave-out", data={"reason": " "})
    assert empty.status_code == 422
    done = await walker.client.post(f"{path}/leave-out", data={"reason": "只在室内使用"})
    assert done.headers["location"].endswith("?done=left-out")
    assert "只在室内使用" in words(await walker.follow())
    assert (await walker.client.get(path)).headers["location"] == f"/bundles/{walker.reference}"
    assert (await walker.client.post(f"{path}/take-up")).headers["location"].endswith("?done=taken-up")
    assert (await walker.client.post(f"{path}/take-up")).headers["location"].endswith("?refused=step_closed")
    draft = f"/bundles/{walker.reference}/steps/draft"
    assert 'name="reason"' not in (await walker.client.get(draft)).text
    wrong = await walker.client.post(f"{draft}/link", data={"request_reference": "ZT-1", "code": "AAAA-AAAA"})
    assert wrong.status_code == 422
    request = await bundling.booked("STD-003")
    typed = {"request_reference": request["reference"], "code": request["access_code"]}
    assert (await walker.client.post(f"{draft}/link", data=typed)).headers["location"].endswith("?done=linked")
    assert request["reference"] in await walker.follow()
    assert (await walker.client.get(f"/bundles/{walker.reference}/steps/nothing")).status_code == 404


async def test_an_organisation_sees_its_packages_in_its_overview(
    app: FastAPI, people: People, bundling: Bundling, client: httpx.AsyncClient
):
    owner = await people.enterprise()
    colleague = await people.enterprise("delegate", organisation_id=owner.organisation_id)
    home = f"/organisation/{owner.organisation_id}"
    async with signed_in_client(app, owner) as browser:
        assert 'name="organisation"' in (await browser.get("/packages/robot-maker")).text
        foreign = {"town": JINGHU_TOWN, "organisation": "00000000-0000-0000-0000-000000000007"}
        assert (await browser.post("/packages/robot-maker", data=foreign)).status_code == 422
        form = {"town": JINGHU_TOWN, "organisation": str(owner.organisation_id)}
        begun = await browser.post("/packages/robot-maker", data=form)
        path = begun.headers["location"].split("?")[0]
        with counted(app) as seen:
            assert "机器人企业" in words((await browser.get(home)).text)
        assert sum("bundle" in statement for statement in seen) == 4
    async with signed_in_client(app, colleague) as browser:
        page = await browser.get(path)
        assert page.status_code == 200
        assert f'href="{home}"' in page.text
    request = await bundling.booked("STD-003", owner.bearer)
    reference = path.rsplit("/", 1)[1]
    sent = {"reference": request["reference"]}
    linked = await bundling.post({"reference": reference}, "draft", "link", owner.bearer, **sent)
    assert linked.status_code == 200
    station = request["appointment"]["station_code"]
    officer = await people.staff("officer", station=station)
    async with signed_in_client(app, officer) as browser:
        page = words((await browser.get(f"/office/requests/{request['reference']}")).text)
        assert "属于服务包：机器人企业" in page
        assert reference not in page
        assert (await browser.get(path)).status_code == 200
        assert "机器人企业" not in words((await browser.get(path)).text)


async def test_the_page_costs_few_statements(walker: Walker, bundling: Bundling, app: FastAPI):
    await walker.begin_bundle("new-plant")
    await walker.follow()
    with counted(app) as seen:
        await walker.follow()
    of_bundle = [statement for statement in seen if re.search(r"\bbundle", statement)]
    assert len(of_bundle) == 4
    assert len(seen) <= 13, seen


async def test_ones_own_data_has_the_packages_and_closing_forgets_the_person(
    app: FastAPI, people: People, bundling: Bundling
):
    owner = await people.enterprise()
    bundle = await bundling.begin(headers=owner.bearer, organisation_id=str(owner.organisation_id))
    await bundling.post(bundle, "gas", "leave-out", owner.bearer, reason="没有燃气")
    network = await app.state.network.current()
    async with app.state.database.writer() as session:
        kept = (await export(session, network, owner.id))["packages"]
        assert [(each["done"], each["step"], each["reason"]) for each in kept] == [
            ("begun", None, None),
            ("left_out", "gas", "没有燃气"),
        ]
        await forget(session, owner.id)
        await session.commit()
    rows = await app.state.database.fetch(
        "SELECT person_id FROM bundle UNION ALL SELECT person_id FROM bundle_move", ()
    )
    assert rows == [(None,), (None,)]
    assert len(await audited(app, "bundle.begun")) == 1
