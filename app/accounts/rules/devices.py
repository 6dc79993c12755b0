"""What a browser calls itself, in plain words. A guess for the eye: nothing is decided by it. Pure."""

import re
from collections.abc import Sequence

# The first that fits: many pretend to be Chrome or Safari as well.
BROWSERS: Sequence[tuple[str, str]] = (
    (r"MicroMessenger/", "WeChat"),
    (r"DingTalk/", "DingTalk"),
    (r"HuaweiBrowser/", "Huawei Browser"),
    (r"MiuiBrowser/", "MIUI Browser"),
    (r"MQQBrowser/|QQBrowser/", "QQ Browser"),
    (r"UCBrowser/|UCWEB", "UC Browser"),
    (r"QHBrowser|360SE|360EE", "360"),
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/", "Chrome"),
    (r"Version/.*Safari/", "Safari"),
)
SYSTEMS: Sequence[tuple[str, str]] = (
    (r"OpenHarmony|HarmonyOS", "HarmonyOS"),
    (r"Android", "Android"),
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS X", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux|X11", "Linux"),
)
_PROGRAM = re.compile(r"([A-Za-z][\w.-]{0,30})(?:/[\w.-]{1,20})?")


def device(agent: str) -> tuple[str, str]:
    """The browser (or program) and the system by their names; "" for what can't be told."""
    system = _first(SYSTEMS, agent)
    browser = _first(BROWSERS, agent)
    if not browser and not system and (program := _PROGRAM.match(agent)):
        browser = program[1]
    return browser, system


def _first(known: Sequence[tuple[str, str]], agent: str) -> str:
    return next((name for pattern, name in known if re.search(pattern, agent)), "")
