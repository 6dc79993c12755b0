"""Whose a request is, and who may see and change it without its access code."""

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.models import ApiKey, Membership
from app.kit.ids import hash_secret, new_id
from tests.conftest import Clock
from tests.requests.booking import ORGANISATION, Booker, Json
from tests.requests.rights import audited, other_station, signed_in_client, write
from tests.support.people import People, Signed

pytestmark = pytest.mark.anyio
ANOTHER_CODE = "91110108551385082Q"


async def owned(app: FastAPI, booked: Json) -> tuple[object, object]:
    """The organisation and the person that the request belongs to."""
    [row] = await app.state.database.fetch(
        "SELECT organisation_id, person_id FROM request WHERE reference = %s", (booked["reference"],)
    )
    return row[0], row[1]


async def sent_by(booker: Booker, signed: Signed, **more: object) -> Json:
    answer = await booker.send(await booker.filled_in(await booker.hold(), **more), **signed.bearer)
    assert answer.status_code == 201, answer.text
    booked: Json = answer.json()
    return booked


async def look(booker: Booker, booked: Json, signed: Signed) -> httpx.Response:
    return await booker.client.get(booked["links"]["self"], headers=dict(signed.bearer))


async def cancel(booker: Booker, booked: Json, signed: Signed, reason: str = "") -> httpx.Response:
    body = {"reason": reason} if reason else {}
    return await booker.client.post(booked["links"]["cancel"], json=body, headers=dict(signed.bearer))


async def key_of(app: FastAPI, clock: Clock, signed: Signed, *scopes: str) -> Signed:
    """The same person with an API key of these scopes."""
    secret = f"osk_{new_id().hex}"
    await write(
        app,
        ApiKey(
            id=new_id(),
            person_id=signed.id,
            name="k",
            prefix=secret[:12],
            secret_hash=hash_secret(secret),
            scopes=list(scopes),
            created_at=clock.now,
            expires_at=clock.now.replace(year=2027),
        ),
    )
    return Signed(signed.id, signed.username, "", secret, signed.organisation_id)


async def test_what_a_member_sends_with_the_organisations_code_belongs_to_it(
    app: FastAPI, booker: Booker, people: People
):
    member = await people.enterprise()
    booked = await sent_by(booker, member)
    assert await owned(app, booked) == (member.organisation_id, member.id)
    [entry] = await audited(app, "request.submitted")
    assert (entry["actor_kind"], entry["actor_id"]) == ("person", member.id)
    assert entry["organisation_id"] == member.organisation_id


async def test_another_code_than_the_organisations_makes_it_nobodys_list(app: FastAPI, booker: Booker, people: People):
    await people.enterprise(uscc=ORGANISATION, name="别家")
    sender = await people.enterprise(uscc=ANOTHER_CODE)
    booked = await sent_by(booker, sender)
    assert await owned(app, booked) == (None, sender.id)
    assert (await look(booker, booked, sender)).status_code == 200


async def test_of_several_organisations_the_one_with_the_code_gets_it(app: FastAPI, booker: Booker, people: People):
    first = await people.enterprise(uscc=ANOTHER_CODE)
    second = await people.enterprise(uscc=ORGANISATION, name="第二家")
    assert second.organisation_id
    await write(
        app,
        Membership(
            organisation_id=second.organisation_id,
            person_id=first.id,
            role="delegate",
            since=people._clock(),
        ),
    )
    assert await owned(app, await sent_by(booker, first)) == (second.organisation_id, first.id)


async def test_what_staff_send_for_others_is_not_theirs(app: FastAPI, booker: Booker, people: People):
    clerk = await people.staff("window")
    booked = await sent_by(booker, clerk)
    assert await owned(app, booked) == (None, None)
    assert (await audited(app, "request.submitted"))[0]["actor_id"] == clerk.id


