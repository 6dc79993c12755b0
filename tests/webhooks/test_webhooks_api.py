"""Webhooks by JSON do what the pages do: for owners of an organisation, and for administrators in their scope."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.accounts.models import ApiKey
from app.accounts.rules.rights import KeyScope
from app.kit.ids import hash_secret, new_id
from app.kit.outbound import Outbound
from app.kit.targets import Policy
from tests.enterprise.support import code_of
from tests.feeds.subscribing import booked_by
from tests.requests.booking import Booker
from tests.support.people import People, Signed
from tests.webhooks.chats import DINGTALK, DINGTALK_TOKEN, SIGN, WECOM, WECOM_KEY
from tests.webhooks.conftest import ENGLISH, Hooks
from tests.webhooks.receiver import Receiver, answers, receiving
from tests.webhooks.test_sending import verified

API = "/api/v1/webhooks"


def bearer(who: Signed) -> dict[str, str]:
    return {**ENGLISH, **who.bearer}


def home_of(who: Signed) -> str:
    """Where webhooks of somebody are listed and made: an organisation's, or those of administrators."""
    return f"/api/v1/organisations/{who.organisation_id}/webhooks" if who.organisation_id else API


async def made_by(client: httpx.AsyncClient, who: Signed, url: str, **more: object) -> dict[str, Any]:
    answer = await client.post(home_of(who), json={"name": "ERP", "url": url, **more}, headers=bearer(who))
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    told: dict[str, Any] = answer.json()
    return told


async def key_of(who: Signed, hooks: Hooks) -> dict[str, str]:
    """An API key that may do all that keys may."""
    secret = f"osk_{new_id().hex}"
    key = ApiKey(
        id=new_id(),
        person_id=who.id,
        name="x",
        prefix=secret[:12],
        secret_hash=hash_secret(secret),
        scopes=[str(scope) for scope in KeyScope],
        created_at=hooks.clock(),
        expires_at=hooks.clock() + timedelta(days=1),
    )
    async with hooks.database.writer() as session:
        session.add(key)
        await session.commit()
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def boss(owner: Hooks) -> Signed:
    """An organisation's owner, whose webhooks may go to loopback."""
    return owner.who


async def test_a_webhook_is_set_up_looked_at_changed_and_ended(
    client: httpx.AsyncClient, boss: Signed, receiver: Receiver
):
    made = await made_by(client, boss, receiver.url, types=[])
    one = f"{API}/{made['id']}"
    assert made.pop("secret").startswith("whsec_")
    assert made["url"] == receiver.url
    assert (made["latest"], made["waiting"], made["ended_at"]) == (None, 0, None)
    assert (await client.get(one, headers=bearer(boss))).json() == made
    listed = await client.get(home_of(boss), headers=bearer(boss))
    assert listed.json() == {"items": [made], "next": None}
    changed = await client.patch(one, json={"types": ["request.accepted"]}, headers=bearer(boss))
    assert changed.json() == {**made, "types": ["request.accepted"]}
    assert (await client.delete(one, headers=bearer(boss))).status_code == 204
    ended = (await client.get(one, headers=bearer(boss))).json()
    assert (ended["ended_why"], ended["types"]) == ("person", ["request.accepted"])
    refused = await client.patch(one, json={"name": "CRM"}, headers=bearer(boss))
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_ended")
    assert (await client.delete(one, headers=bearer(boss))).status_code == 204


async def test_what_was_sent_is_told_page_by_page_and_sent_again(
    client: httpx.AsyncClient, boss: Signed, owner: Hooks, booker: Booker, receiver: Receiver
):
    made = await made_by(client, boss, receiver.url)
    one = f"{API}/{made['id']}"
    await booked_by(booker, owner.who)
    assert (await client.post(f"{one}/test", headers=bearer(boss))).status_code == 202
    again = await client.post(f"{one}/test", headers=bearer(boss))
    assert (again.status_code, again.json()["code"]) == (409, "pinged_just_now")
    assert await owner.sender().deliver() == 2
    first = (await client.get(f"{one}/deliveries", params={"limit": 1}, headers=bearer(boss))).json()
    [ping] = first["items"]
    assert (ping["type"], ping["state"], ping["due_at"]) == ("webhook.ping", "delivered", None)
    assert [attempt["status"] for attempt in ping["attempts"]] == [204]
    second = await client.get(f"{one}/deliveries", params={"cursor": first["next"]}, headers=bearer(boss))
    [booking] = second.json()["items"]
    assert second.json()["next"] is None
    assert booking["type"] == "request.submitted"
    assert booking["event_id"] in {taken.headers["webhook-id"] for taken in receiver.taken}
    replayed = await client.post(f"{one}/replay", json={"event_id": booking["event_id"]}, headers=bearer(boss))
    assert replayed.json() == {"events": 1}
    assert await owner.sender().deliver() == 1
    assert receiver.taken[-1].headers["webhook-id"] == booking["event_id"]
    nothing = await client.post(f"{one}/replay", json={"since": "2026-12-24T00:00:00+08:00"}, headers=bearer(boss))
    assert nothing.json() == {"events": 0}
    waiting = await client.get(f"{one}/deliveries", params={"state": "waiting"}, headers=bearer(boss))
    assert waiting.json()["items"] == []


