"""The five levels of satisfaction, as people choose and read them: the national five, the best with 5."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy
from app.requests.models import Rating

LEVELS: Mapping[int, LazyString] = {
    5: lazy("Very satisfied"),
    4: lazy("Satisfied"),
    3: lazy("Basically satisfied"),
    2: lazy("Dissatisfied"),
    1: lazy("Very dissatisfied"),
}
INDICATORS: Mapping[str, LazyString] = {
    "attitude": lazy("Attitude of the staff"),
    "speed": lazy("Speed"),
    "clarity": lazy("Clear about what is needed and how it goes on"),
    "fees": lazy("Open about fees"),
    "facilities": lazy("Rooms and equipment"),
}
"""The sides of it that can be rated beside the whole."""


def indicators_of(rating: Rating) -> list[tuple[str, str]]:
    """Each side that was rated, and its level, in words."""
    return [
        (str(words), str(LEVELS[rating.indicators[key]]))
        for key, words in INDICATORS.items()
        if key in rating.indicators
    ]


def rated(rating: Rating | None) -> tuple[str, str] | None:
    """The level in words, and the words that somebody gave."""
    return (str(LEVELS[rating.level]), rating.words or "") if rating else None
