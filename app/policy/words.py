"""The words for settings: clocks, levels, what a rule is about, values before and after."""

from collections.abc import Mapping
from typing import Any

from app.catalogue.labels import MODES
from app.catalogue.snapshot import Catalogue
from app.kit.i18n import LazyString, lazy, ngettext, tr
from app.kit.i18n import gettext as _
from app.policy.amounts import NAMES, rule_words
from app.policy.booking import Rule
from app.policy.letters import LETTERS, LetterKind
from app.policy.rules import Clock, Kind, Level, Place, Setting, deadline_key, number_of
from app.stations.directory import Directory

CLOCKS: Mapping[str, LazyString] = {
    Clock.FIRST_ANSWER: lazy("First answer"),
    Clock.WORK: lazy("Work"),
    Clock.COMPLAINT: lazy("Answer to a complaint"),
}
CLOCK_HINTS: Mapping[str, LazyString] = {
    Clock.FIRST_ANSWER: lazy("From the day of sending until the station has accepted, returned or refused."),
    Clock.WORK: lazy("From the day of receipt until the result is ready."),
    Clock.COMPLAINT: lazy("From the day of the complaint until it is answered."),
}
DAY_KINDS: Mapping[str, LazyString] = {"holiday": lazy("Public holiday"), "makeup": lazy("Make-up working day")}
SOURCES: Mapping[str, LazyString] = {
    "network": lazy("By the rule of the network"),
    "county": lazy("By the rule of the county or district"),
    "station": lazy("By the station's own rule"),
}
SUBJECTS: Mapping[str, LazyString] = {
    "service": lazy("for this service"),
    "category": lazy("for this category"),
}
CAME_ALONG: Mapping[str, LazyString] = {
    "work/*/metrology/*": lazy(
        "Came with the product: Article 15 of the Anhui metrology regulation wants verification within 15 days of "
        "receipt unless agreed otherwise."
    ),
}
CAME_ALONG_ELSE = lazy("Came with the product.")


def source_sentence(source: str) -> str:
    """Which rule won, from the code of an `Allowance`: "By the station's own rule, for this service, at your site"."""
    level, *parts = source.split(".")
    words = [str(SOURCES[level]), *(str(SUBJECTS[part]) for part in parts if part in SUBJECTS)]
    if "mode" in parts:
        words.append(_("for this way of doing it"))
    return _(", ").join(words)


def place_words(place: Place, directory: Directory) -> str:
    """For whom a setting holds."""
    if place.level is Level.NETWORK:
        return _("The whole network")
    if place.level is Level.COUNTY:
        division = directory.atlas.division_by_code.get(place.id)
        return tr(division, "name") if division else place.id
    station = directory.network.station_by_id.get(int(place.id))
    return tr(station, "name") if station else place.id


def about_words(key: str, catalogue: Catalogue) -> str:
    """What a rule about a deadline is about, its clock aside."""
    about = deadline_key(key)
    words = _("Everything")
    if about.service_code is not None:
        service = catalogue.by_code.get(about.service_code)
        words = f"{about.service_code} {tr(service, 'name') if service else ''}".strip()
    elif about.category is not None:
        category = catalogue.category_by_code.get(about.category)
        words = tr(category, "name") if category else about.category
    mode = MODES.get(about.mode or "")
    return f"{words} · {mode}" if mode else words


def setting_words(setting: Setting, catalogue: Catalogue) -> str:
    """What a setting is called, its place aside."""
    if setting.kind is Kind.DEADLINE:
        return f"{CLOCKS[deadline_key(setting.key).clock]} · {about_words(setting.key, catalogue)}"
    if setting.kind is Kind.BOOKING:
        return str(NAMES[setting.key])
    if setting.kind is Kind.CALENDAR and len(setting.key) == len("2027"):
        return _("Year {year}").format(year=setting.key)
    if setting.kind is Kind.TEXT and setting.key in set(LetterKind):
        return _("Text of letters: {kind}").format(kind=LETTERS[LetterKind(setting.key)])
    return setting.key


def value_words(setting: Setting, value: Mapping[str, Any] | None) -> str:
    """A value, or that there is none."""
    number = number_of(value)
    if setting.kind is Kind.BOOKING:
        return _("no own value") if number is None else rule_words(Rule(setting.key), number)
    if number is not None:
        return ngettext("{n} working day", "{n} working days", number).format(n=number)
    if setting.kind is Kind.CALENDAR:
        return _day_words(value)
    if setting.kind is Kind.TEXT:
        return _text_words(value)
    return str(value.get("text", "")) if value else _("no rule")


def reason_words(setting: Setting, reason: str, changed_by: str) -> str:
    """Why; for what came with the product, where it is from."""
    if reason or changed_by:
        return reason
    if setting.kind is Kind.CALENDAR:
        return _("As it was imported.")
    return str(CAME_ALONG.get(setting.key, CAME_ALONG_ELSE))


def _text_words(value: Mapping[str, Any] | None) -> str:
    texts = [str((value or {}).get(name, "")) for name in ("text_zh", "text_en")]
    return " / ".join(text for text in texts if text) or _("no text of its own")


def _day_words(value: Mapping[str, Any] | None) -> str:
    if value is None:
        return _("nothing special")
    if "announced" in value:
        return _("announced")
    name = tr(value, "name") if value.get("name_zh") or value.get("name_en") else ""
    return f"{DAY_KINDS[value['kind']]} {name}".strip()
