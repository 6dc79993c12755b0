"""The process that answers a question: reads it, tells of its progress line by line, and writes the answer last.

Run as `python -m app.siting.answering`. It knows no database; whoever started it may kill it at any moment, and it ends
by itself when nobody reads it any more.
"""

import json
import os
import sys
import time
from dataclasses import asdict
from typing import Any

from app.coverage.rules.measures import rounded
from app.siting.packing import unpacked
from app.siting.rules.figures import SHARE_DIGITS, compared, drawn
from app.siting.rules.gains import Tell
from app.siting.rules.questions import Objective, Question, TooLargeError, instance_of
from app.siting.rules.solving import Solution, solve
from app.siting.rules.states import EXIT_TOO_LARGE

NICE = 5
TELLS_AFTER = 0.2
BUILT = 0.2


def answer(question: Question, tell: Tell) -> dict[str, Any]:
    """The solution and the figures before and after it. Raises TooLargeError, and what `tell` raises."""
    started = time.perf_counter()
    gains, whole = instance_of(question, lambda done: tell(done * BUILT))
    found = solve(gains, question.most, lambda done: tell(BUILT + done * (1 - BUILT)), whole)
    figures = compared(question, found.chosen)
    return asdict(figures) | {
        "chosen": found.chosen,
        "optimality_gap": round(found.gap, SHARE_DIGITS),
        "best": rounded(_best(question, found, whole), SHARE_DIGITS),
        "method": found.method,
        "seconds": round(time.perf_counter() - started, 3),
        "candidates": gains.candidates,
        "drawn": drawn(question, found.chosen),
    }


def _best(question: Question, found: Solution, whole: float | None) -> float | None:
    """What no choice can better: the share within reach, or the mean distance in km."""
    total = float(question.weights.sum())
    if question.objective is Objective.MAX_COVER:
        near = float(question.weights[question.now <= question.within_km].sum())
        return (near + found.bound) / total if total > 0 else None
    if whole is None or total <= 0:
        return None
    after = compared(question, found.chosen).after.distance_km.mean
    return None if after is None else after * (1 - found.gap)


class Teller:
    """Says how far it is, not too often."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, done: float) -> None:
        if (now := time.monotonic()) - self._last >= TELLS_AFTER:
            self._last = now
            say(round(done, 3))


def say(words: object) -> None:
    """A line of JSON."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    os.nice(NICE)
    question = unpacked(sys.stdin.buffer.read())
    try:
        say(answer(question, Teller()))
    except TooLargeError:
        sys.exit(EXIT_TOO_LARGE)


if __name__ == "__main__":
    main()
