"""Single items passed on to another station: what becomes of them, of the rest, and of who may see what."""

from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.requests.booking import SERVICE, Booker, code
from tests.requests.mailing import mails, pending, with_address
from tests.requests.rights import audited, signed_in_client
from tests.requests.splitting import SECOND, WHY, Split, booked_both
from tests.support.people import People

pytestmark = pytest.mark.anyio
COPIES = """
SELECT DISTINCT mode, use, language, organisation_name, uscc, contact_name, mobile, email, lon, lat, given_lon,
    given_lat, crs, note, site, consent_version, consented_at, organisation_id, person_id FROM request
"""


@pytest.fixture
async def split(booker: Booker, people: People, clock: Clock) -> Split:
    return Split(booker, people, clock, await booked_both(booker))


async def test_an_item_goes_alone_and_the_rest_stays_with_a_shorter_visit(app: FastAPI, split: Split, booker: Booker):
    before = await split.shown()
    answer = await split.pass_on()
    assert answer.status_code == 200, answer.text
    first, told = answer.json(), await split.other()
    assert first["linked"] == [{**{name: told[name] for name in first["linked"][0]}, "access_code": None}]
    assert (told["station_code"], told["relation"]) == (split.there, "passed_on")
    second = (await booker.show(told)).json()
    assert [(item["n"], item["service_code"], item["status"]) for item in second["items"]] == [(1, SECOND, "submitted")]
    assert second["items"][0]["inputs"] == before["items"][1]["inputs"]
    assert second["appointment"]["station_code"] == split.there
    assert (second["due_at"], second["status"]) == (before["due_at"], "submitted")  # its clock goes on as it stood
    stays = await split.shown()
    assert [(item["n"], item["service_code"]) for item in stays["items"]] == [(1, SERVICE)]
    assert stays["appointment"]["start"] == before["appointment"]["start"]
    half_an_hour = datetime.fromisoformat(stays["appointment"]["start"]) + timedelta(minutes=30)
    assert datetime.fromisoformat(stays["appointment"]["end"]) == half_an_hour
    assert before["appointment"]["end"] > stays["appointment"]["end"]
    [copies] = [await app.state.database.fetch(COPIES, ())]
    assert len(copies) == 1  # whose it is and what was said is the same in both
    [hashes] = await app.state.database.fetch("SELECT count(DISTINCT access_hash) FROM request", ())
    assert hashes == (2,)


async def test_both_timelines_letters_and_the_record_name_the_other(app: FastAPI, split: Split, booker: Booker):
    await split.pass_on()
    told, first = await split.other(), split.booked["reference"]
    stays, goes = (await split.shown())["timeline"][-1], (await booker.show(told)).json()["timeline"]
    assert stays["kind"] == "item_rerouted"
    assert stays["text_en"].startswith("Item 2: Passed on from")
    assert told["reference"] in stays["text_zh"]
    [came] = goes
    assert (came["kind"], first in came["text_en"], WHY in came["text_zh"]) == ("split_off", True, True)
    assert came["text_en"].startswith(f"Item 2 of request {first} was passed on")
    letter = (await pending(app, told))["request.passed_on"].body or ""
    assert all(part in letter for part in (first, told["reference"], WHY, f"/r/{first}\n"))
    assert told["access_code"] not in letter
    reminders = {"request.reminder", "request.reminder_soon"}
    assert set(await pending(app, told)) == {"request.passed_on", *reminders}
    assert set(await pending(app, split.booked)) == {"request.confirmed", *reminders}
    withdrawn = {mail.kind for mail in await mails(app, split.booked) if mail.withdrawn}
    assert withdrawn == reminders  # there is less to bring now
    [went], [new] = await audited(app, "request.item_rerouted"), await audited(app, "request.split_off")
    assert (went["object_id"], went["after"]["to"], went["after"]["items"]) == (first, told["reference"], [2])
    assert (new["object_id"], new["after"]["from"], new["reason"]) == (told["reference"], first, WHY)
    assert went["station_id"] != new["station_id"]


