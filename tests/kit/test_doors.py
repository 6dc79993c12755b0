"""A door is asked only for paths that can be its own, and answers these as any router does."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from app.kit.doors import Door


def door(*paths: str, prefix: str = "") -> Door:
    made = Door(prefix=prefix)
    for path in paths:
        made.add_api_route(path, lambda path=path: path, methods=["GET"])
    return made


def test_it_knows_with_which_word_its_routes_begin_and_how_long_they_are() -> None:
    outer = door("/office", "/office/people")
    outer.include_router(door("/stations/{code}"))
    assert outer.beginnings() == frozenset({("office", 1), ("office", 2), ("stations", 2)})


def test_a_route_that_any_path_may_fit_or_that_is_no_doors_own_leaves_it_open() -> None:
    assert door("/a", "/{anything}").beginnings() is None
    assert door("/a/{rest:path}").beginnings() is None
    outer = door("/a")
    outer.include_router(APIRouter())
    assert outer.beginnings() is None


def test_a_route_that_is_added_later_is_found() -> None:
    made = door("/a")
    assert made.beginnings() == frozenset({("a", 1)})
    made.add_api_route("/b", lambda: "b")
    assert made.beginnings() == frozenset({("a", 1), ("b", 1)})


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/v1/a", 200),
        ("/v1/b/7", 200),
        ("/c", 200),
        ("/v1/c", 404),
        ("/a", 404),
        ("/v1/a/x", 404),
        ("/v1/b", 404),
        ("/d/e/f", 200),
    ],
)
async def test_what_is_found_is_what_a_router_finds(path: str, status: int) -> None:
    for kind in (Door, APIRouter):
        app, api = FastAPI(), kind(prefix="/v1")
        api.include_router(door("/a", "/b/{n}"))
        for each in (api, door("/"), door("/c"), door("/d/{rest:path}")):
            app.include_router(each)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://t") as client:
            assert (await client.get(path)).status_code == status


async def test_a_method_that_a_path_does_not_have_is_named_so() -> None:
    app = FastAPI()
    app.include_router(door("/a"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://t") as client:
        assert (await client.post("/a")).status_code == 405
