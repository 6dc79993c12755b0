"""A package that was begun without an account is taken into one's own organisation: by its page, by the page of claims,
by the API; of two organisations one has it."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from tests.booking.visitor import words
from tests.bundles.bundling import API, VALVE, Bundling, code
from tests.conftest import Clock
from tests.enterprise.support import code_of
from tests.requests.booking import Booker, Json
from tests.requests.rights import audited
from tests.requests.test_life_races import crowd, crowded
from tests.support.people import People, Signed

pytestmark = pytest.mark.anyio
__all__ = ["crowd", "crowded"]
EN = {"Accept-Language": "en"}
OWNERS = "SELECT organisation_id, person_id FROM bundle"


async def claim(bundling: Bundling, bundle: Json, who: Signed, **headers: str) -> httpx.Response:
    path, sent = f"{API}/{bundle['reference']}/claim", {"organisation_id": str(who.organisation_id)}
    return await bundling.client.post(path, json=sent, headers={**who.bearer, **EN, **headers})


async def owners(app: FastAPI) -> list[tuple[object, ...]]:
    return await app.state.database.fetch(OWNERS, ())


async def other(people: People) -> Signed:
    return await people.enterprise(uscc=code_of(2), name="别家公司")


async def test_who_has_the_code_takes_it_into_an_organisation_and_its_people_see_it(
    bundling: Bundling, app: FastAPI, people: People
):
    bundle, who = await bundling.begin(), await people.enterprise("delegate")
    assert (await claim(bundling, bundle, who)).status_code == 404  # without the code it is nobody's business
    answer = await claim(bundling, bundle, who, **code(bundle))
    assert (answer.status_code, answer.json()["reference"]) == (200, bundle["reference"])
    again = await claim(bundling, bundle, who)
    assert again.status_code == 200
    assert await owners(app) == [(who.organisation_id, who.id)]
    assert [entry["object_id"] for entry in await audited(app, "bundle.claimed")] == [bundle["reference"]]
    colleague = await people.enterprise("delegate", organisation_id=who.organisation_id)
    assert (await bundling.show(bundle, dict(colleague.bearer)))["reference"] == bundle["reference"]


async def test_what_is_of_another_organisation_stays_there(bundling: Bundling, app: FastAPI, people: People):
    bundle, first, second = await bundling.begin(), await people.enterprise(), await other(people)
    await claim(bundling, bundle, first, **code(bundle))
    late = await claim(bundling, bundle, second, **code(bundle))
    assert (late.status_code, late.json()["code"]) == (409, "bundle_claimed")
    assert (await claim(bundling, bundle, second)).json()["code"] == "bundle_unknown"
    assert await owners(app) == [(first.organisation_id, first.id)]


async def test_one_acts_for_the_organisation_and_shows_the_right_code(bundling: Bundling, app: FastAPI, people: People):
    bundle, who, stranger = await bundling.begin(), await people.enterprise(), await other(people)
    sent = {"organisation_id": str(who.organisation_id)}
    path = f"{API}/{bundle['reference']}/claim"
    for headers, status in (
        ({}, 401),
        (code(bundle), 401),
        ({**stranger.bearer, **code(bundle)}, 404),
        ({**who.bearer, "X-Access-Code": "AAAA-AAAA"}, 404),
    ):
        refused = await bundling.client.post(path, json=sent, headers=headers)
        assert refused.status_code == status, refused.text
    assert await owners(app) == [(None, None)]


async def test_its_page_offers_it_to_who_has_signed_in(
    bundling: Bundling, app: FastAPI, client: httpx.AsyncClient, people: People
):
    bundle, who = await bundling.begin(), await people.enterprise()
    page = f"/bundles/{bundle['reference']}"
    await client.post(page, data={"code": bundle["access_code"]})
    assert f"/sign-in?next={page}" in (await client.get(page)).text
    who.browse(client)
    offered = (await client.get(page, headers=EN)).text
    assert "Take it into 芜湖长江阀门有限公司" in words(offered)
    assert (await client.post(f"{page}/claim", data={"organisation": "x"})).headers["location"] == page
    taken = await client.post(f"{page}/claim", data={"organisation": str(who.organisation_id)})
    assert taken.headers["location"] == f"{page}?done=claimed"
    assert await owners(app) == [(who.organisation_id, who.id)]
    after = words((await client.get(taken.headers["location"], headers=EN)).text)
    assert "belongs to your organisation now" in after
    assert "Take it into" not in after
    assert bundle["reference"] in (await client.get(f"/organisation/{who.organisation_id}")).text


async def test_the_page_for_requests_takes_packages_too(
    bundling: Bundling, app: FastAPI, client: httpx.AsyncClient, people: People
):
    bundle, who, second = await bundling.begin(), await people.enterprise(), await other(people)
    who.browse(client)
    here = f"/organisation/{who.organisation_id}"
    wrong = await client.post(f"{here}/claim", data={"reference": bundle["reference"], "code": "AAAA-AAAA"})
    assert wrong.status_code == 422
    assert "没有服务包符合此编号和查询码" in wrong.text
    sent = {"reference": bundle["reference"].lower(), "code": bundle["access_code"].replace("-", " ")}
    taken = await client.post(f"{here}/claim", data=sent)
    assert taken.headers["location"] == f"{here}?done=claimed-package"
    assert "该服务包已归入您的单位" in (await client.get(taken.headers["location"])).text
    second.browse(client)
    late = await client.post(f"/organisation/{second.organisation_id}/claim", data=sent)
    assert "该服务包已归入其他单位" in late.text
    assert await owners(app) == [(who.organisation_id, who.id)]


async def test_requests_of_its_steps_are_not_given_away_with_it(bundling: Bundling, people: People):
    bundle, who = await bundling.begin(), await people.enterprise()
    request = await bundling.booked(VALVE)
    assert (await bundling.link(bundle, "valves", request)).status_code == 200
    await claim(bundling, bundle, who, **code(bundle))
    path = f"/api/v1/requests/{request['reference']}"
    assert (await bundling.client.get(path, headers=who.bearer)).status_code == 404


@pytest.mark.race
async def test_of_two_organisations_that_claim_it_at_once_one_has_it(crowded: FastAPI, crowd: Booker, clock: Clock):
    bundling = Bundling(crowded, crowd.client, crowd)
    people = People(crowded.state.database, clock, crowded.state.callers.timeouts)
    first, second = await people.enterprise(), await other(people)
    for _round in range(4):
        bundle = await bundling.begin()
        answers = await asyncio.gather(*(claim(bundling, bundle, who, **code(bundle)) for who in (first, second)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        winner = first if answers[0].status_code == 200 else second
        kept = await crowded.state.database.fetch(
            "SELECT organisation_id FROM bundle WHERE reference = %s", (bundle["reference"],)
        )
        assert kept == [(winner.organisation_id,)]
