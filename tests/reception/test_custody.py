"""The chain of custody by the API: labels, taking in, every hand it goes through, and the lists of a station."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.enterprise.export import export
from app.kit.db import Database
from app.reception.retention import RULES
from tests.conftest import Clock
from tests.files.samples import png
from tests.reception.conftest import Counter, finish
from tests.requests.booking import Booker, code
from tests.support.people import People


async def test_each_piece_has_a_code_of_its_own_and_keeps_it(counter: Counter):
    codes = await counter.label()
    assert len(set(codes)) == 3
    assert all(each.startswith("WJ-") for each in codes)
    assert await counter.label(**{"1": 2}) == codes[:2]
    assert (await counter.label(**{"1": 4}))[:3] == codes


async def test_nothing_else_gets_a_label(counter: Counter, people: People, client: httpx.AsyncClient):
    bearer = await counter.bearer()
    for parts, status in (({"2": 1}, 404), ({"1": 201}, 422), ({"1": -1}, 422), ({}, 422), ({"x": 1}, 422)):
        body = {"reference": counter.reference, "parts": parts}
        assert (await client.post(f"{counter.api}/labels", json=body, headers=bearer)).status_code == status
    other = await people.staff("window", station="WH-WZ-01")
    body = {"reference": counter.reference, "parts": {"1": 1}}
    assert (await client.post(f"{counter.api}/labels", json=body, headers=other.bearer)).status_code == 404


async def test_to_take_it_in_is_the_step_of_the_request(counter: Counter, client: httpx.AsyncClient, clock: Clock):
    [first, second, _third] = await counter.label()
    clock.move(timedelta(days=-1))
    early = await counter.act(first, "receive", condition="sound")
    assert (early.status_code, early.json()["code"]) == (409, "appointment_ahead")
    counter.arrive()
    without = await counter.act(first, "receive")
    assert [error["field"] for error in without.json()["errors"]] == ["condition"]
    taken = await counter.act(first, "receive", condition="sound", giver="王芳", place="A-3")
    assert taken.status_code == 200, taken.text
    assert (taken.json()["standing"], taken.json()["place"]) == ("here", "A-3")
    shown = (await Booker(client).show(counter.booked)).json()
    assert shown["status"] == "received"
    assert [told["kind"] for told in shown["timeline"]][-2:] == ["checked_in", "received"]
    # The second piece of the same item is taken in without another step.
    assert (await counter.act(second, "receive", condition="sound")).status_code == 200
    after = (await Booker(client).show(counter.booked)).json()
    assert after["timeline"] == shown["timeline"]
    again = await counter.act(first, "receive", condition="sound")
    assert (again.status_code, again.json()["code"], again.json()["standing"]) == (409, "custody_moved", "here")


async def test_marks_must_be_described(counter: Counter):
    [first, *_] = await counter.label()
    counter.arrive()
    bare = await counter.act(first, "receive", condition="marked")
    assert [error["field"] for error in bare.json()["errors"]] == ["words"]
    assert (await counter.act(first, "receive", condition="marked", words="表盘有划痕")).status_code == 200


async def test_every_hand_is_a_link_and_nothing_is_done_out_of_turn(counter: Counter, client: httpx.AsyncClient):
    [thing, *_] = await counter.label()
    counter.arrive()
    for verb in ("move", "send-on", "take-in", "return", "note"):
        refused = await counter.act(thing, verb, condition="sound", taker="某", place="B-1", words="说明")
        assert refused.json()["code"] == "custody_moved", verb
    await counter.act(thing, "receive", condition="sound")
    assert (await counter.act(thing, "move", place="B-1", taker="李工")).json()["place"] == "B-1"
    assert (await counter.act(thing, "note")).json()["errors"][0]["field"] == "words"
    assert (await counter.act(thing, "note", words="指针偏移")).status_code == 200
    away = (await counter.act(thing, "send-on", taker="安徽省计量院", due_back="2026-12-11")).json()
    assert (away["standing"], away["holder"], away["due_back"]) == ("away", "安徽省计量院", "2026-12-11")
    assert (await counter.act(thing, "take-in", condition="sound")).json()["standing"] == "here"
    early = await counter.act(thing, "return", taker="王芳", condition="sound")
    assert [error["field"] for error in early.json()["errors"]] == ["words"]
    back = (await counter.act(thing, "return", taker="王芳", condition="sound", words="企业急用")).json()
    assert (back["standing"], back["holder"], back["station_code"]) == ("returned", "王芳", None)
    steps = ["receive", "move", "note", "send_on", "take_in", "return"]
    assert [link["action"] for link in back["chain"]] == steps
    assert all(link["by"] for link in back["chain"])
    # The owner reads the same, without the names of staff and without the shelf.
    own = (await client.get(f"{counter.booked['links']['self']}/things", headers=code(counter.booked))).json()["things"]
    mine = next(each for each in own if each["code"] == thing)
    assert [link["action"] for link in mine["chain"]] == steps
    assert {link["by"] for link in mine["chain"]} == {None}
    assert {link["place"] for link in mine["chain"]} == {None}
    nobody = await client.get(f"{counter.booked['links']['self']}/things", headers={"X-Access-Code": "0000-0000"})
    assert nobody.status_code == 404


async def test_what_somebody_has_not_seen_stops_them(counter: Counter):
    [thing, *_] = await counter.label()
    counter.arrive()
    await counter.act(thing, "receive", condition="sound", seen=0)
    stale = await counter.act(thing, "move", place="C-1", seen=0)
    assert (stale.status_code, stale.json()["code"]) == (409, "custody_moved")
    assert (await counter.act(thing, "move", place="C-1", seen=1)).status_code == 200


async def test_pictures_come_along_and_only_who_may_see_them_does(
    counter: Counter, client: httpx.AsyncClient, people: People
):
    [thing, *_] = await counter.label()
    counter.arrive()
    path, bearer = f"{counter.api}/things/{thing}/receive", await counter.bearer()
    files = [("photos", ("铭牌.png", png(), "image/png")), ("photos", ("b.png", png(), "image/png"))]
    for wrong in ([("photos", ("a.pdf", b"%PDF-1.7 x", "application/pdf"))], [*files, ("other", ("c.png", png()))]):
        refused = await client.post(path, data={"condition": "sound"}, files=wrong, headers=bearer)
        assert refused.status_code == 422
    taken = await client.post(path, data={"condition": "sound", "seen": "0"}, files=files, headers=bearer)
    assert taken.status_code == 200, taken.text
    photos = taken.json()["chain"][0]["photos"]
    assert [photo["name"] for photo in photos] == ["铭牌.png", "b.png"]
    own = f"{counter.booked['links']['self']}/things/{thing}/photos/{photos[0]['id']}"
    shown = await client.get(own, headers=code(counter.booked))
    assert (shown.status_code, shown.content) == (200, png())
    other = await Booker(client).book()
    theirs = f"{other['links']['self']}/things/{thing}/photos/{photos[0]['id']}"
    assert (await client.get(theirs, headers=code(other))).status_code == 404
    stranger = await people.staff("window", station="WH-WZ-01")
    assert (await client.get(f"{counter.api}/things/{thing}", headers=stranger.bearer)).status_code == 404


async def test_the_lists_say_what_lies_where_and_what_is_overdue(counter: Counter, app: FastAPI, clock: Clock):
    database: Database = app.state.database
    [first, second, third] = await counter.label()
    counter.arrive()
    for each in (first, second, third):
        await counter.act(each, "receive", condition="sound", place="A-1")
    await counter.act(third, "send-on", taker="省院", due_back=str((clock.now + timedelta(days=3)).date()))
    assert [row["code"] for row in await counter.listed()] == [first, second]
    assert [row["code"] for row in await counter.listed("away")] == [third]
    assert await counter.listed("overdue") == []
    await finish(database, counter.reference, clock.now)
    ready = await counter.listed()
    assert all(row["ready_at"] for row in ready)
    clock.move(timedelta(days=4))
    assert [row["code"] for row in await counter.listed("overdue")] == [third]
    clock.move(timedelta(days=12))  # ten working days and two weekends
    assert {row["code"] for row in await counter.listed("overdue")} == {first, second, third}
    await counter.act(first, "return", taker="王芳", condition="sound")
    assert {row["code"] for row in await counter.listed("overdue")} == {second, third}
    assert [row["code"] for row in await counter.listed("returned")] == [first]


async def test_another_station_gets_what_was_passed_on_to_it(
    counter: Counter, people: People, client: httpx.AsyncClient
):
    [thing, *_] = await counter.label()
    counter.arrive()
    await counter.act(thing, "receive", condition="sound")
    there = await people.staff("window", station="WH-WZ-01")
    path = "/api/v1/reception/WH-WZ-01/things"
    assert (await client.get(f"{path}/{thing}", headers=there.bearer)).status_code == 404
    await counter.act(thing, "send-on", taker="wh-wz-01")
    coming = (await client.get(f"{path}?view=away", headers=there.bearer)).json()["items"]
    assert [row["code"] for row in coming] == [thing]
    taken = await client.post(f"{path}/{thing}/take-in", json={"condition": "sound"}, headers=there.bearer)
    assert (taken.status_code, taken.json()["station_code"]) == (200, "WH-WZ-01")
    # The first station sees where it is, and can't act with what it doesn't have.
    assert (await counter.act(thing, "move", place="X")).json()["code"] == "custody_moved"


@pytest.mark.parametrize("wrong", ["WJ-7K3M-9QXD-J", "ZT-7K3M-9QXD-J", "%00", "压力表"])
async def test_a_code_that_is_none_finds_nothing(counter: Counter, client: httpx.AsyncClient, wrong: str):
    answer = await client.get(f"{counter.api}/things/{wrong}", headers=await counter.bearer())
    assert (answer.status_code, answer.json()["code"]) == (404, "thing_unknown")


async def test_a_thing_goes_with_its_request_to_another_station(
    counter: Counter, people: People, client: httpx.AsyncClient
):
    [thing, *_] = await counter.label()
    booker = Booker(client)
    there = next(each for each in await booker.designated() if each != counter.station)
    held = await booker.hold(there)
    officer = await people.staff("officer", station=counter.station)
    sent = {"hold_id": held["hold_id"], "hold_token": held["hold_token"], "reason": "本站设备检修"}
    path = f"{counter.booked['links']['self']}/actions/reroute"
    assert (await client.post(path, json=sent, headers=officer.bearer)).status_code == 200
    assert (await client.get(f"{counter.api}/things/{thing}", headers=await counter.bearer())).status_code == 404
    new = await people.staff("window", station=there)
    shown = await client.get(f"/api/v1/reception/{there}/things/{thing}", headers=new.bearer)
    assert (shown.status_code, shown.json()["standing"]) == (200, "labelled")


async def test_who_handed_it_over_can_be_taken_along_and_goes_with_the_contact_data(
    counter: Counter, app: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock
):
    database: Database = app.state.database
    [thing, *_] = await counter.label()
    counter.arrive()
    path, files = f"{counter.api}/things/{thing}", [("photos", ("铭牌.png", png(), "image/png"))]
    said = {"condition": "marked", "words": "划痕", "giver": "王芳"}
    await client.post(f"{path}/receive", data=said, files=files, headers=await counter.bearer())
    await counter.act(thing, "return", taker="王芳", condition="sound", words="急用")
    sme = await people.enterprise()
    await database.fetch("UPDATE request SET person_id = %s", (sme.id,))
    async with database.reader() as session:
        kept = (await export(session, await app.state.network.current(), sme.id))["things_handed_in"]
    assert [(each["code"], each["action"], each["giver"], each["taker"]) for each in kept] == [
        (thing, "receive", "王芳", None),
        (thing, "return", None, "王芳"),
    ]
    places = {"before": clock.now + timedelta(days=1), "most": 10, "now": clock.now}
    ended = {rule.key: len(await database.fetch(rule.apply, places)) for rule in RULES}
    assert ended == {"custody_names": 2, "custody_holders": 1, "custody_photos": 1}
    assert [len(await database.fetch(rule.apply, places)) for rule in RULES] == [0, 0, 0]
    names = "SELECT count(*) FROM custody_link WHERE giver IS NOT NULL OR taker IS NOT NULL OR words IS NOT NULL"
    assert await database.fetch(names, ()) == [(0,)]
    assert (await client.get(path, headers=await counter.bearer())).json()["chain"][0]["photos"] == []
