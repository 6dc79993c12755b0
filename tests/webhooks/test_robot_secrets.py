"""A robot's address is a secret, and leads to its maker's own host or nowhere."""

import orjson
import pytest
import requests

from app.kit.outbound import UnsentError
from app.notify.relaying import child
from app.notify.relaying.relay import Relay
from app.webhooks.errors import RobotError
from app.webhooks.rules.robots import VENDORS, Robot, opened, read_robot
from tests.feeds.subscribing import booked_by
from tests.requests.booking import Booker
from tests.support.people import People
from tests.webhooks.chats import DINGTALK, DINGTALK_TOKEN, FEISHU, SIGN, WECOM, WECOM_KEY, Chats, says
from tests.webhooks.conftest import Hooks
from tests.webhooks.receiver import receiving
from tests.webhooks.test_robots import tell_group

TABLES = ("webhook_subscription", "webhook_event", "webhook_delivery", "webhook_attempt", "audit_entry", "message")
ELSEWHERE = [
    "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://evil.example/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://qyapi.weixin.qq.com@evil.example/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://evil.example@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://user:password@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://qyapi.weixin.qq.com\\@evil.example/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://qyapi.weixin.qq.com#@evil.example/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://qyapi。weixin。qq。com/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://qyаpi.weixin.qq.com/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://127.0.0.1/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "//qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + WECOM_KEY,
    "https://[::1]/robot/send?access_token=" + DINGTALK_TOKEN,
    "https://[/robot/send?access_token=" + DINGTALK_TOKEN,
    WECOM + "&redirect=yes",
    WECOM + "#https://evil.example/",
    WECOM + "/../../elsewhere",
    WECOM + "%0d%0aHost:%20evil.example",
    WECOM.replace("send", "upload_media"),
    WECOM.replace("key=", "key=short&x="),
    FEISHU.replace("/v2/hook/", "/v2/../../auth/v3/"),
    DINGTALK + "&timestamp=1",
    f"wecombot://{WECOM_KEY}",
    f"dingtalk://{DINGTALK_TOKEN}",
    "json://127.0.0.1/",
    "jsons://evil.example/",
    "form://127.0.0.1:8000/",
    "xml://127.0.0.1/",
    "file:///etc/passwd",
    "syslog://",
    "dbus://",
    "exec:///bin/true",
    "mailto://user:password@evil.example",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_other_address_is_a_robots(address: str):
    with pytest.raises(RobotError) as error:
        read_robot(address)
    assert address not in str(error.value)


@pytest.mark.parametrize("address", ELSEWHERE[:6] + ELSEWHERE[-11:])
async def test_what_leads_elsewhere_is_refused_with_a_sentence_at_its_field(owner: Hooks, address: str):
    answer = await owner.post("", to="group", name="设备部", robot=address, language="en")
    assert answer.status_code == 422
    assert 'id="f-robot-error"' in answer.text
    assert await owner.database.fetch("SELECT 1 FROM webhook_subscription", ()) == []


@pytest.mark.parametrize(
    ("robot", "sign", "field"),
    [
        ("", "", "robot"),
        (WECOM, SIGN, "sign"),
        (DINGTALK, "ABC", "sign"),
        (DINGTALK, "SEC123", "sign"),
        (f"{WECOM} {WECOM}", "", "robot"),
    ],
)
async def test_each_wrong_field_has_a_sentence(owner: Hooks, robot: str, sign: str, field: str):
    answer = await owner.post("", to="group", name="设备部", robot=robot, sign=sign, language="en")
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text


def test_the_hosts_are_those_of_the_library():
    assert set(VENDORS) == set(child.ROBOTS)
    for via, (plugin, _secret) in child.ROBOTS.items():
        assert plugin.notify_url.startswith(f"https://{VENDORS[via].host}/")


async def test_nothing_else_of_the_library_can_be_ordered_for_a_robot(chats: Chats):
    """Also where something wrong had come that far."""
    relay = Relay()
    try:
        for via, token in (("json", "127.0.0.1"), ("wecom", "x@evil.example/"), ("feishu", "../../x"), ("lark", "")):
            with pytest.raises(UnsentError) as error:
                await relay.to_robot(via, token, "", "hello")
            assert error.value.code == "relay"
    finally:
        await relay.stop()


async def test_a_request_to_another_place_is_not_made(monkeypatch: pytest.MonkeyPatch):
    async with receiving() as within:
        monkeypatch.setattr(child.WATCH, "place", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=")
        with pytest.raises(requests.exceptions.InvalidURL):
            child.Watched().post(within.url)
        assert within.taken == []
    assert child.WATCH.fault == "protocol"


def test_secrets_are_opened_as_they_were_sealed_and_not_shown():
    robot = read_robot(DINGTALK, SIGN)
    assert opened(robot.via, robot.secrets) == robot
    assert opened("wecom", read_robot(WECOM).secrets) == Robot("wecom", WECOM_KEY)
    assert DINGTALK_TOKEN not in repr(robot)
    assert SIGN not in repr(robot)


@pytest.mark.parametrize("fails", [False, True])
async def test_the_address_is_found_nowhere_but_under_seal(
    owner: Hooks, booker: Booker, chats: Chats, capfd: pytest.CaptureFixture[str], *, fails: bool
):
    if fails:
        chats.answer(says(500))
    answer = await owner.post("", to="group", name="", robot=DINGTALK, sign=SIGN, language="zh-CN")
    pages = [answer.text]
    assert answer.text.count("Paste it once more") == 4  # at each of the two fields, and above them
    path = await tell_group(owner, DINGTALK, sign=SIGN)
    await owner.post(f"{path}/test")
    await booked_by(booker, owner.who)
    await owner.sender().deliver()
    pages += [(await owner.get(f"{path}{step}")).text for step in ("", "/change", "/rotate", "/end")]
    pages.append((await owner.get()).text)
    pages.append((await owner.post(f"{path}/rotate", robot=DINGTALK, sign="wrong")).text)
    export = await owner.client.post("/account/data/export", data={"format": "json"})
    assert export.status_code == 200
    assert orjson.loads(export.content)["webhooks"][0]["url"] == "https://oapi.dingtalk.com/…tail"
    await owner.post(f"{path}/end")
    said = capfd.readouterr()
    rows = [
        str(await owner.database.fetch(f"SELECT to_jsonb(row) FROM {table} row", ()))  # type: ignore[arg-type]  # noqa: S608 - our own tables
        for table in TABLES
    ]
    for where in (*pages, export.text, said.out, said.err, *rows):
        for secret in (DINGTALK_TOKEN, SIGN):
            assert secret not in where
            assert secret.encode().hex() not in where
    assert sum("oapi.dingtalk.com/…tail" in page for page in pages) >= 4


async def test_the_record_says_where_to_but_not_the_secret(owner: Hooks, people: People):
    path = await tell_group(owner, WECOM)
    await owner.post(f"{path}/rotate", robot=FEISHU)
    rows = await owner.database.fetch(
        "SELECT action, before, after FROM audit_entry WHERE action LIKE 'webhook.%%' ORDER BY n", ()
    )
    assert [row[0] for row in rows] == ["webhook.made", "webhook.readdressed"]
    assert rows[1][1]["host"] == "qyapi.weixin.qq.com"
    assert rows[1][2]["host"] == "open.feishu.cn"


async def test_without_the_library_robots_are_not_offered(owner: Hooks, monkeypatch: pytest.MonkeyPatch):
    assert "WeCom" in (await owner.get("/new")).text
    monkeypatch.setattr("app.webhooks.pages.changing.installed", lambda: False)
    shown = (await owner.get("/new?to=group")).text
    assert "WeCom" not in shown
    assert 'name="url"' in shown
    answer = await owner.post("", to="group", name="设备部", robot=WECOM, language="en")
    assert answer.status_code == 409
    assert await owner.database.fetch("SELECT 1 FROM webhook_subscription", ()) == []
