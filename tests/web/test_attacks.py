"""What an attacker with a laptop and a weekend tries first, without an account."""

import asyncio
import gzip
import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from app.web.pages import own_path
from tests.conftest import without_database
from tests.support.routes import Address, addresses
from tests.web.browser import running

SAFE = {"GET", "HEAD", "OPTIONS"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
HOLDS = "/api/v1/holds"
MOST = 512 * 1024


def changing() -> Iterator[Address]:
    app = without_database()
    return (address for address in addresses(app) if address.method not in SAFE)


CHANGING = list(changing())


FROM_ELSEWHERE = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "http://testserver:8443"},
)


async def test_no_other_site_can_act_in_a_visitors_name(client: httpx.AsyncClient):
    for address in CHANGING:
        for sent in FROM_ELSEWHERE:
            answer = await client.request(address.method, address.path, headers=sent)
            assert answer.status_code == 403, f"{address} {sent}"
            assert "set-cookie" not in answer.headers


def test_every_change_was_tried():
    assert len(CHANGING) > 15
    assert {"POST", "DELETE"} <= {address.method for address in CHANGING}


async def test_no_answer_lets_other_sites_read_it(client: httpx.AsyncClient):
    for path in ("/", "/api/v1/services", "/find", "/api/v1/consent"):
        answer = await client.get(path, headers={"origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
        assert (await client.options(path, headers=asked)).status_code in (400, 403, 405)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "HTTPS:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "evil.example",
        "@evil.example",
        "",
        ".evil.example",
        "/\r\nX-Injected: 1",
        "//evil.example/%2f..",
        "/\u2028/evil.example",
        "/\x00//evil.example",
    ],
)
async def test_nobody_is_sent_elsewhere(client: httpx.AsyncClient, elsewhere: str):
    assert own_path(elsewhere) == "/"
    answer = await client.post("/preferences", data={"text": "large", "back": elsewhere})
    assert answer.headers.get("location", "/") == "/"
    assert "x-injected" not in answer.headers


@pytest.mark.parametrize("back", ["/%2f%2fevil.example", "/%5cevil.example", "/..//evil.example", "/a//evil.example"])
async def test_an_encoded_way_out_stays_an_own_path(client: httpx.AsyncClient, back: str):
    location = (await client.post("/preferences", data={"text": "large", "back": back})).headers["location"]
    assert httpx.URL("http://testserver/preferences").join(location).host == "testserver"


@pytest.mark.parametrize(
    "path",
    [
        "/?lang=en%0d%0aX-Injected:%201",
        "/?lang=en%0d%0a%0d%0a<script>",
        "/find?reference=ZT%0d%0aX-Injected:%201",
        "/r/ZT-7K3M%0d%0aX-Injected:%201",
        "/services?q=%0d%0aX-Injected:%201",
        "/book?service=%0d%0aX-Injected:%201",
        "/sign-in?next=/%0d%0aX-Injected:%201",
        "/static/%0d%0aX-Injected:%201",
        "/nowhere%0d%0aX-Injected:%201",
    ],
)
async def test_a_line_end_in_an_address_makes_no_header(client: httpx.AsyncClient, path: str):
    answer = await client.get(path)
    assert answer.status_code < 500
    assert "x-injected" not in answer.headers
    assert not re.search(r"[\r\n]", "".join(answer.headers.values()))
    assert "<script>" not in answer.text.replace("<script src", "")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PUT", "PATCH", "G,ET"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str):
    answer = await client.request(method, "/privacy", headers={"max-forwards": "0"})
    assert answer.status_code in (400, 405)
    assert "max-forwards" not in answer.text


@pytest.mark.parametrize(
    "cookie",
    [
        "onestop_client=admin",
        "onestop_client=YWRtaW4.AAAA",
        "onestop_opened=WyJaVC03SzNNLTlRWEQtSiJd.x.y",
        "onestop_session=admin",
        "__Host-onestop_session=admin",
        "onestop_client=" + "a" * 6000,
        'onestop_client="\\000"',
        "onestop_client=\x80\xff",
        "=; ;;onestop_client",
        "lang=en\x00; text=large\x00",
    ],
)
async def test_a_forged_cookie_is_as_good_as_none(client: httpx.AsyncClient, cookie: str):
    headers = [(b"cookie", cookie.encode("latin-1"))]
    for path in ("/", "/find", "/r/ZT-7K3M-9QXD-J", "/book/018f3a5c-0000-7000-8000-000000000000/what"):
        answer = await client.get(path, headers=headers)  # type: ignore[arg-type]  # bytes are headers too
        plain = await client.get(path)
        assert answer.status_code == plain.status_code, path
        client.cookies.clear()


