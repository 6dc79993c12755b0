"""A file leaves as an attachment with no rights, and a large body is taken only where files are."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.main import FORM_KIB, KIB, UPLOADS
from app.web.downloads import attachment, disposition
from app.web.errors import BodySizeMiddleware


async def parts() -> AsyncIterator[bytes]:
    yield b"<html>"
    yield b"</html>"


async def give(_request: Request) -> Response:
    return attachment(parts(), name="执照 “2026”.html", media_type="text/html", size=13)


async def take(request: Request) -> Response:
    return Response(str(len(await request.body())))


@pytest.fixture
async def visitor() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[Route("/file", give), Route("/{path:path}", take, methods=["POST"])])
    limited = BodySizeMiddleware(app, most=100, elsewhere={UPLOADS: 1000})
    asks = {"Accept": "application/json"}
    transport = httpx.ASGITransport(limited)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=asks) as client:
        yield client


async def test_a_file_is_saved_and_never_shown(visitor: httpx.AsyncClient):
    answer = await visitor.get("/file")
    assert answer.content == b"<html></html>"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-length"] == "13"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.pdf", "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf"),
        ("执照.pdf", "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E6%89%A7%E7%85%A7.pdf"),
        ('a"; x="b.pdf', "attachment; filename=\"a_; x=_b.pdf\"; filename*=UTF-8''a%22%3B%20x%3D%22b.pdf"),
        ("a\r\nSet-Cookie: b", "attachment; filename=\"aSet-Cookie: b\"; filename*=UTF-8''aSet-Cookie%3A%20b"),
        ("50%'s\\.pdf", "attachment; filename=\"50_'s_.pdf\"; filename*=UTF-8''50%25%27s%5C.pdf"),
    ],
)
def test_a_name_makes_one_header_and_nothing_else(name: str, header: str):
    assert disposition(name) == header


@pytest.mark.parametrize(
    "path", ["/register/evidence", "/organisation/0b3f/evidence", "/organisations/91340200MA2N0000X1/evidence"]
)
async def test_where_files_are_uploaded_more_is_taken(visitor: httpx.AsyncClient, path: str):
    assert (await visitor.post(path, content=b"x" * 1000)).text == "1000"
    assert (await visitor.post(path, content=b"x" * 1001)).status_code == 413
    assert (await visitor.post(path, content=in_pieces(1001))).status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/register",
        "/register/evidence/x",
        "/x/register/evidence",
        "/organisation/a/b/evidence",
        "/organisation//evidence",
        "/organisation/a/evidence%0A",
        "/api/v1/requests",
    ],
)
async def test_anywhere_else_the_small_limit_stays(visitor: httpx.AsyncClient, path: str):
    assert (await visitor.post(path, content=b"x" * 100)).text == "100"
    assert (await visitor.post(path, content=b"x" * 101)).status_code == 413
    assert (await visitor.post(path, content=in_pieces(101))).status_code == 413


async def test_the_application_takes_a_whole_file_and_its_form(client: httpx.AsyncClient):
    allowed = (10240 + FORM_KIB) * KIB
    for length, refused in ((allowed, False), (allowed + 1, True)):
        headers = {"Content-Length": str(length), "Content-Type": "multipart/form-data; boundary=x"}
        answer = await client.post("/register/evidence", headers=headers, content=b"")
        assert (answer.status_code == 413) is refused


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size):
        yield b"x"
