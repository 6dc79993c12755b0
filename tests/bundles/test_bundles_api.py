"""Packages and bundles by the JSON API: begun, followed, steps left out and linked; and who may do so."""

import httpx
import pytest
from fastapi import FastAPI

from app.bundles.offered import offered, unknown_services
from tests.bundles.bundling import API, DECLARING, DRAFTING, EQUIPMENT, TOWN, VALVE, Bundling, step
from tests.conftest import Clock
from tests.requests.booking import Json
from tests.requests.rights import audited
from tests.support.people import People

OTHER = "91340200MA20000002"


async def test_every_service_of_every_package_is_in_the_reference_catalogue(app: FastAPI):
    catalogue = await app.state.catalogue.current()
    assert unknown_services(catalogue) == {}
    assert len(offered(catalogue)) == 3


async def test_a_package_one_of_whose_services_is_no_longer_offered_is_not_offered_either(
    client: httpx.AsyncClient, app: FastAPI
):
    await app.state.database.fetch("UPDATE service SET active = false WHERE code = %s RETURNING 1", (VALVE,))
    try:
        codes = [each["code"] for each in (await client.get("/api/v1/packages")).json()["items"]]
        assert codes == ["export-product", "robot-maker"]
        answer = await client.get("/api/v1/packages/new-plant")
        assert (answer.status_code, answer.json()["code"]) == (404, "package_unknown")
    finally:
        await app.state.database.fetch("UPDATE service SET active = true WHERE code = %s RETURNING 1", (VALVE,))


async def test_a_package_says_its_steps_their_order_and_that_it_is_a_proposal(client: httpx.AsyncClient):
    found = (await client.get("/api/v1/packages/new-plant")).json()
    equipment = step(found, "equipment")
    assert equipment["service_code"] == EQUIPMENT
    assert (equipment["after"], equipment["order"], equipment["optional"]) == (["gauges", "valves"], "must", False)
    assert equipment["duration_min"] > 0
    assert "proposal" in found["source_en"]
    keys = [each["key"] for each in found["steps"]]
    assert all(keys.index(before) < keys.index(each["key"]) for each in found["steps"] for before in each["after"])


async def test_a_bundle_is_begun_without_an_account_and_opened_by_its_code_alone(
    bundling: Bundling, client: httpx.AsyncClient, app: FastAPI
):
    bundle = await bundling.begin()
    assert bundle["reference"].startswith("TB-")
    assert bundle["progress"] == {"done": 0, "left_out": 0, "total": 8}
    assert bundle["next"]["what"] == "book"
    assert step(bundle, "equipment")["state"] == "waits"
    assert step(bundle, "gauges")["state"] == "bookable"
    assert await bundling.show(bundle) == {name: value for name, value in bundle.items() if name != "access_code"}
    path = f"{API}/{bundle['reference']}"
    wrong = await client.get(path, headers={"X-Access-Code": "AAAA-AAAA"})
    unknown = await client.get(f"{API}/TB-0000-0000-0", headers={"X-Access-Code": "AAAA-AAAA"})
    assert (wrong.status_code, wrong.json()["code"]) == (404, "bundle_unknown")
    assert wrong.json() == unknown.json()
    assert (await client.get(path)).status_code == 422
    assert [entry["after"] for entry in await audited(app, "bundle.begun")] == [{"package": "new-plant"}]


async def test_a_token_that_counts_no_longer_begins_nothing(client: httpx.AsyncClient, app: FastAPI):
    sent = {"package": "new-plant", "town": TOWN}
    answer = await client.post(API, json=sent, headers={"Authorization": "Bearer gone"})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")
    assert await app.state.database.fetch("SELECT 1 FROM bundle", ()) == []