@pytest.mark.parametrize("kind", [JSON, FORM, {"content-type": "multipart/form-data; boundary=x"}], ids=str)
@pytest.mark.parametrize("path", [HOLDS, "/find", "/nowhere", "/preferences"])
async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient, path: str, kind: dict[str, str]):
    async def parts() -> Iterator[bytes]:  # type: ignore[misc]  # an async generator
        for _ in range(9):
            yield b"x" * (MOST // 8)

    announced = await client.post(path, content=b"x" * (MOST + 1), headers=kind)
    assert announced.status_code == 413
    unannounced = await client.post(path, content=parts(), headers=kind)
    read = (kind == JSON) == path.startswith("/api/") and path != "/nowhere"  # else it is refused before all has come
    assert unannounced.status_code in ((413,) if read and kind in (JSON, FORM) else (400, 404, 413, 415, 422))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 60_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"start": 1e999999}',
        b"9" * 300_000,
        b"nul",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"a": "\\ud800"}',
        b'{"station_code": NaN}',
        b'{"a": 1, "a": 2}',
        b"",
        b'{"__proto__": {"x": 1}, "constructor": 1}',
        gzip.compress(b"x" * 10_000_000, mtime=0),
    ],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize("path", [HOLDS, "/api/v1/requests", "/api/v1/auth/tokens"])
async def test_json_that_is_meant_to_hurt_is_refused(client: httpx.AsyncClient, path: str, body: bytes):
    for more in ({}, {"content-encoding": "gzip"}):
        answer = await client.post(path, content=body, headers={**JSON, **more})
        assert answer.status_code in (400, 404, 422), answer.text
        assert answer.headers["content-type"] in ("application/problem+json", "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["/find", "/preferences", "/book", "/sign-in"])
async def test_a_form_with_ten_thousand_fields_is_refused(client: httpx.AsyncClient, path: str):
    many = "&".join(f"field{n}={n}" for n in range(10_000))
    assert (await client.post(path, content=many, headers=FORM)).status_code in (400, 405)
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(5_000)) + "--x--"
    answer = await client.post(path, content=parts, headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code in (400, 405)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n\r\n--x--"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("multipart/form-data; boundary=" + "b" * 9000, b"x"),
        ("multipart/form-data; boundary=x", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="t"\r\n' + b"A: b\r\n" * 9000,
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="t"; filename="../../x"\r\n\r\nx\r\n--x--',
        ),
        ("multipart/form-data; boundary=x; boundary=y", b"--y\r\n\r\n--y--"),
        ("multipart/mixed; boundary=x", b"--x--"),
        ("application/x-www-form-urlencoded; charset=utf-7", b"text=+ADw-script+AD4-"),
        ("application/x-www-form-urlencoded", b"text=%zz&%&=&==%ff%fe"),
        ("text/plain", b"text=large"),
    ],
    ids=lambda value: repr(value)[:50],
)
@pytest.mark.parametrize("path", ["/preferences", "/find", "/sign-in"])
async def test_a_form_that_is_no_form_is_refused(client: httpx.AsyncClient, path: str, kind: str, body: bytes):
    answer = await client.post(path, content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 405, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app/config.py",
        "/static/%2e%2e/config.py",
        "/static/..%2f..%2fconfig.py",
        "/static/..%5c..%5cconfig.py",
        "/static/%2fetc/passwd",
        "/static//etc/passwd",
        "/static/css/../../templates/base.html",
        "/static/",
        "/static/css",
        "/static/css/",
        "/static/%00",
        "/static/css/onestop.css%00.html",
        "/static/....//config.py",
        "/static/" + "a" * 5000,
        "/static/" + "a/" * 2000,
        "/static/%e2%80%8b",
        "/.git/HEAD",
        "/.env",
        "/app/config.py",
        "/static/vendor/%2e%2e/%2e%2e/%2e%2e/config.py",
        "/pyproject.toml",
        "/static/%252e%252e/config.py",
    ],
)
async def test_no_file_outside_is_served_and_no_folder_listed(client: httpx.AsyncClient, path: str):
    answer = await client.request("GET", httpx.URL(scheme="http", host="testserver", raw_path=path.encode()))
    assert answer.status_code in (400, 404, 405)
    assert "import" not in answer.text


async def said(port: int, message: bytes) -> bytes:
    """What the server answers to these bytes, until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(message)
    await writer.drain()
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    "message",
    [
        b"GET /" + b"a" * 90_000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\nabcdef",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX Y: 1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\nConnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=lambda message: repr(message[-40:]),
)
async def test_a_broken_message_is_refused(gallery: FastAPI, message: bytes):
    async with running(gallery) as server:
        answer = await said(int(server.url.rpartition(":")[2]), message)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 414", b"HTTP/1.1 431")) or answer == b""
    assert answer.count(b"HTTP/1.1 ") <= 1


async def test_a_length_beside_chunks_hides_no_second_message(gallery: FastAPI):
    smuggled = b"GET /gallery HTTP/1.1\r\nHost: x\r\n\r\n"
    head = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Length: "
    async with running(gallery) as server:
        message = head + str(5 + len(smuggled)).encode() + b"\r\n\r\n0\r\n\r\n" + smuggled
        answer = await said(int(server.url.rpartition(":")[2]), message)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b"HTTP/1.1 200" not in answer
