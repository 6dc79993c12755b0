"""What no choice can exceed: Lagrangian relaxation, its prices moved by subgradients. Pure.

A row's gains are paid for at a price u >= 0: whoever has the price of every row and, beside it, the k candidates whose
gains exceed the prices most has at least as much as any choice gives (Cornuejols, Fisher and Nemhauser 1977; at the
best prices this is the bound of the linear program). The same sums show which candidates no better choice can have.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.kit.geo import Floats
from app.siting.rules.choosing import exchange
from app.siting.rules.gains import NEAR_NOTHING, Gains, Ints, Tell

ROUNDS = 500
WORTH_A_LOOK = 0.95
MANY = 500_000


class Pace(NamedTuple):
    """After `patience` rounds without a lower bound steps are halved; the search ends when they are `least_step`, and
    every so many rounds it is looked what the best prices favour."""

    patience: int
    least_step: float
    looks_after: int


CALM, QUICK = Pace(10, 0.005, 20), Pace(7, 0.02, 40)
"""Of more than MANY gains a round takes long, and the last ones lower the bound by very little."""


@dataclass(frozen=True, eq=False)
class Bounded:
    """A choice and what none can exceed; better ones, if there are any, have only candidates of `open`."""

    chosen: list[int]
    value: float
    bound: float
    open: Ints

    @property
    def closed(self) -> bool:
        """Whether nothing is better."""
        return self.bound - self.value <= NEAR_NOTHING * max(self.bound, 1.0)


def bounded(
    gains: Gains, floor: Floats, chosen: Sequence[int], most: int, tell: Tell, *, enough: Callable[[float, float], bool]
) -> Bounded:
    """The bound, and the best of the given choice and those that came up in the search for it.

    `gains` are those above the floor of their row [rows]; the bound holds for all. `enough` is asked whether a value
    and a bound are near enough to each other.
    """
    search = _Search(gains, floor, chosen, most)
    for n in range(ROUNDS):
        tell(n / ROUNDS)
        search.step()
        if (n + 1) % search.pace.looks_after == 0:
            search.look(tell)
        if search.over or enough(search.value, search.bound):
            break
    return Bounded(search.chosen, search.value, max(search.bound, search.value), search.names)


class _Search:
    """The best prices, step by step. `names` are the candidates still open, by their numbers in the whole problem."""

    def __init__(self, gains: Gains, floor: Floats, chosen: Sequence[int], most: int) -> None:
        self._whole, self._most = gains, min(most, gains.candidates)
        self.chosen, self.value = list(chosen), gains.value(chosen)
        self._gains, self._floor = gains, floor
        self._at, self._beyond = _places(gains)
        self.names: Ints = np.arange(gains.candidates)
        best = gains.best(chosen)
        self._price = np.maximum((best.first + best.second) / 2, self._floor)
        self.bound, self._favoured = np.inf, self.chosen
        self._quiet, self._size = 0, 1.0
        self.pace = QUICK if len(gains.gain) > MANY else CALM

    @property
    def over(self) -> bool:
        near = self.bound - self.value <= NEAR_NOTHING * max(self.bound, 1.0)
        return near or self._size < self.pace.least_step or len(self.names) <= self._most

    def step(self) -> None:
        """Look at these prices, then move them."""
        # In one place that is there already: to ask for memory in every round takes longer than to count.
        np.take(self._price, self._at, out=self._beyond, mode="clip")
        np.subtract(self._gains.gain, self._beyond, out=self._beyond)
        worth = self._gains.sums(np.maximum(self._beyond, 0.0, out=self._beyond))
        top = np.argsort(-worth, kind="stable")[: self._most]
        bound = float(self._price.sum() + worth[top].sum())
        self._quiet = 0 if bound < self.bound * (1 - 1e-6) else self._quiet + 1
        if self._quiet >= self.pace.patience:
            self._quiet, self._size = 0, self._size / 2
        better = bound < self.bound
        if better:
            self.bound, self._favoured = bound, self.names[top].tolist()
        self._move(bound, top)
        if better and len(top) < len(worth):
            # With this one in place of the least of the favoured the bound falls to less than what is had already.
            self._keep(np.flatnonzero(bound - (worth[top].min() - worth) >= self.value))

    def _move(self, bound: float, top: Ints) -> None:
        """Dearer where several of the favoured exceed the price, cheaper where none does."""
        slope = np.ones(self._gains.rows)
        for name in top.tolist():
            part = self._gains.of(name)
            row = self._gains.row[part]
            slope[row] -= self._gains.gain[part] > self._price[row]
        slope[(slope > 0) & (self._price <= self._floor)] = 0.0
        length = float(slope @ slope)
        if length > 0:
            self._price = np.maximum(self._price - self._size * (bound - self.value) / length * slope, self._floor)

    def _keep(self, kept: Ints) -> None:
        """To cut the sums costs as much as a few of them."""
        if len(kept) <= len(self.names) * 0.9:
            self._gains, self.names = self._gains.some(kept), self.names[kept]
            self._at, self._beyond = _places(self._gains)

    def look(self, tell: Tell) -> None:
        """Whether those whom the best prices favour, bettered by exchanging, give more than what is chosen so far."""
        if self._whole.value(self._favoured) < self.value * WORTH_A_LOOK:
            return
        found = exchange(self._whole, self._favoured, tell)
        value = self._whole.value(found)
        if value > self.value * (1 + NEAR_NOTHING):
            self.chosen, self.value = found, value


def _places(gains: Gains) -> tuple[Ints, Floats]:
    """The rows as numpy takes them without a copy each time, and room for a number a gain."""
    return gains.row.astype(np.intp), np.empty(len(gains.gain))
