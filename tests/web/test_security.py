from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from starlette.types import Message, Receive, Scope, Send

from app.web.cookies import delete_cookie, read_cookie, set_cookie
from app.web.security import SecurityHeadersMiddleware, content_security_policy


def test_pages_may_load_nothing_but_our_own_files():
    policy = content_security_policy()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    for kind in ("script-src", "style-src", "connect-src", "font-src"):
        assert f"{kind} 'self';" in policy
    for refused in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert refused in policy


def test_a_map_background_adds_its_origin_for_images_only():
    policy = content_security_policy("https://{s}.tiles.example:8443/{z}/{x}/{y}.png?key=1")
    assert "img-src 'self' data: https://*.tiles.example:8443;" in policy
    assert policy.count("tiles.example") == 1


async def test_every_answer_carries_the_headers(visitor: httpx.AsyncClient):
    for path in ("/gallery", "/static/img/mark.svg", "/nowhere", "/suggestions?q=x"):
        headers = (await visitor.get(path)).headers
        assert headers["content-security-policy"] == content_security_policy()
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "geolocation=(self)" in headers["permissions-policy"]


def by_tls(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://testserver")


async def test_only_over_tls_is_tls_asked_for_from_then_on(visitor: httpx.AsyncClient, gallery: FastAPI):
    plain = (await visitor.get("/gallery")).headers
    assert "strict-transport-security" not in plain
    assert "upgrade-insecure-requests" not in plain["content-security-policy"]
    async with by_tls(gallery) as client:
        headers = (await client.get("/gallery")).headers
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "upgrade-insecure-requests" in headers["content-security-policy"]


async def test_hosts_below_this_one_are_bound_only_when_the_operator_says_so():
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    bound = SecurityHeadersMiddleware(app, hsts_subdomains=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bound), base_url="https://testserver") as client:
        headers = (await client.get("/")).headers
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("path", ["/r/ZT-7K3M-9QXD-J", "/account", "/office/people", "/password/reset/x", "/register"])
async def test_what_says_something_of_the_reader_is_not_told_to_other_sites(visitor: httpx.AsyncClient, path: str):
    assert (await visitor.get(path)).headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "shown",
    [
        {"cookie": "lang=en; onestop_session=abc"},
        {"cookie": "__Host-onestop_session=abc"},
        {"authorization": "Bearer abc"},
        {"x-access-code": "AAAA-AAAA"},
    ],
)
async def test_the_answer_to_somebody_known_is_not_stored(visitor: httpx.AsyncClient, shown: dict[str, str]):
    assert "cache-control" not in (await visitor.get("/suggestions?q=x")).headers
    assert (await visitor.get("/suggestions?q=x", headers=shown)).headers["cache-control"] == "private, no-store"
    assert "immutable" not in (await visitor.get("/static/img/mark.svg", headers=shown)).headers["cache-control"]


async def test_an_answer_that_says_its_own_is_left_alone():
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"SAMEORIGIN")]})

    async def receive() -> Message:
        return {"type": "http.request"}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await SecurityHeadersMiddleware(app)({"type": "http"}, receive, send)
    own = [value for name, value in sent[0]["headers"] if name == b"x-frame-options"]
    assert own == [b"SAMEORIGIN"]


def asked(scheme: str, cookie: str = "") -> Request:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return Request({"type": "http", "scheme": scheme, "path": "/", "headers": headers})


def parts(response: Response) -> set[str]:
    return set(response.headers["set-cookie"].split("; "))


def test_a_cookie_over_tls_belongs_to_this_host_alone():
    response = Response()
    set_cookie(asked("https"), response, "session", "abc", max_age=60)
    assert parts(response) == {
        "__Host-onestop_session=abc", "HttpOnly", "Max-Age=60", "Path=/", "SameSite=lax", "Secure"
    }  # fmt: skip


def test_a_cookie_without_tls_has_its_plain_name_and_lives_as_long_as_the_browser():
    response = Response()
    set_cookie(asked("http"), response, "session", "abc")
    assert parts(response) == {"onestop_session=abc", "HttpOnly", "Path=/", "SameSite=lax"}


@pytest.mark.parametrize(("scheme", "name"), [("http", "onestop_session"), ("https", "__Host-onestop_session")])
def test_a_deleted_cookie_has_the_same_name_and_is_over(scheme: str, name: str):
    response = Response()
    delete_cookie(asked(scheme), response, "session")
    assert {f'{name}=""', "Max-Age=0", "Path=/", "HttpOnly"} <= parts(response)


def test_over_tls_a_cookie_without_the_prefix_counts_for_nothing():
    planted: dict[str, Any] = {"cookie": "onestop_session=planted"}
    assert read_cookie(asked("https", **planted), "session") == ""
    assert read_cookie(asked("http", **planted), "session") == "planted"
    both = "onestop_session=planted; __Host-onestop_session=own"
    assert read_cookie(asked("https", both), "session") == "own"


async def test_every_cookie_that_is_set_over_tls_has_the_prefix_and_is_secure(app: FastAPI):
    async with by_tls(app) as client:
        answers = [
            await client.get("/?lang=en"),
            await client.post("/preferences", data={"text": "large"}),
            await client.get("/book"),
        ]
        given = [cookie for answer in answers for cookie in answer.headers.get_list("set-cookie")]
        assert len(given) >= 3
        for cookie in given:
            assert cookie.startswith("__Host-")
            assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
            assert "domain" not in cookie.lower()
        page = await client.get("/privacy")
    assert page.headers["content-language"] == "en"
    assert 'data-text="large"' in page.text
