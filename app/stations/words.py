"""The network's codes in words, for pages. A code that we have no words for is shown as it is."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, current_locale, lazy
from app.stations.rules import DayKind

LEVELS: Mapping[str, LazyString] = {
    "city_centre": lazy("City-level centre"),
    "district_subcentre": lazy("District-level sub-centre"),
    "workstation": lazy("Service point"),
}
MODELS: Mapping[str, LazyString] = {
    "comprehensive": lazy("For enterprises of all kinds"),
    "park": lazy("In an industrial park"),
    "enterprise": lazy("Hosted by an enterprise"),
}
INDUSTRIES: Mapping[str, LazyString] = {
    "automotive": lazy("Automotive"),
    "aviation": lazy("Aviation"),
    "cable": lazy("Wire and cable"),
    "cement": lazy("Cement"),
    "electronics": lazy("Electronics"),
    "equipment": lazy("Machinery and equipment"),
    "food": lazy("Food"),
    "materials": lazy("Materials"),
    "robotics": lazy("Robotics"),
}
MARKS: Mapping[str, LazyString] = {
    "CMA": lazy("CMA: approved by the authorities to issue test reports with legal effect in China"),
    "CNAS": lazy("CNAS: accredited by the national accreditation service, recognised in many countries"),
}
# The yearly notice has Chinese names; where only the English one was imported, this is the one that it stands for.
HOLIDAYS_ZH: Mapping[str, str] = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


def in_words(words: Mapping[str, LazyString], code: str) -> str:
    """A code in the current language."""
    return str(words.get(code, code))


def holiday_zh(kind: DayKind) -> str | None:
    return kind.name_zh or HOLIDAYS_ZH.get(kind.name_en or "")


def holiday_name(kind: DayKind) -> str:
    """A holiday's name in the current language; empty for a day that has none."""
    own, other = holiday_zh(kind), kind.name_en
    return (own or other if current_locale() == "zh-CN" else other or own) or ""
