"""How demand is served before and after a plan, in the figures of `coverage`. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.coverage.rules.measures import mean, rounded, share, spread
from app.coverage.rules.ways import Ways
from app.kit.geo import Floats
from app.siting.rules.gains import Mask
from app.siting.rules.questions import Places, Question

KM_DIGITS, SHARE_DIGITS, WEIGHT_DIGITS = 4, 6, 3
DEGREE_DIGITS, SIZE_DIGITS = 5, 3
MOST_DRAWN = 400


@dataclass(frozen=True, slots=True)
class Distance:
    """To the nearest that serves what is asked for, weighted, km; None where nobody has any."""

    p50: float | None
    p90: float | None
    max: float | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Places, and those of them where everything that is asked for is near enough; demand in all, and near enough (on
    the mean of the services); which part that is; and distances."""

    points: int
    points_within: int
    weight: float
    weight_within: float
    share_within: float | None
    distance_km: Distance


@dataclass(frozen=True, slots=True)
class County:
    """A county with demand, before and after."""

    adcode: str
    before: Figures
    after: Figures


@dataclass(frozen=True, slots=True)
class Step:
    """The part of the demand within reach, and the mean distance in km, after one more of the chosen."""

    share_within: float | None
    mean_km: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything before and after, each county, and after each of the chosen."""

    before: Figures
    after: Figures
    counties: tuple[County, ...]
    steps: tuple[Step, ...]


def compared(question: Question, chosen: Sequence[int]) -> Compared:
    """What the chosen candidates make of it, one after the other."""
    before = question.now
    steps, km = [], before
    for each in chosen:
        km = _with(question, km, each)
        steps.append(_step(question, km))
    everywhere = np.ones(len(question.weight), np.bool_)
    counties = (
        County(adcode, figures(question, before, own), figures(question, km, own))
        for n, adcode in enumerate(question.counties)
        if (own := question.county == n).any()
    )
    return Compared(
        figures(question, before, everywhere), figures(question, km, everywhere), tuple(counties), tuple(steps)
    )


def _with(question: Question, km: Floats, candidate: int) -> Floats:
    """Distances [k, n] with one more."""
    there = Places(*(axis[candidate : candidate + 1] for axis in question.candidates))
    way = Ways(question.points, there).km[:, 0]
    gives = np.array([need.given[candidate] for need in question.needs])
    return np.where(gives[:, np.newaxis], np.minimum(km, way), km)


def _step(question: Question, km: Floats) -> Step:
    return Step(
        rounded(share(km <= question.within_km, question.weights), SHARE_DIGITS),
        rounded(mean(km.ravel(), question.weights.ravel()), KM_DIGITS),
    )


def drawn(question: Question, chosen: Sequence[int]) -> list[list[float]]:
    """The weightiest points for a map: longitude, latitude, size (0 to 1), and whether everything is within reach: 2
    before, 1 only after, 0 not even then."""
    km = question.now
    for each in chosen:
        km = _with(question, km, each)
    now, then = (np.asarray((ways <= question.within_km).all(axis=0)) for ways in (question.now, km))
    order = np.argsort(-question.weight, kind="stable")[:MOST_DRAWN]
    top = float(question.weight.max(initial=0.0)) or 1.0
    return [
        [
            round(float(question.points.lon[n]), DEGREE_DIGITS),
            round(float(question.points.lat[n]), DEGREE_DIGITS),
            round(float(question.weight[n]) / top, SIZE_DIGITS),
            int(now[n]) + int(then[n]),
        ]
        for n in order.tolist()
        if question.weight[n] > 0
    ]


def figures(question: Question, km: Floats, own: Mask) -> Figures:
    """Of some points [n], with these distances [k, n]."""
    weights, near = np.where(own, question.weights, 0.0), km <= question.within_km
    counts = own & (question.weight > 0)
    return Figures(
        points=int(counts.sum()),
        points_within=int((near.all(axis=0) & counts).sum()),
        weight=round(float(question.weight[own].sum()), WEIGHT_DIGITS),
        weight_within=round(float(weights[near].sum()) / max(question.services, 1), WEIGHT_DIGITS),
        share_within=rounded(share(near, weights), SHARE_DIGITS),
        distance_km=Distance(*(rounded(each, KM_DIGITS) for each in spread(km.ravel(), weights.ravel()))),
    )
