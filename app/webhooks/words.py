"""The words of this room's pages: states, faults, why something ended, what is wrong with an address."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy

STATES: Mapping[str, LazyString] = {
    "waiting": lazy("Waits for an attempt"),
    "delivered": lazy("Delivered"),
    "dead": lazy("Given up"),
    "dropped": lazy("Ended before"),
}
TONES: Mapping[str, str] = {"waiting": "attention", "delivered": "good", "dead": "wrong"}
ENDED: Mapping[str, LazyString] = {
    "person": lazy("Ended by somebody who answers for it."),
    "gone": lazy("Ended by itself: the address answered that it is gone for good (410)."),
    "rights": lazy("Ended by itself: whoever answered for it may no longer do so."),
    "closed": lazy("Ended by itself: the organisation's account is closed."),
}
ADDRESS: Mapping[str, LazyString] = {
    "url_odd": lazy("Copy the address again: it has blanks or characters that no address has, or is far too long."),
    "url_scheme": lazy("Give an address that begins with https://."),
    "url_user": lazy("Take the user name and the password out of the address: what we send is signed instead."),
    "url_host": lazy("Write the host as a name, such as hooks.example.com, or as a usual network address."),
    "url_port": lazy("Use a port that this installation allows: {ports}."),
    "url_unresolved": lazy("No host of this name is found at the moment. Compare it, or try again later."),
    "url_private": lazy(
        "This host lies within a private network, or is this installation itself, to which nothing is sent. Use an "
        "address on the public internet, or ask the operator to allow it."
    ),
}
PLACE: Mapping[str, LazyString] = {
    "station_unknown": lazy("Choose a station of yours."),
    "county_unknown": lazy("Choose a county or district of yours."),
    "place_missing": lazy("Choose of where it tells: a county or district, or a station."),
}
FAULTS: Mapping[str, LazyString] = {
    **{code: words for code, words in ADDRESS.items() if code not in {"url_port", "url_unresolved", "url_private"}},
    "url_port": lazy("The port isn't allowed here any more."),
    "url_unresolved": lazy("The host wasn't found."),
    "url_private": lazy("The host led into a private network, or back to this installation."),
    "timeout": lazy("No answer within 15 seconds"),
    "connection": lazy("No connection, or it broke off"),
    "tls": lazy("The certificate isn't right"),
    "protocol": lazy("What was answered isn't HTTP"),
    "secret": lazy("The secret can't be read here; make a new one"),
    "relay": lazy("The program that sends to groups didn't start or broke off; the operator is asked to look"),
}
VIAS: Mapping[str, LazyString] = {
    "webhook": lazy("Another system"),
    "wecom": lazy("Group in WeCom"),
    "dingtalk": lazy("Group in DingTalk"),
    "feishu": lazy("Group in Feishu"),
    "lark": lazy("Group in Lark"),
}
LANGUAGES = (("zh-CN", "简体中文"), ("en", "English"))
"""Each by its own name."""
ROBOT: Mapping[str, tuple[str, LazyString]] = {
    "robot_empty": ("robot", lazy("Paste the robot's address, as the group chat shows it.")),
    "robot_odd": ("robot", lazy("Copy the robot's address again: it has blanks or characters that no address has.")),
    "robot_scheme": ("robot", lazy("Copy the whole address of the robot; it begins with https://.")),
    "robot_host": (
        "robot",
        lazy(
            "This is no address of a robot in WeCom, DingTalk, Feishu or Lark. It begins with "
            "https://qyapi.weixin.qq.com/, https://oapi.dingtalk.com/, https://open.feishu.cn/ or "
            "https://open.larksuite.com/."
        ),
    ),
    "robot_path": (
        "robot",
        lazy("The address isn't whole, or is not that of a group's robot. Copy it again where the robot was made."),
    ),
    "sign_odd": ("sign", lazy("The secret of DingTalk begins with SEC. Copy it from the robot's security settings.")),
    "sign_alone": (
        "sign",
        lazy("Only robots of DingTalk have such a secret here. Leave it empty, and don't ask for signatures there."),
    ),
}
"""What is wrong with the address of a robot: the field, and a sentence."""
CODES: Mapping[int, LazyString] = {
    **dict.fromkeys((93000, 300001, 300005, 19001), lazy("There is no robot with this address any more (code {code})")),
    **dict.fromkeys(
        (310000, 19021, 19022, 19024),
        lazy("The robot's security settings refuse it: keyword, signature or network address (code {code})"),
    ),
    **dict.fromkeys(
        (45009, 45033, 90018, 90030, 130101, 410100, 9499, 11232),
        lazy("The robot takes no more for the moment (code {code})"),
    ),
}
REFUSED = lazy("The group chat refused it (code {code})")


def fault_words(fault: str) -> str:
    kind, _, code = fault.partition(":")
    if kind == "code" and code.lstrip("-").isdigit():
        return str(CODES.get(int(code), REFUSED)).format(code=code)
    return str(FAULTS.get(fault, fault))


def ended_words(why: str, via: str) -> str:
    return str(ROBOT_GONE if why == "gone" and via != "webhook" else ENDED[why])


ROBOT_GONE = lazy("Ended by itself: the group chat answered that there is no such robot any more.")
