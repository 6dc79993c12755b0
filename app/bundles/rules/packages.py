"""Packages as they are written down: steps with a service, a reason and an order. Pure.

The file is data that an operator may change, so everything wrong with it is said at once, by package and step.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import Any

MOST_STEPS = 20
KEY = re.compile(r"[a-z][a-z0-9-]{0,31}")
TEXTS = {"package": ("name_zh", "name_en", "about_zh", "about_en"), "step": ("why_zh", "why_en")}


class Order(StrEnum):
    """Whether a step has to wait for those before it, or should."""

    MUST = "must"
    ADVISED = "advised"


class PackagesError(ValueError):
    """The packages can't be used; `faults` says everything that is wrong, each with its place."""

    def __init__(self, faults: Collection[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Step:
    """A service of a package: why it is needed, after which steps it comes, whether it may be left out."""

    key: str
    service: str
    why_zh: str
    why_en: str
    after: tuple[str, ...]
    order: Order
    optional: bool


@dataclass(frozen=True, slots=True)
class Package:
    """Services that belong together. `steps` stand in an order in which each comes after those it waits for."""

    code: str
    name_zh: str
    name_en: str
    about_zh: str
    about_en: str
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step | None:
        return next((step for step in self.steps if step.key == key), None)


def read_packages(document: Mapping[str, Any]) -> tuple[Package, ...]:
    """The packages of a document. Raises PackagesError."""
    rows = document.get("packages", ())
    faults = [fault for row in rows for fault in faults_of(row)]
    faults += [f"{code}: there are two packages of this code" for code in repeated(row.get("code", "") for row in rows)]
    if faults:
        raise PackagesError(faults)
    return tuple(_package(row) for row in rows)


def faults_of(row: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with a package by itself; whether its services exist, the catalogue says."""
    code, steps = str(row.get("code", "")), list(row.get("steps", ()))
    found = [f"{code}: {name} is empty" for name in TEXTS["package"] if not str(row.get(name, "")).strip()]
    if not KEY.fullmatch(code):
        found.append(f"{code}: a code has small letters, digits and hyphens")
    if not 1 <= len(steps) <= MOST_STEPS:
        found.append(f"{code}: a package has 1 to {MOST_STEPS} steps")
    for each in steps:
        found += [f"{code}/{each.get('key', '')}: {fault}" for fault in _faults_of_step(each)]
    return found + [f"{code}{fault}" for fault in _faults_of_order(steps)]


def _faults_of_step(row: Mapping[str, Any]) -> Iterable[str]:
    if not KEY.fullmatch(str(row.get("key", ""))):
        yield "a key has small letters, digits and hyphens"
    if not str(row.get("service", "")).strip():
        yield "service is empty"
    for name in TEXTS["step"]:
        if not str(row.get(name, "")).strip():
            yield f"{name} is empty"
    if row.get("order") not in set(Order):
        yield "order is “must” or “advised”"
    if not isinstance(row.get("optional"), bool):
        yield "optional is true or false"


def _faults_of_order(steps: list[Mapping[str, Any]]) -> Iterable[str]:
    keys = [str(each.get("key", "")) for each in steps]
    services = [str(each.get("service", "")) for each in steps]
    for key in repeated(keys):
        yield f"/{key}: there are two steps of this key"
    for service in repeated(services):
        yield f": the service {service} stands in two steps"
    for each in steps:
        for before in each.get("after", ()):
            if before not in keys:
                yield f"/{each.get('key', '')}: comes after “{before}”, which is no step"
    graph = {key: set(each.get("after", ())) & set(keys) for key, each in zip(keys, steps, strict=True)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        yield f": the order goes round in a circle: {circle}"


def repeated(names: Iterable[str]) -> list[str]:
    """The names that stand more than once, each once."""
    seen, twice = set[str](), dict[str, None]()
    for name in names:
        if name in seen:
            twice[name] = None
        seen.add(name)
    return list(twice)


def _package(row: Mapping[str, Any]) -> Package:
    """In the file's order, but each step after those that it waits for."""
    by_key = {each["key"]: _step(each) for each in row["steps"]}
    placed: dict[str, Step] = {}
    while len(placed) < len(by_key):
        ready = (step for key, step in by_key.items() if key not in placed and set(step.after) <= placed.keys())
        following = next(ready)
        placed[following.key] = following
    texts = {name: row[name] for name in ("code", *TEXTS["package"])}
    return Package(**texts, steps=tuple(placed.values()))


def _step(row: Mapping[str, Any]) -> Step:
    return Step(
        key=row["key"],
        service=row["service"],
        why_zh=row["why_zh"],
        why_en=row["why_en"],
        after=tuple(dict.fromkeys(row.get("after", ()))),
        order=Order(row["order"]),
        optional=row["optional"],
    )
