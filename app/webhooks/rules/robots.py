"""Robots of group chats: whose there are, how their addresses read, and what their codes say. Pure.

Nothing but the secret part of an address is kept, and where it is sent to is put together from what stands here: no
address that somebody enters can lead anywhere else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.webhooks.errors import RobotError

WEBHOOK = "webhook"
SHOWN = 4
"""So many of the last characters of a secret are shown, to tell one from another."""
_SIGN = re.compile(r"SEC[0-9A-Za-z]{16,128}")
_ONE = r"[0-9A-Za-z_-]{16,128}"


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who runs group chats. `path` is that of a robot's address with its query, the secret as `token`.

    `gone` are the codes by which it says that there is no such robot (any more), `too_often` those by which it asks to
    be left alone.
    """

    host: str
    path: re.Pattern[str]
    gone: frozenset[int]
    too_often: frozenset[int]


def _hook(host: str) -> Vendor:
    """Feishu and its sister abroad."""
    path = re.compile(rf"/open-apis/bot/v2/hook/(?P<token>{_ONE})/?")
    return Vendor(host, path, frozenset({19001}), frozenset({9499, 11232}))


VENDORS: Mapping[str, Vendor] = {
    "wecom": Vendor(
        "qyapi.weixin.qq.com",
        re.compile(rf"/cgi-bin/webhook/send\?key=(?P<token>{_ONE})"),
        frozenset({93000}),
        frozenset({45009, 45033}),
    ),
    "dingtalk": Vendor(
        "oapi.dingtalk.com",
        re.compile(r"/robot/send\?access_token=(?P<token>[0-9A-Za-z]{16,128})"),
        frozenset({300001, 300005}),
        frozenset({90018, 90030, 130101, 410100}),
    ),
    "feishu": _hook("open.feishu.cn"),
    "lark": _hook("open.larksuite.com"),
}
BY_HOST: Mapping[str, str] = {vendor.host: via for via, vendor in VENDORS.items()}


@dataclass(frozen=True, slots=True)
class Robot:
    """A group's robot: its maker, the secret of its address, and DingTalk's to sign with where it has one."""

    via: str
    token: str
    sign: str = ""

    def __repr__(self) -> str:
        """Without its secrets: it may stand in a traceback."""
        return f"Robot({self.via}, {self.shown})"

    @property
    def shown(self) -> str:
        """What may be shown of its address."""
        return f"https://{VENDORS[self.via].host}/…{self.token[-SHOWN:]}"

    @property
    def secrets(self) -> str:
        """As they are sealed, see `opened`."""
        return f"{self.token}\n{self.sign}"


def opened(via: str, secrets: str) -> Robot:
    token, _, sign = secrets.partition("\n")
    return Robot(via, token, sign)


def read_robot(address: str, sign: str = "") -> Robot:
    """The robot of an address as WeCom, DingTalk, Feishu or Lark shows it, to the letter.

    Raises RobotError: `robot_empty`, `robot_odd`, `robot_scheme`, `robot_host`, `robot_path`, `sign_odd`, `sign_alone`.
    """
    if not address:
        raise RobotError("robot_empty")
    via, rest = _whose(address)
    found = VENDORS[via].path.fullmatch(rest)
    if found is None:
        raise RobotError("robot_path")
    if sign and via != "dingtalk":
        raise RobotError("sign_alone")
    if sign and not _SIGN.fullmatch(sign):
        raise RobotError("sign_odd")
    return Robot(via, found["token"], sign)


def _whose(address: str) -> tuple[str, str]:
    """The maker, and what stands behind the host."""
    if not (address.isascii() and address.isprintable()) or " " in address or "\\" in address:
        raise RobotError("robot_odd")
    try:
        parts = urlsplit(address)
    except ValueError:
        raise RobotError("robot_odd") from None
    if parts.scheme != "https":
        raise RobotError("robot_scheme")
    via = BY_HOST.get(parts.netloc.lower())  # the whole of it: with a user or a port it is another one
    if via is None:
        raise RobotError("robot_host")
    return via, address.partition("://")[2][len(parts.netloc) :]


def is_gone(via: str, code: int | None) -> bool:
    return via in VENDORS and code in VENDORS[via].gone


def is_too_often(via: str, status: int, code: int | None) -> bool:
    return status == 429 or (via in VENDORS and code in VENDORS[via].too_often)  # noqa: PLR2004 - RFC 6585
