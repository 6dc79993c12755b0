"""Measured ratios with their floors and goals, and how they are measured: in rounds, of which the median counts."""

import argparse
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.load import Result, run
from bench.under import Server

CONNECTIONS = 32


@dataclass(frozen=True)
class Line:
    """A measured ratio with the floor that must be reached and the goal."""

    name: str
    ratio: float
    floor: float
    goal: float
    note: str

    def __str__(self) -> str:
        verdict = "goal" if self.ratio >= self.goal else "floor" if self.ratio >= self.floor else "BELOW"
        return f"{self.name:<34}{self.ratio:>8.3f}{self.floor:>8.2f}{self.goal:>8.2f}  {verdict:<6}{self.note}"


Measured = Mapping[str, Callable[[], Iterator[bytes]]]


def rounds(under: Server, measured: Measured, options: argparse.Namespace) -> dict[str, list[Result]]:
    """Everything in turn, as often as there are rounds."""
    results: dict[str, list[Result]] = {name: [] for name in measured}
    for _round in range(options.rounds):
        for name, calls in measured.items():
            results[name].append(checked(run(under.port, calls(), connections=CONNECTIONS, seconds=options.seconds)))
    return results


def rate(rounds: list[Result]) -> float:
    return statistics.median(result.rate for result in rounds)


def against_empty(results: Mapping[str, list[Result]], bounds: Mapping[str, tuple[float, float]]) -> Iterator[Line]:
    """The rates of these, as shares of the empty endpoint's."""
    empty = rate(results["empty"])
    for name, (floor, goal) in bounds.items():
        ours = rate(results[name])
        median = statistics.median(result.percentile(0.5) for result in results[name])
        line = Line(name, ours / empty, floor, goal, f"{ours:,.0f}/s of {empty:,.0f}/s, median {median:.1f} ms")
        print(line, flush=True)
        yield line


def against_bare(name: str, bounds: tuple[float, float], ours: list[float], bare: list[float]) -> Line:
    rate_of_ours, limit = statistics.median(ours), statistics.median(bare)
    line = Line(name, rate_of_ours / limit, *bounds, f"{rate_of_ours:,.0f}/s of pgbench's {limit:,.0f}/s")
    print(line, flush=True)
    return line


def checked(result: Result) -> Result:
    if set(result.statuses) != {200}:
        raise RuntimeError(f"unexpected answers: {result.statuses}")
    return result