async def test_each_goes_on_by_itself(split: Split, booker: Booker, people: People):
    await split.go(("officer", "accept"))
    await split.pass_on()
    assert (await split.shown())["status"] == "scheduled"  # what stays was accepted
    told = await split.other()
    there = await people.staff("officer", station=split.there)
    path, headers = told["links"]["self"], dict(there.bearer)
    accepted = await booker.client.post(f"{path}/items/1/accept", json={}, headers=headers)
    assert accepted.json()["status"] == "scheduled"
    moved = await booker.move(split.booked, await booker.hold(split.own))  # a hold for what is left of it
    assert moved.status_code == 200, moved.text
    assert (await booker.cancel({**told, "links": told["links"]})).json()["status"] == "cancelled"
    assert (await split.shown())["status"] == "scheduled"


async def test_when_nothing_goes_on_the_time_is_given_back(split: Split):
    await split.step("officer", "decline", 1, reason="不在能力范围")
    await split.pass_on()
    stays = await split.shown()
    assert (stays["status"], stays["appointment"]["status"], stays["due_at"]) == ("declined", "cancelled", None)


async def test_what_has_begun_keeps_its_time(split: Split):
    before = await split.shown()
    split.at_its_time()
    await split.pass_on()
    assert (await split.shown())["appointment"] == before["appointment"]


async def test_where_the_station_closes_then_the_rest_keeps_its_time_and_can_be_moved(
    app: FastAPI, split: Split, booker: Booker
):
    before = (await split.shown())["appointment"]
    await app.state.database.fetch(
        "INSERT INTO closure (station_id, starts, ends, reason_zh, reason_en) "
        "SELECT id, %s::timestamptz, %s::timestamptz, '停电', 'Power cut' FROM station WHERE code = %s",
        (before["start"], before["end"], split.own),
    )
    try:
        answer = await split.pass_on()
        assert answer.status_code == 200, answer.text
        assert answer.json()["appointment"] == before
        assert (await booker.move(split.booked, await booker.hold(split.own))).status_code == 200
    finally:
        await app.state.database.fetch("DELETE FROM closure WHERE reason_zh = '停电'", ())


async def test_the_last_item_takes_the_request_along(split: Split):
    await split.pass_on()
    answer = await split.pass_on(1, SERVICE)
    assert answer.status_code == 200, answer.text
    assert answer.json()["appointment"]["station_code"] == split.there
    assert len(answer.json()["linked"]) == 1


async def test_what_can_not_go_alone_is_refused_and_nothing_changes(split: Split, booker: Booker):
    before = await split.shown()
    held = await split.held_there()
    for n, sent, status, named in (
        (7, {"reason": WHY, **held}, 404, "item_unknown"),
        (2, {**held}, 422, "reason"),
        (2, {"reason": WHY}, 422, "hold_id"),
        (1, {"reason": WHY, **held}, 422, "hold_id"),  # held for the other item
    ):
        answer = await split.step("officer", "reroute", n, **sent)
        assert answer.status_code == status, answer.text
        problem = answer.json()
        assert named in (problem["code"], *(error["field"] for error in problem.get("errors", ())))
    for role, status in (("applicant", 409), ("window", 404), ("auditor", 404)):
        assert (await split.step(role, "reroute", 2, reason=WHY, **held)).status_code == status, role
    own = await booker.hold(split.own, services=(SECOND,))
    here = {name: own[name] for name in ("hold_id", "hold_token")}
    same = await split.step("officer", "reroute", 2, reason=WHY, **here)
    assert [error["code"] for error in same.json()["errors"]] == ["same_station"]
    assert await split.shown() == before
    await split.step("officer", "decline", 2, reason="不在能力范围")
    declined = await split.step("officer", "reroute", 2, reason=WHY, **held)
    assert (declined.json()["code"], declined.json()["state"]) == ("invalid_transition", "declined")