async def test_what_is_sent_without_an_account_is_nobodys(app: FastAPI, booker: Booker, people: People):
    member = await people.enterprise()
    booked = await booker.book()
    assert await owned(app, booked) == (None, None)
    assert (await look(booker, booked, member)).status_code == 404
    [entry] = await audited(app, "request.submitted")
    assert (entry["actor_kind"], entry["address"]) == ("visitor", "127.0.0.1")
    assert set(entry["after"]) == {"status", "station", "start", "services", "items"}


async def test_colleagues_see_and_change_it_in_full_and_others_find_nothing(booker: Booker, people: People):
    sender = await people.enterprise()
    colleague = await people.enterprise("delegate", organisation_id=sender.organisation_id)
    stranger = await people.enterprise(uscc=ANOTHER_CODE)
    booked = await sent_by(booker, sender)
    body = (await look(booker, booked, colleague)).json()
    assert (body["applicant"]["mobile"], body["masked"]) == ("13812345678", False)
    unknown = await booker.client.get("/api/v1/requests/ZT-7K3M-9QXD-J", headers=dict(stranger.bearer))
    for answer in (await look(booker, booked, stranger), await cancel(booker, booked, stranger)):
        assert answer.status_code == 404
        assert answer.json() == unknown.json()
    assert (await cancel(booker, booked, colleague)).status_code == 200
    assert (await look(booker, booked, sender)).json()["status"] == "cancelled"


async def test_who_has_left_the_organisation_sees_nothing_of_it_any_more(app: FastAPI, booker: Booker, people: People):
    sender = await people.enterprise()
    booked = await sent_by(booker, sender)
    await app.state.database.fetch("DELETE FROM membership WHERE person_id = %s", (sender.id,))
    assert (await look(booker, booked, sender)).status_code == 404


async def test_staff_of_the_station_see_it_masked_and_change_it_with_a_reason(
    app: FastAPI, booker: Booker, people: People
):
    booked = await booker.book()
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    body = (await look(booker, booked, officer)).json()
    assert body["masked"] is True
    assert body["applicant"]["contact_name"] == "王*"
    assert body["applicant"]["mobile"] == "138****5678"
    assert body["applicant"]["email"] == "w***@example.com"
    silent = await cancel(booker, booked, officer)
    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "reason")
    assert (await cancel(booker, booked, officer, "设备检修")).status_code == 200
    [entry] = await audited(app, "request.cancelled")
    assert entry["before"]["status"] == "submitted"
    assert entry["after"] == {"status": "cancelled"}


@pytest.mark.parametrize(("role", "looks", "reveals", "cancels"), [
    ("window", 200, 200, 404), ("officer", 200, 200, 200), ("manager", 200, 200, 200),
    ("county_admin", 200, 200, 200), ("city_admin", 200, 200, 200), ("auditor", 200, 403, 404),
])  # fmt: skip
async def test_each_role_may_what_its_table_says(
    *, booker: Booker, people: People, role: str, looks: int, reveals: int, cancels: int
):
    booked = await booker.book()
    stations = (await booker.client.get("/api/v1/stations", params={"limit": 200})).json()["items"]
    place = next(each for each in stations if each["code"] == booked["appointment"]["station_code"])
    county = place["county_adcode"] if role == "county_admin" else ""
    signed = await people.staff(role, station=place["code"], county=county)
    assert (await look(booker, booked, signed)).status_code == looks
    path = f"{booked['links']['self']}/reveal"
    answer = await booker.client.post(path, json={"reason": "电话联系申请人"}, headers=dict(signed.bearer))
    assert answer.status_code == reveals
    assert (await cancel(booker, booked, signed, "设备检修")).status_code == cancels


