"""Bars and lines as places in an SVG, drawn on the server: they print, need no script, and stand beside their numbers.

A chart is 600 wide; bars stand on its foot, 100 high at most. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600.0, 100.0
GAP = 0.25  # of the place of a bar


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, with what it stands for."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: float


def bars(values: Sequence[tuple[str, float]]) -> list[Bar]:
    """One for each value, the highest as high as the chart."""
    most = max((value for _, value in values), default=0.0) or 1.0
    place = WIDTH / max(len(values), 1)
    return [
        Bar(
            round(n * place + place * GAP / 2, 2),
            round(HEIGHT - value / most * HEIGHT, 2),
            round(place * (1 - GAP), 2),
            round(value / most * HEIGHT, 2),
            label,
            value,
        )
        for n, (label, value) in enumerate(values)
    ]


def lines(values: Sequence[float | None], most: float) -> list[str]:
    """The points of a line through the middles of the places; it is interrupted where there is no value."""
    place = WIDTH / max(len(values), 1)
    found: list[list[str]] = [[]]
    for n, value in enumerate(values):
        if value is None:
            found.append([])
        else:
            found[-1].append(f"{n * place + place / 2:.1f},{HEIGHT - value / (most or 1.0) * HEIGHT:.1f}")
    return [" ".join(points) for points in found if points]