async def test_repeated_under_the_same_key_it_is_passed_on_once(app: FastAPI, split: Split, booker: Booker):
    path = f"{split.booked['links']['self']}/items/2/reroute"
    sent = {"reason": WHY, **await split.held_there()}
    headers = {**await split.by("officer"), "Idempotency-Key": "split-1"}
    first, again = [await booker.client.post(path, json=sent, headers=headers) for _time in range(2)]
    assert (first.status_code, again.json()) == (200, first.json())
    assert await app.state.database.fetch("SELECT count(*) FROM request", ()) == [(2,)]


async def test_staff_see_where_it_went_and_open_it_only_within_their_reach(
    split: Split, booker: Booker, people: People
):
    await split.pass_on()
    told = await split.other()
    headers = await split.by("officer")
    seen = (await booker.client.get(split.booked["links"]["self"], headers=headers)).json()
    [linked] = seen["linked"]
    assert (linked["station_code"], linked["access_code"]) == (split.there, None)
    assert (await booker.client.get(told["links"]["self"], headers=headers)).status_code == 404
    there = dict((await people.staff("officer", station=split.there)).bearer)
    new = (await booker.client.get(told["links"]["self"], headers=there)).json()
    assert [each["relation"] for each in new["linked"]] == ["came_from"]
    assert (new["masked"], new["linked"][0]["access_code"]) == (True, None)
    assert (await booker.client.get(split.booked["links"]["self"], headers=there)).status_code == 404


async def test_the_first_ones_code_tells_the_new_one_which_opens_nothing_else(split: Split, booker: Booker):
    await split.pass_on()
    told = await split.other()
    assert (await booker.show(told)).status_code == 200
    path = told["links"]["self"]
    assert (await booker.client.get(path, headers=code(split.booked))).status_code == 404
    assert (await booker.client.get(split.booked["links"]["self"], headers=code(told))).status_code == 404
    [back] = (await booker.show(told)).json()["linked"]
    assert (back["reference"], back["access_code"]) == (split.booked["reference"], None)


async def test_the_enterprise_sees_both_without_codes_and_claims_both(
    app: FastAPI, split: Split, booker: Booker, people: People
):
    await split.pass_on()
    told, owner = await split.other(), await people.enterprise()
    async with signed_in_client(app, owner) as browser:
        form = {"reference": split.booked["reference"], "code": split.booked["access_code"]}
        claimed = await browser.post(f"/organisation/{owner.organisation_id}/claim", data=form)
        assert claimed.headers["location"].endswith("done=claimed")
    for each in (split.booked, told):
        seen = (await booker.client.get(each["links"]["self"], headers=dict(owner.bearer))).json()
        assert [other["access_code"] for other in seen["linked"]] == [None]
        assert not seen["masked"]
    assert len(await audited(app, "request.claimed")) == 2
    rows = await app.state.database.fetch("SELECT DISTINCT organisation_id, person_id FROM request", ())
    assert rows == [(owner.organisation_id, owner.id)]


async def test_handed_up_alone_it_is_told_to_who_answers_for_the_parent_station(
    app: FastAPI, booker: Booker, people: People, clock: Clock
):
    rows = await app.state.database.fetch(
        "SELECT s.code, p.code FROM station s JOIN station p ON p.id = s.parent_id WHERE s.code = ANY (%s)",
        (await booker.both(SERVICE, SECOND),),
    )
    able = await booker.designated(service=SECOND)
    own, parent = next((own, parent) for own, parent in rows if parent in able)
    split = Split(booker, people, clock, await booked_both(booker, station=own))
    await with_address(app, (await people.staff("manager", station=parent)).id, "above@example.com")
    held = await booker.hold(parent, services=(SECOND,))
    hold = {name: held[name] for name in ("hold_id", "hold_token")}
    assert (await split.step("officer", "escalate", 2, reason=WHY, **hold)).status_code == 200
    handed_up = (await pending(app, await split.other()))["station.handed_up"]
    assert handed_up.to == "above@example.com"
    assert "station.handed_up" not in await pending(app, split.booked)