async def test_staff_of_another_station_guess_in_vain(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    stranger = await people.staff("manager", station=await other_station(booker, booked))
    missing = await booker.client.get("/api/v1/requests/ZT-7K3M-9QXD-J", headers=dict(stranger.bearer))
    path = f"{booked['links']['self']}/reveal"
    answers = [
        await look(booker, booked, stranger),
        await cancel(booker, booked, stranger, "设备检修"),
        await booker.client.get(booked["links"]["calendar"], headers=dict(stranger.bearer)),
        await booker.client.post(path, json={"reason": "电话联系申请人"}, headers=dict(stranger.bearer)),
    ]
    assert [answer.json() for answer in answers] == [missing.json()] * len(answers)
    assert await audited(app, "contact.revealed") == []
    listed = await booker.client.get("/api/v1/requests", headers=dict(stranger.bearer))
    assert listed.json() == {"items": [], "next": None}


async def test_a_reveal_needs_a_reason_and_is_on_record_with_it(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    path, headers = f"{booked['links']['self']}/reveal", dict(officer.bearer)
    for reason in ("", "abcd", "    a    ", "\x00\x00\x00\x00\x00\x00"):
        answer = await booker.client.post(path, json={"reason": reason}, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "reason"
    shown = await booker.client.post(path, json={"reason": "电话联系申请人"}, headers=headers)
    assert shown.json()["applicant"]["mobile"] == "13812345678"
    assert (await look(booker, booked, officer)).json()["masked"] is True
    [entry] = await audited(app, "contact.revealed")
    assert (entry["actor_id"], entry["reason"]) == (officer.id, "电话联系申请人")


async def test_a_code_that_is_given_decides_also_for_who_has_signed_in(booker: Booker, people: People):
    booked = await booker.book()
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    assert (await booker.show(booked, **officer.bearer)).json()["masked"] is False
    wrong = {**officer.bearer, "X-Access-Code": "AAAA-AAAA"}
    assert (await booker.client.get(booked["links"]["self"], headers=wrong)).status_code == 404


async def test_a_token_that_counts_no_longer_leads_to_the_sign_in(booker: Booker):
    booked = await booker.book()
    headers = {"Authorization": "Bearer ost_gone"}
    answer = await booker.client.get(booked["links"]["self"], headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_key_does_nothing_that_it_was_not_given_for(app: FastAPI, booker: Booker, people: People, clock: Clock):
    member = await people.enterprise()
    booked = await sent_by(booker, member)
    nothing = await key_of(app, clock, member)
    reads = await key_of(app, clock, member, "requests:read")
    writes = await key_of(app, clock, member, "requests:write")
    assert (await look(booker, booked, nothing)).status_code == 404
    assert (await booker.client.get("/api/v1/requests", headers=dict(nothing.bearer))).status_code == 403
    assert (await look(booker, booked, reads)).status_code == 200
    assert (await cancel(booker, booked, reads)).status_code == 404
    held = await booker.hold()
    refused = await booker.send(await booker.filled_in(held), **reads.bearer)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    made = await booker.send(await booker.filled_in(held), **writes.bearer)
    assert (await owned(app, made.json()))[0] == member.organisation_id
    assert (await cancel(booker, booked, writes)).status_code == 200
    assert [entry["actor_kind"] for entry in await audited(app, "request.cancelled")] == ["key"]


async def test_a_key_never_reveals(app: FastAPI, booker: Booker, people: People, clock: Clock):
    booked = await booker.book()
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    key = await key_of(app, clock, officer, "requests:read", "requests:write")
    path = f"{booked['links']['self']}/reveal"
    answer = await booker.client.post(path, json={"reason": "电话联系申请人"}, headers=dict(key.bearer))
    assert answer.status_code == 403


async def test_who_owes_a_second_factor_reaches_nothing(booker: Booker, people: People):
    booked = await booker.book()
    weak = await people.staff("auditor", strong=False)
    assert (await look(booker, booked, weak)).status_code == 404
    assert (await booker.client.get("/api/v1/requests", headers=dict(weak.bearer))).status_code == 403


async def test_the_list_has_what_is_reached_page_by_page_and_as_a_file(booker: Booker, people: People):
    member = await people.enterprise()
    mine = [(await sent_by(booker, member))["reference"] for _number in range(3)]
    await booker.book()
    headers = dict(member.bearer)
    first = (await booker.client.get("/api/v1/requests", params={"limit": 2}, headers=headers)).json()
    query = {"limit": 2, "cursor": first["next"]}
    second = (await booker.client.get("/api/v1/requests", params=query, headers=headers)).json()
    assert second["next"] is None
    found = [item["reference"] for item in (*first["items"], *second["items"])]
    assert sorted(found) == sorted(mine)
    assert first["items"][0]["due_at"] == "2026-12-03T23:59:59+08:00"
    file = await booker.client.get("/api/v1/requests", params={"format": "csv"}, headers=headers)
    assert file.headers["content-type"].startswith("text/csv")
    assert file.text.count("\r\n") == 4
    assert "13812345678" not in file.text + str(first)
    assert (await booker.client.get("/api/v1/requests")).status_code == 401
    for query in ({"cursor": "xx"}, {"station": "NO"}, {"status": "lost"}, {"day": "5"}, {"limit": 0}, {"k": "v"}):
        assert (await booker.client.get("/api/v1/requests", params=query, headers=headers)).status_code == 422


async def test_a_key_of_idempotency_belongs_to_the_person_wherever_they_are(
    app: FastAPI, booker: Booker, people: People
):
    member, other = await people.enterprise(), await people.enterprise(uscc=ANOTHER_CODE)
    body = await booker.filled_in(await booker.hold())
    first = await booker.send(body, **member.bearer, **{"Idempotency-Key": "k1"})
    elsewhere = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=("198.51.100.7", 1)), base_url="http://testserver"
    )
    again = await Booker(elsewhere).send(body, **member.bearer, **{"Idempotency-Key": "k1"})
    assert again.json() == first.json()
    stranger = await booker.send(body, **other.bearer, **{"Idempotency-Key": "k1"})
    assert stranger.status_code == 409


async def test_the_page_opens_without_a_code_for_members_and_says_where_it_is_listed(
    app: FastAPI, booker: Booker, people: People
):
    member = await people.enterprise()
    booked = await sent_by(booker, member)
    async with signed_in_client(app, member) as browser:
        page = await browser.get(f"/r/{booked['reference']}")
        assert page.status_code == 200
        assert f"/organisation/{member.organisation_id}/requests" in page.text
        answer = await browser.post(f"/r/{booked['reference']}/cancel", data={"reason": ""})
        assert answer.headers["location"].endswith("?changed=cancelled")
    async with signed_in_client(app, await people.enterprise(uscc=ANOTHER_CODE)) as stranger:
        assert "查询码" in (await stranger.get(f"/r/{booked['reference']}")).text
        answer = await stranger.post(f"/r/{booked['reference']}/cancel", data={"reason": ""})
        assert answer.headers["location"] == f"/r/{booked['reference']}"
    shown = (await booker.show(booked)).json()
    assert "服务站取消" not in shown["timeline"][-1]["text_zh"]


async def test_a_move_is_on_record_with_the_times_and_stations_before_and_after(app: FastAPI, booker: Booker):
    booked = await booker.book()
    station = booked["appointment"]["station_code"]
    held = await booker.hold(station, (await booker.starts(station))[-1])
    assert (await booker.move(booked, held)).status_code == 200
    [entry] = await audited(app, "request.rescheduled")
    assert entry["before"] == {"station": station, "start": booked["appointment"]["start"]}
    assert entry["after"] == {"station": station, "start": held["start"]}
    assert entry["actor_kind"] == "visitor"


async def test_a_change_that_fails_leaves_nothing_on_record(app: FastAPI, booker: Booker):
    booked = await booker.book()
    await booker.cancel(booked, "计划有变")
    assert (await booker.cancel(booked)).status_code == 409
    [entry] = await audited(app, "request.cancelled")
    assert entry["reason"] == ""  # an applicant's words stay in the request
