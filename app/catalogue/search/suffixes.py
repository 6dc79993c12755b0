"""A suffix table: the tails of many short texts in order, so that any beginning is found by bisection."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

END = "\n"
_SORTED_BY = 64
_NARROW = 2


class Suffixes:
    """All tails in order, ten bytes each; `END` after every text sorts before whatever goes on.

    `offsets` says where in `text` a tail begins, `owners` of which text (by its place) it is a tail, `leads` how many
    characters of that text stand before it. Two letters lead straight to a narrow range, so that a look-up costs a
    few comparisons whatever the size.
    """

    def __init__(self, texts: Iterable[tuple[str, Sequence[int]]]) -> None:
        parts: list[str] = []
        found: list[int] = []
        begins = array("I")
        at = 0
        for part, starts in texts:
            begins.append(at)
            found += [at + start for start in starts]
            parts.append(part)
            at += len(part) + 1
        self.text = END.join([*parts, ""])
        found.sort(key=lambda offset: self.text[offset : offset + _SORTED_BY])
        self.offsets = array("I", found)
        self.owners = array("I", (bisect_right(begins, offset) - 1 for offset in found))
        self.leads = array("H", (found[place] - begins[owner] for place, owner in enumerate(self.owners)))
        self._ranges = self._narrow()

    def _narrow(self) -> dict[str, tuple[int, int]]:
        ranges: dict[str, tuple[int, int]] = {}
        for place, offset in enumerate(self.offsets):
            for width in range(1, _NARROW + 1):
                key = self.text[offset : offset + width]
                ranges[key] = (ranges.get(key, (place, 0))[0], place + 1)
        return ranges

    def find(self, beginning: str) -> range:
        """The places in `offsets`, `leads` and `owners` of the tails that begin so; those that end there first."""
        low, high = self._ranges.get(beginning[:_NARROW], (0, 0))
        width = len(beginning)
        if width <= _NARROW or low == high:
            return range(low, high)
        text = self.text

        def key(offset: int) -> str:
            return text[offset : offset + width]

        low = bisect_left(self.offsets, beginning, low, high, key=key)
        return range(low, bisect_right(self.offsets, beginning, low, high, key=key))