async def test_repeated_under_the_same_key_a_package_is_begun_once(client: httpx.AsyncClient, app: FastAPI):
    sent, headers = {"package": "new-plant", "town": TOWN}, {"Idempotency-Key": "once"}
    first = await client.post(API, json=sent, headers=headers)
    again = await client.post(API, json=sent, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(await app.state.database.fetch("SELECT 1 FROM bundle", ())) == 1
    other = await client.post(API, json={**sent, "package": "robot-maker"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    kept = await app.state.database.fetch("SELECT answer::text FROM idempotency", ())
    assert first.json()["access_code"] not in kept[0][0]


async def test_the_proposed_visits_cover_every_step_that_can_be_booked_once(bundling: Bundling):
    bundle = await bundling.begin()
    visits = bundle["visits"]
    keys = [key for visit in visits for key in visit["steps"]]
    assert sorted(keys) == sorted(each["key"] for each in bundle["steps"] if each["state"] == "bookable")
    together = max(visits, key=lambda visit: len(visit["steps"]))
    assert len(together["steps"]) > 1
    services = [step(bundle, key)["service_code"] for key in together["steps"]]
    query = {"service": services, "lon": 118.37, "lat": 31.33, "limit": 50}
    routes = (await bundling.client.get("/api/v1/routes", params=query)).json()["candidates"]
    there = next(each for each in routes if each["station"]["code"] == together["station_code"])
    assert sorted(there["covers"]) == sorted(services)


@pytest.mark.parametrize(
    ("sent", "status", "named"),
    [
        ({"package": "nothing"}, 404, "package_unknown"),
        ({"town": "999999"}, 422, "town"),
        ({"organisation_id": "00000000-0000-0000-0000-000000000007"}, 404, "not_found"),
        ({"color": "red"}, 422, "color"),
    ],
)
async def test_a_beginning_that_cant_be_is_refused(client: httpx.AsyncClient, sent: Json, status: int, named: str):
    answer = await client.post(API, json={"package": "new-plant", "town": TOWN, **sent})
    assert answer.status_code == status, answer.text
    assert named in answer.text


async def test_what_is_under_way_comes_before_what_is_only_advised_to_wait_for_it(bundling: Bundling):
    bundle = await bundling.begin("robot-maker")
    assert bundle["next"]["what"] == "book"
    assert all(not step(bundle, key)["waits_for"] for key in bundle["next"]["steps"])
    for key in ("climate", "search", "patent", "brand"):
        assert (await bundling.post(bundle, key, "leave-out", reason="不需要")).status_code == 200
    draft = await bundling.booked(DRAFTING)
    found = (await bundling.link(bundle, "draft", draft)).json()
    assert found["next"] == {"what": "wait", "steps": [], "reference": None}
    assert step(found, "safety")["state"] == "bookable"  # in a hurry it can be booked all the same
    await bundling.set_state(draft, "done")
    following = (await bundling.show(bundle))["next"]
    assert following["what"] == "book"
    assert set(following["steps"]) <= {"declare", "performance", "safety", "emc"}


async def test_a_step_is_left_out_with_a_reason_and_taken_up_again(bundling: Bundling, app: FastAPI):
    bundle = await bundling.begin()
    answer = await bundling.post(bundle, "scales", "leave-out", reason="厂里没有秤")
    assert answer.status_code == 200, answer.text
    scales = step(answer.json(), "scales")
    assert (scales["state"], scales["left_out"]["reason"]) == ("left_out", "厂里没有秤")
    assert answer.json()["progress"]["left_out"] == 1
    again = await bundling.post(bundle, "scales", "leave-out", reason="again")
    assert (again.status_code, again.json()["code"]) == (409, "step_closed")
    taken_up = await bundling.post(bundle, "scales", "take-up")
    assert step(taken_up.json(), "scales")["state"] == "bookable"
    assert (await bundling.post(bundle, "scales", "take-up")).status_code == 409
    needed = await bundling.post(bundle, "gauges", "leave-out", reason="never")
    assert (needed.status_code, needed.json()["code"]) == (409, "step_not_optional")
    assert (await bundling.post(bundle, "nothing", "leave-out", reason="x")).json()["code"] == "step_unknown"
    assert (await bundling.post(bundle, "gas", "leave-out", reason="  ")).status_code == 422
    assert [entry["reason"] for entry in await audited(app, "bundle.step_left_out")] == ["厂里没有秤"]
    assert len(await audited(app, "bundle.step_taken_up")) == 1


async def test_a_request_made_on_its_own_becomes_a_steps_and_the_step_follows_it(bundling: Bundling):
    bundle = await bundling.begin()
    request = await bundling.booked(VALVE)
    answer = await bundling.link(bundle, "valves", request)
    assert answer.status_code == 200, answer.text
    valves = step(answer.json(), "valves")
    assert valves["state"] == "booked"
    assert [each["reference"] for each in valves["bookings"]] == [request["reference"]]
    assert valves["bookings"][0]["start"] == request["appointment"]["start"]
    for state, expected in (("done", "done"), ("cancelled", "bookable"), ("returned", "booked")):
        await bundling.set_state(request, state)
        assert (await bundling.step(bundle, "valves"))["state"] == expected
    assert (await bundling.show(bundle))["next"] == {
        "what": "answer",
        "steps": ["valves"],
        "reference": request["reference"],
    }


async def test_a_step_that_waits_opens_once_those_before_it_are_done(bundling: Bundling):
    bundle = await bundling.begin("robot-maker")
    declaring = await bundling.booked(DECLARING)
    waiting = await bundling.link(bundle, "declare", declaring)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "step_waits")
    draft = await bundling.booked(DRAFTING)
    assert (await bundling.link(bundle, "draft", draft)).status_code == 200
    assert (await bundling.step(bundle, "declare"))["state"] == "waits"
    await bundling.set_state(draft, "done")
    declare = await bundling.step(bundle, "declare")
    assert (declare["state"], declare["waits_for"]) == ("bookable", [])
    assert (await bundling.link(bundle, "declare", declaring)).status_code == 200


async def test_only_what_fits_the_step_and_belongs_to_no_other_is_linked(bundling: Bundling):
    bundle, other = await bundling.begin(), await bundling.begin()
    request = await bundling.booked(VALVE)
    wrong = await bundling.link(bundle, "ledger", request)
    assert (wrong.status_code, wrong.json()["code"]) == (404, "request_not_of_step")
    guessed = await bundling.link(bundle, "valves", {**request, "access_code": "AAAA-AAAA"})
    assert guessed.json()["code"] == "request_not_of_step"
    assert (await bundling.link(bundle, "valves", request)).status_code == 200
    taken = await bundling.link(other, "valves", request)
    assert (taken.status_code, taken.json()["code"]) == (409, "request_in_package")
    assert (await bundling.step(other, "valves"))["state"] == "bookable"
    again = await bundling.link(bundle, "valves", await bundling.booked(VALVE))
    assert (again.status_code, again.json()["code"]) == (409, "step_closed")


async def test_an_organisations_bundle_is_open_to_its_people_alone(bundling: Bundling, people: People):
    owner = await people.enterprise()
    colleague = await people.enterprise("delegate", organisation_id=owner.organisation_id)
    stranger = await people.enterprise(uscc=OTHER, name="另一家")
    admin = await people.staff("city_admin")
    bundle = await bundling.begin(headers=owner.bearer, organisation_id=str(owner.organisation_id))
    assert bundle["organisation_id"] == str(owner.organisation_id)
    assert (await bundling.show(bundle, colleague.bearer))["reference"] == bundle["reference"]
    left_out = await bundling.post(bundle, "gas", "leave-out", colleague.bearer, reason="没有燃气")
    assert left_out.status_code == 200
    path = f"{API}/{bundle['reference']}"
    for other in (stranger, admin):
        assert (await bundling.client.get(path, headers=other.bearer)).json()["code"] == "bundle_unknown"
        refused = await bundling.post(bundle, "scales", "leave-out", other.bearer, reason="x")
        assert refused.status_code == 404
    foreign = await bundling.client.post(
        API,
        json={"package": "new-plant", "town": TOWN, "organisation_id": str(owner.organisation_id)},
        headers=stranger.bearer,
    )
    assert foreign.status_code == 404


async def test_a_request_of_one_organisation_is_not_linked_to_the_bundle_of_another(bundling: Bundling, people: People):
    owner = await people.enterprise()
    other = await people.enterprise(uscc=OTHER, name="另一家")
    await people.join(owner.id, other.organisation_id)
    request = await bundling.booked(VALVE, owner.bearer)
    foreign = await bundling.begin(headers=owner.bearer, organisation_id=str(other.organisation_id))
    sent = {"reference": request["reference"]}
    refused = await bundling.post(foreign, "valves", "link", owner.bearer, **sent)
    assert (refused.status_code, refused.json()["code"]) == (404, "request_not_of_step")
    own = await bundling.begin(headers=owner.bearer, organisation_id=str(owner.organisation_id))
    assert (await bundling.post(own, "valves", "link", owner.bearer, **sent)).status_code == 200


async def test_what_is_proposed_as_a_start_follows_the_networks_rule(bundling: Bundling, clock: Clock):
    bundle = await bundling.begin()
    filing = step(bundle, "filing")
    assert filing["waits_for"] == ["ledger"]
    assert filing["proposed_start"]["date"] > clock.now.date().isoformat()
    assert step(bundle, "ledger")["proposed_start"]["date"] == clock.now.date().isoformat()
    assert step(bundle, "equipment")["proposed_start"] is None  # no rule says how long a safety valve takes
