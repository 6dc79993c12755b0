"""The process that knows apprise: it takes orders by lines of JSON, carries them out at once, answers by lines.

apprise is synchronous, takes a hundred modules along, writes what it sends to its log and tells yes or no. Here it
holds up nobody, is gone when nothing is left to send, has no log, and each request that it makes is watched: it goes
to no other place than the order names, follows no redirect, takes no proxy from the environment, and its answer is
looked at, for the makers of group chats answer 200 also to what they refuse.
"""

import logging
import os
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import orjson
import requests
from apprise import Apprise, AppriseAsset
from apprise.plugins.base import NotifyBase
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark
from apprise.plugins.wecombot import NotifyWeComBot

AT_ONCE: Final = 32
TIMEOUTS: Final = (4.0, 10.0)
"""Seconds for a connection, and between two parts of an answer."""
ROBOTS: Final[Mapping[str, tuple[type[NotifyBase], str]]] = {
    "wecom": (NotifyWeComBot, "key"),
    "dingtalk": (NotifyDingTalk, "token"),
    "feishu": (NotifyFeishu, "token"),
    "lark": (NotifyLark, "token"),
}
"""The only parts of apprise that what people enter can lead to, with the name of what is secret there."""
CODES: Final = ("errcode", "code", "StatusCode")


class Watch(threading.local):
    """What is seen of the order that a thread carries out. `place` is where its requests must go; "" is anywhere."""

    place = ""
    status: int | None = None
    code: int | None = None
    fault: str | None = None


WATCH: Final = Watch()


class Watched(requests.Session):
    """Makes every request of this process."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        kwargs |= {"allow_redirects": False, "timeout": TIMEOUTS}
        WATCH.status = WATCH.code = WATCH.fault = None
        try:
            if not (request.url or "").startswith(WATCH.place):
                raise requests.exceptions.InvalidURL
            answer = super().send(request, **kwargs)
        except requests.RequestException as error:
            WATCH.fault = fault_of(error)
            raise
        WATCH.status, WATCH.code = answer.status_code, code_of(answer.content)
        return answer


def fault_of(error: requests.RequestException) -> str:
    """As `app.kit.outbound.UnsentError` names it."""
    if isinstance(error, requests.Timeout):
        return "timeout"
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    return "connection" if isinstance(error, requests.ConnectionError) else "protocol"


def code_of(body: bytes) -> int | None:
    """What a group chat's answer says besides its status: 0 is well; None where it isn't their JSON."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    found = [said[name] for name in CODES if isinstance(said.get(name), int)] if isinstance(said, dict) else []
    return next(filter(None, found), found[0] if found else None)


def plugin_of(order: Mapping[str, str]) -> tuple[NotifyBase | None, str]:
    """What sends, and where to it may. A robot is made of its secret, never of an address."""
    asset = AppriseAsset(storage_mode="memory")
    if "via" not in order:
        made = Apprise.instantiate(order["url"], asset=asset)
        return made if isinstance(made, NotifyBase) else None, ""
    kind, secret = ROBOTS[order["via"]]
    more = {"secret": order["sign"]} if order.get("sign") else {}
    return kind(**{secret: order["token"]}, **more, asset=asset), str(vars(kind)["notify_url"]).partition("{")[0]


def carry_out(order: Mapping[str, str]) -> dict[str, Any]:
    plugin, WATCH.place = plugin_of(order)
    WATCH.status = WATCH.code = WATCH.fault = None
    if plugin is None:
        return {"good": False, "fault": "relay"}
    plugin.request_rate_per_sec = 0
    good = plugin.notify(body=order["text"])
    return {"good": good, "status": WATCH.status, "code": WATCH.code, "fault": WATCH.fault}


def serve(line: bytes) -> None:
    order = orjson.loads(line)
    try:
        answer = carry_out(order)
    except Exception:  # noqa: BLE001 - whatever a plugin trips over is this order's end, and its words may hold secrets
        answer = {"good": False, "fault": "relay"}
    # One write a line: threads don't get into each other's.
    os.write(sys.stdout.fileno(), orjson.dumps({"n": order["n"], **answer}, option=orjson.OPT_APPEND_NEWLINE))


def main() -> None:
    """Until the other side has gone; what hangs then is not waited for."""
    logging.disable(logging.CRITICAL)
    requests.sessions.Session = Watched  # type: ignore[misc]  # what `requests.post` of each plugin makes anew
    pool = ThreadPoolExecutor(AT_ONCE)
    for line in sys.stdin.buffer:
        pool.submit(serve, line)
    os._exit(0)


if __name__ == "__main__":
    main()
