"""From instruments to as few visits as there can be: what goes together, and which stations do all of it. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish(Generic[T]):
    """An instrument that is to be verified: by which service, in which mode, for which use where that decides."""

    instrument: T
    service: str
    mode: str
    use: str | None


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """What can be done in one visit as far as its way and use go."""

    mode: str
    use: str | None
    wishes: tuple[Wish[T], ...]

    @property
    def services(self) -> tuple[str, ...]:
        """Each once, those of most instruments first."""
        return tuple(code for code, _count in Counter(wish.service for wish in self.wishes).most_common())


def batches(wishes: Iterable[Wish[T]], most_services: int, most_items: int) -> list[Batch[T]]:
    """Instruments by mode and use; those whose use decides nothing go along with the largest group of their mode."""
    groups: dict[tuple[str, str | None], list[Wish[T]]] = {}
    for wish in wishes:
        groups.setdefault((wish.mode, wish.use), []).append(wish)
    for mode, use in [key for key in groups if key[1] is None]:
        others = [key for key in groups if key[0] == mode and key[1] is not None]
        if others:
            groups[max(others, key=lambda key: len(groups[key]))] += groups.pop((mode, use))
    return [
        Batch(mode, use or None, part)
        for (mode, use), group in groups.items()
        for part in _parts(group, most_services, most_items)
    ]


def _parts(group: Sequence[Wish[T]], most_services: int, most_items: int) -> Iterable[tuple[Wish[T], ...]]:
    """The group in the sizes that one request takes, instruments of one service together."""
    part: list[Wish[T]] = []
    for wish in sorted(group, key=lambda wish: wish.service):
        services = {each.service for each in part} | {wish.service}
        if len(part) == most_items or len(services) > most_services:
            yield tuple(part)
            part = []
        part.append(wish)
    if part:
        yield tuple(part)


def fewest(covers: Sequence[frozenset[int]], wanted: frozenset[int]) -> list[int]:
    """Which of the stations, given best first by what each does, do all that is wanted together: as few as can be.

    Of equally few the better ones. What nobody does is left out. Exact: every set of services that can be done with so
    many stations is looked at, of which there are few as one request has few services.
    """
    wanted &= frozenset().union(*covers) if covers else frozenset()
    first = {does & wanted: place for place, does in reversed(list(enumerate(covers)))}  # of equal ones the best
    best: dict[frozenset[int], list[int]] = {frozenset(): []}
    while wanted not in best:
        for done, chosen in list(best.items()):
            for does, place in first.items():
                more = done | does
                rival = best.get(more)
                if more != done and (
                    rival is None or (len(rival), sum(rival)) > (len(chosen) + 1, sum(chosen) + place)
                ):
                    best[more] = [*chosen, place]
    return sorted(best[wanted])


def shared_out(covers: Sequence[frozenset[int]], chosen: Sequence[int], wanted: frozenset[int]) -> dict[int, list[int]]:
    """What each of the chosen does: all that it can of what is left, the one that does most first."""
    left, shares = set(wanted), dict[int, list[int]]()
    for place in sorted(chosen, key=lambda place: (-len(covers[place] & wanted), place)):
        mine = sorted(covers[place] & left)
        left -= set(mine)
        if mine:
            shares[place] = mine
    return shares
