import httpx
from starlette.types import Message, Receive, Scope, Send

from app.web.security import SecurityHeadersMiddleware, content_security_policy


def test_pages_may_load_nothing_but_our_own_files():
    policy = content_security_policy()
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
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
        assert "geolocation=(self)" in headers["permissions-policy"]


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
