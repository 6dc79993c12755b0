"""The steps of a request's timeline as sentences, in both languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kit.formats import date_time
from app.kit.i18n import current_locale, tr, use_locale
from app.requests.models import RequestEvent
from app.requests.rules import IT_IS_LATE, MOVED_BECAUSE, ONLY_SOME, Event, sentence
from app.stations.snapshot import Network


@dataclass(frozen=True, slots=True)
class Told:
    """A step of the timeline in both languages; `person_id` is who of the staff took it."""

    at: datetime
    kind: str
    text_zh: str
    text_en: str
    person_id: UUID | None = None


def told(network: Network, events: Iterable[RequestEvent]) -> Iterable[Told]:
    """The timeline's sentences in both languages."""
    for event in events:
        with use_locale("zh-CN"):
            zh = _sentence(network, event)
        with use_locale("en"):
            en = _sentence(network, event)
        yield Told(event.at, event.kind, zh, en, event.person_id)


def reason_in(told: Mapping[str, Any], language: str) -> str:
    """The reason of a step, in this language if it was given in both."""
    return str((language == "en" and told.get("reason_en")) or told.get("reason", ""))


def _sentence(network: Network, event: RequestEvent) -> str:
    words = {name: _word(network, name, value) for name, value in event.data.items() if name != "items"}
    if "reason" in words:
        words["reason"] = reason_in(words, current_locale())
    whole = sentence(Event(event.kind), words.get("by", "")).format(**words)
    if "reason" in words and event.kind == Event.RESCHEDULED:
        whole = str(MOVED_BECAUSE).format(sentence=whole, reason=words["reason"])
    if "late_reason" in words:
        whole = str(IT_IS_LATE).format(sentence=whole, late_reason=words["late_reason"])
    if not (items := event.data.get("items")):
        return whole
    return str(ONLY_SOME).format(items=", ".join(map(str, items)), sentence=whole)


def _word(network: Network, name: str, value: object) -> str:
    """Data of an event as words: times by `…start`, stations by `…station`."""
    if name.endswith("start"):
        return date_time(datetime.fromisoformat(str(value)))
    if name.endswith("station"):
        return tr(network.stations[network.station_index[str(value)]], "name")
    return str(value)
