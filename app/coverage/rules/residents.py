"""How many people live around each town, from what is known of its county. Pure.

No figure of a town is known here. A county's is shared out alike among its towns, so every weight is an estimate; the
county's sum is exact where a census or a later count gives it, and itself an estimate where nothing does.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from statistics import fmean
from typing import NamedTuple


class Source(StrEnum):
    """Where a county's sum comes from."""

    CENSUS = "census"
    LATER = "later"
    ESTIMATE = "estimate"


class CountyFigures(NamedTuple):
    """Inhabitants by the census of 2020 and by a later count, as far as they are known."""

    census: int | None
    later: int | None


class Residents(NamedTuple):
    """For each town its weight, and whether it is estimated; the source of each county's sum."""

    weight: list[float]
    estimated: list[bool]
    sources: dict[str, Source]


def residents(counties: Sequence[str], figures: Mapping[str, CountyFigures]) -> Residents:
    """Of towns given by their counties.

    A county without any figure is taken to have as many people a town as those with one have on average; where none
    has, every town weighs 1.
    """
    towns = Counter(counties)
    known = {adcode: _known(figures.get(adcode, CountyFigures(None, None))) for adcode in towns}
    usual = fmean(each[0] / towns[adcode] for adcode, each in known.items() if each) if any(known.values()) else 1.0
    weights = {adcode: each[0] / towns[adcode] if each else usual for adcode, each in known.items()}
    sources = {adcode: each[1] if each else Source.ESTIMATE for adcode, each in known.items()}
    return Residents(
        [weights[adcode] for adcode in counties],
        [towns[each] > 1 or sources[each] is Source.ESTIMATE for each in counties],
        sources,
    )


def _known(figures: CountyFigures) -> tuple[int, Source] | None:
    if figures.census:
        return figures.census, Source.CENSUS
    return (figures.later, Source.LATER) if figures.later else None
