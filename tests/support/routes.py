"""All addresses of the application, out of its own routes: a new one is tested without being listed anywhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

# What stands for each place of an address, by its name; a place that isn't named here gets a word.
EXAMPLES = {
    "reference": "ZT-7K3M-9QXD-J",
    "draft": "018f3a5c-0000-7000-8000-000000000000",
    "n": "1",
    "station": "WH-ET-01",
    "code": "MET-MEC-015",
}
ANY_ID = "018f3a5c-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Address:
    """A method and a path, with its places (``/r/{reference}``) and filled with examples."""

    method: str
    pattern: str

    @property
    def path(self) -> str:
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda place: EXAMPLES.get(place[1], ANY_ID), self.pattern)

    def __str__(self) -> str:
        return f"{self.method} {self.pattern}"


def addresses(app: FastAPI) -> Iterator[Address]:
    for context in iter_route_contexts(app.routes):
        for method in sorted(context.methods or ()):
            yield Address(method, context.path or "/")
