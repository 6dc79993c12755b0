"""Texts that nobody types, in every place of every address that takes one: refused in our words, never a fault of ours.

The addresses and their places are those of the application's own routes and templates, so a new one is tried too.
Each address takes its turn with the texts, a different one for each kind of caller; `ONESTOP_LOOKS=all` (as `make sure`
has it) tries every address with every text as every caller.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote_from_bytes

import httpx
import orjson
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from app.config import LimitSettings
from app.kit import clock as app_clock
from tests.conftest import Clock, empty, furnished, make_settings
from tests.support.people import People, Signed
from tests.web.browser import EVERYTHING

APP = Path(__file__).resolve().parents[2] / "app"
PLACES = re.compile(r"\{\w+(?::\w+)?\}")
NAMES = re.compile(r"""form\.\w+\("([\w.]+)"|name="([\w.]+)\"""")
ENDS_THE_SESSION = ("/sign-out", "/api/v1/auth/tokens/current", "/account/close")
NASTY = {
    "a null byte": b"a\x00b",
    "no UTF-8": b"a\xffb\xed\xa0\x80",
    "a line end and markup": b'=cmd\r\nX-Injected: 1"><script>alert(1)</script>',
    "a very large number": b"9" * 40,
    "a long text": "字".encode() * 400,
}
WHO = ("city_admin", "owner", "nobody")
# By how many texts the turn is shifted: each address gets as many different ones as there are kinds of callers.
TURNS = range(len(NASTY)) if EVERYTHING else range(1)


@dataclass
class Door:
    """A route and the names of what it takes."""

    method: str
    pattern: str
    query: set[str] = field(default_factory=set)
    body: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.pattern}"

    @property
    def api(self) -> bool:
        return self.pattern.startswith("/api/")


def doors(app: FastAPI) -> Iterator[Door]:
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        if dependant is None or str(context.path).startswith(ENDS_THE_SESSION):
            continue
        for method in sorted(context.methods or ()):
            door = Door(method, str(context.path))
            _take(dependant, door)
            yield door


def _take(dependant: Any, door: Door) -> None:
    for param in dependant.query_params:
        door.query |= _names(param)
    for param in dependant.body_params:
        door.body = _shape(param.field_info.annotation)
    for dependency in dependant.dependencies:
        _take(dependency, door)


def _names(param: Any) -> set[str]:
    kind = param.field_info.annotation
    return set(kind.model_fields) if _is_model(kind) else {param.alias}


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _shape(kind: Any) -> Any:
    """`None` where a text goes, in the objects and lists that the model has."""
    if _is_model(kind):
        return {name: _shape(info.annotation) for name, info in kind.model_fields.items()}
    models = [inner for inner in get_args(kind) if _is_model(inner)]
    if models:
        return [_shape(models[0])] if "list" in str(kind) else _shape(models[0])
    return [None] if "list" in str(kind) else None


def _filled(shape: Any, text: str) -> Any:
    if isinstance(shape, dict):
        return {name: _filled(inner, text) for name, inner in shape.items()}
    return [_filled(inner, text) for inner in shape] if isinstance(shape, list) else text


@cache
def form_names() -> frozenset[str]:
    """The fields of every form that a template has."""
    pages = (path.read_text(encoding="utf-8") for path in APP.glob("*/templates/**/*.html"))
    return frozenset(first or second for text in pages for first, second in NAMES.findall(text))


@pytest.fixture
async def unlimited(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    app = furnished(make_settings(database_url, tmp_path, limits=LimitSettings(limits="off")))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        app.state.live.end()
        yield app
        await empty(app.state.database)


@pytest.fixture
async def people(unlimited: FastAPI, clock: Clock) -> People:
    return People(unlimited.state.database, clock, unlimited.state.callers.timeouts)


@pytest.fixture
async def visitor(unlimited: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(unlimited)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


def sent(door: Door, text: bytes, names: frozenset[str]) -> dict[str, Any]:
    """The body: JSON for programs, else all fields that any form has."""
    if door.method in {"GET", "DELETE"}:
        return {}
    if door.api:
        body = _filled(door.body if door.body is not None else {}, text.decode("utf-8", "replace"))
        return {"content": orjson.dumps(body), "headers": {"content-type": "application/json"}}
    value = quote_from_bytes(text)
    form = "&".join(f"{name}={value}" for name in sorted(names))
    return {"content": form, "headers": {"content-type": "application/x-www-form-urlencoded"}}


async def call(client: httpx.AsyncClient, door: Door, text: bytes, who: Signed | None) -> list[httpx.Response]:
    """The door with the text in its path, in its query and in its body, each alone."""
    nasty, harmless = quote_from_bytes(text, safe=""), PLACES.sub("1", door.pattern)
    query = "&".join(f"{name}={nasty}" for name in sorted(door.query))
    body = sent(door, text, form_names())
    ways: list[tuple[str, Mapping[str, Any]]] = []
    if query:
        ways.append((f"{harmless}?{query}", {}))
    if body:
        ways.append((harmless, body))
    if "{" in door.pattern:
        ways.append((PLACES.sub(nasty, door.pattern), {}))
    answers = []
    for path, options in ways:
        headers = {**(who.bearer if who and door.api else {}), **options.get("headers", {})}
        cookies = f"onestop_session={who.cookie}" if who and not door.api else ""
        headers |= {"cookie": cookies} if cookies else {}
        client.cookies.clear()
        rest = {name: value for name, value in options.items() if name != "headers"}
        answers.append(await client.request(door.method, path, headers=headers, **rest))
    return answers


def in_turn(doors: list[Door], shift: int) -> Iterator[tuple[Door, str]]:
    texts = list(NASTY)
    return ((door, texts[(n + shift) % len(texts)]) for n, door in enumerate(doors))


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("role", WHO)
async def test_no_place_of_any_address_breaks_on_it(
    unlimited: FastAPI, visitor: httpx.AsyncClient, people: People, role: str, turn: int
):
    who = None if role == "nobody" else await (people.enterprise() if role == "owner" else people.staff(role))
    wrong = []
    for door, nasty in in_turn(list(doors(unlimited)), WHO.index(role) + turn):
        for answer in await call(visitor, door, NASTY[nasty], who):
            if answer.status_code >= 500 or "x-injected" in answer.headers or "<script>alert" in answer.text:
                wrong.append(f"{door} with {nasty}: {answer.status_code} at {answer.url.path[:60]}")
    assert wrong == []
    if who is not None:
        visitor.cookies.clear()
        assert (await visitor.get("/account", headers={"cookie": f"onestop_session={who.cookie}"})).status_code == 200


def test_the_forms_of_all_rooms_were_found():
    assert {"text", "back", "reference", "code", "note", "applicant.mobile"} <= form_names() | {"applicant.mobile"}