async def test_both_secrets_sign_after_a_rotation(
    client: httpx.AsyncClient, boss: Signed, owner: Hooks, receiver: Receiver
):
    made = await made_by(client, boss, receiver.url)
    rotated = (await client.post(f"{API}/{made['id']}/rotate", headers=bearer(boss))).json()
    assert rotated["secret"] != made["secret"]
    assert rotated["old_secret_until"] == "2026-12-02T09:00:00+08:00"
    await client.post(f"{API}/{made['id']}/test", headers=bearer(boss))
    await owner.sender().deliver()
    [taken] = receiver.taken
    assert verified(taken, made["secret"])
    assert verified(taken, rotated["secret"])
    assert not verified(taken, "whsec_" + "A" * 44)


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"url": "http://hooks.example.com/"}, ("url", "url_scheme")),
        ({"url": "https://10.0.0.7/"}, ("url", "url_private")),
        ({"url": "https://user:word@hooks.example.com/"}, ("url", "url_user")),
        ({"url": "https://hooks.example.com:25/"}, ("url", "url_port")),
        ({"url": "https://[::ffff:127.0.0.1]/"}, ("url", "url_private")),
        ({"name": "  "}, ("name", "text_blank")),
        ({"types": ["request.eaten"]}, ("types.0", "enum")),
        ({"typo": 1}, ("typo", "extra_forbidden")),
        ({"station_code": "WH-JH-01"}, ("station_code", "extra_forbidden")),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    client: httpx.AsyncClient, boss: Signed, owner: Hooks, sent: dict[str, object], fault: tuple[str, str]
):
    owner.app.state.outbound = Outbound(Policy())
    whole = {"name": "ERP", "url": "https://192.0.2.7/", **sent}
    answer = await client.post(home_of(boss), json=whole, headers=bearer(boss))
    assert answer.status_code == 422
    assert fault in {(each["field"], each["code"]) for each in answer.json()["errors"]}
    assert await owner.database.fetch("SELECT 1 FROM webhook_subscription", ()) == []


async def test_a_group_is_told_by_its_robot_whose_address_is_not_told_again(
    client: httpx.AsyncClient, boss: Signed, owner: Hooks
):
    robot = {"address": DINGTALK, "sign": SIGN}
    sent = {"name": "设备部", "robot": robot, "language": "en"}
    answer = await client.post(home_of(boss), json=sent, headers=bearer(boss))
    made = answer.json()
    assert answer.status_code == 201, answer.text
    one, tail = f"{API}/{made['id']}", "https://oapi.dingtalk.com/…tail"
    assert (made["via"], made["language"], made["url"], made["secret"]) == ("dingtalk", "en", tail, None)
    changed = await client.patch(one, json={"language": "zh-CN", "name": "仪表班"}, headers=bearer(boss))
    assert (changed.json()["language"], changed.json()["name"]) == ("zh-CN", "仪表班")
    moved = await client.put(f"{one}/robot", json={"address": WECOM}, headers=bearer(boss))
    assert (moved.json()["via"], moved.json()["url"]) == ("wecom", "https://qyapi.weixin.qq.com/…5aaa")
    for method, path, body in (
        ("PATCH", one, {"url": "https://192.0.2.7/"}),
        ("POST", f"{one}/rotate", {}),
    ):
        wrong = await client.request(method, path, json=body, headers=bearer(boss))
        assert (wrong.status_code, wrong.json()["code"]) == (409, "webhook_wrong_kind")
    for told in (answer, changed, moved, await client.get(one, headers=bearer(boss))):
        assert DINGTALK_TOKEN not in told.text
        assert WECOM_KEY not in told.text
        assert SIGN not in told.text


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({}, ("url", "one_of_two")),
        ({"url": "https://192.0.2.7/", "robot": {"address": WECOM}}, ("url", "one_of_two")),
        ({"robot": {"address": "https://127.0.0.1/robot"}}, ("robot.address", "robot_host")),
        ({"robot": {"address": "json://qyapi.weixin.qq.com/"}}, ("robot.address", "robot_scheme")),
        ({"robot": {"address": WECOM, "sign": SIGN}}, ("robot.sign", "sign_alone")),
        ({"robot": {"address": WECOM}, "language": "la"}, ("language", "literal_error")),
    ],
)
async def test_what_is_no_robot_is_refused_without_repeating_it(
    client: httpx.AsyncClient, boss: Signed, sent: dict[str, object], fault: tuple[str, str]
):
    answer = await client.post(home_of(boss), json={"name": "x", **sent}, headers=bearer(boss))
    assert answer.status_code == 422
    assert fault in {(each["field"], each["code"]) for each in answer.json()["errors"]}
    assert WECOM_KEY not in answer.text
    assert SIGN not in answer.text


async def test_a_system_has_no_robot_and_no_language(client: httpx.AsyncClient, boss: Signed, receiver: Receiver):
    made = await made_by(client, boss, receiver.url)
    assert (made["via"], made["language"]) == ("webhook", None)
    one = f"{API}/{made['id']}"
    for method, path, body in (
        ("PUT", f"{one}/robot", {"address": WECOM}),
        ("PATCH", one, {"language": "en"}),
    ):
        answer = await client.request(method, path, json=body, headers=bearer(boss))
        assert (answer.status_code, answer.json()["code"]) == (409, "webhook_wrong_kind")


async def test_administrators_tell_of_their_part_of_the_network_only(
    client: httpx.AsyncClient, admin: Hooks, people: People, receiver: Receiver
):
    city, county = admin.who, await people.staff("county_admin", county="340202")
    of_all = await made_by(client, city, receiver.url)
    of_county = await made_by(client, city, receiver.url, county_adcode="340202")
    of_station = await made_by(client, county, receiver.url, station_code="WH-JH-01")
    assert (of_county["county_adcode"], of_station["station_code"]) == ("340202", "WH-JH-01")

    async def seen(who: Signed) -> set[str]:
        return {each["id"] for each in (await client.get(API, headers=bearer(who))).json()["items"]}

    assert await seen(city) == {of_all["id"], of_county["id"], of_station["id"]}
    assert await seen(county) == {of_county["id"], of_station["id"]}
    strange = await client.get(f"{API}/{of_all['id']}", headers=bearer(county))
    assert (strange.status_code, strange.json()["code"]) == (404, "webhook_unknown")
    for sent, field in ({"station_code": "WH-WW-01"}, "station_code"), ({"county_adcode": "340223"}, "county_adcode"):
        answer = await client.post(API, json={"name": "x", "url": receiver.url, **sent}, headers=bearer(county))
        assert [each["field"] for each in answer.json()["errors"]] == [field]
    nowhere = await client.post(API, json={"name": "x", "url": receiver.url}, headers=bearer(county))
    assert nowhere.json()["errors"][0]["code"] == "place_missing"


async def test_of_another_organisation_nothing_is_told_and_keys_and_delegates_may_not(
    client: httpx.AsyncClient, boss: Signed, owner: Hooks, people: People, receiver: Receiver
):
    made = await made_by(client, boss, receiver.url)
    one = f"{API}/{made['id']}"
    other = await people.enterprise(uscc=code_of(7), name="芜湖另一家有限公司")
    delegate = await people.enterprise("delegate", organisation_id=boss.organisation_id)
    for who in (other, delegate):
        for method, path in (
            ("GET", one),
            ("PATCH", one),
            ("DELETE", one),
            ("GET", f"{one}/deliveries"),
            ("POST", f"{one}/test"),
            ("POST", f"{one}/rotate"),
            ("POST", f"{one}/replay"),
        ):
            body = {"json": {"since": "2026-12-01T00:00:00+08:00"} if "replay" in path else {}}
            more: dict[str, Any] = body if method in {"PATCH", "POST"} else {}
            answer = await client.request(method, path, headers=bearer(who), **more)
            assert (answer.status_code, answer.json()["code"]) == (404, "webhook_unknown"), path
    assert (await client.get(home_of(boss), headers=bearer(other))).status_code == 404
    assert (await client.get(home_of(boss), headers=bearer(delegate))).status_code == 403
    assert (await client.get(API, headers=bearer(other))).status_code == 403
    assert (await client.get(one, headers=await key_of(boss, owner))).status_code == 403
    assert (await client.get(one)).status_code == 401
    for odd in ("1", made["id"].upper(), "00000000-0000-0000-0000-000000000000"):
        assert (await client.get(f"{API}/{odd}", headers=bearer(boss))).status_code == 404


async def test_of_two_that_make_the_last_one_at_once_one_is_told_that_it_is_enough(
    client: httpx.AsyncClient, boss: Signed
):
    async with receiving(answers(204)) as target:
        body, home = {"name": "ERP", "url": target.url}, home_of(boss)
        statuses = [(await client.post(home, json=body, headers=bearer(boss))).status_code for _ in range(9)]
        assert statuses == [201] * 9
        both = await asyncio.gather(*(client.post(home, json=body, headers=bearer(boss)) for _ in range(2)))
        assert sorted(answer.status_code for answer in both) == [201, 409]
