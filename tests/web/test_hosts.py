"""Which host the portal answers to, and whose word on the caller's address it takes."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request

from app.config import DatabaseSettings, Settings, WebSettings
from app.web.client import address_key, network_of
from tests.conftest import SECRET, furnished
from tests.web.browser import running

HOST = "onestop.example.gov.cn"


@pytest.fixture
async def named(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of a portal that has been given its address."""
    web = WebSettings(
        home=tmp_path,
        secret_key=SECRET,
        public_url=f"https://{HOST}",
        security_contact="mailto:security@example.gov.cn",
    )  # type: ignore[arg-type]  # pydantic makes a SecretStr and a URL
    app = furnished(Settings(database=DatabaseSettings(database_url=database_url), web=web))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"https://{HOST}") as client,
    ):
        yield client


@pytest.mark.parametrize("host", [HOST, f"{HOST}:443", HOST.upper()])
async def test_it_answers_to_its_own_name(named: httpx.AsyncClient, host: str):
    assert (await named.get("/privacy", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"{HOST}.evil.example", f"evil.example#{HOST}", f"{HOST}@evil.example", f"a{HOST}", "",
     "127.0.0.1", "localhost", f"{HOST}:x", f"{HOST}:443:443", "[::1]", f"{HOST}, evil.example", f"{HOST}/"],
)  # fmt: skip
async def test_a_forged_host_gets_nothing_that_it_could_use(named: httpx.AsyncClient, host: str):
    for accept in ("text/html", "application/json"):
        answer = await named.get("/privacy", headers={"host": host, "accept": accept})
        assert answer.status_code == 400
        assert "evil" not in answer.text
        assert answer.headers["x-frame-options"] == "DENY"
    assert answer.json()["code"] == "unknown_host"


async def test_two_hosts_are_as_bad_as_a_wrong_one(named: httpx.AsyncClient):
    answer = await named.get("/privacy", headers=[("host", HOST), ("host", "evil.example")])
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_the_machine_itself_may_ask_how_it_is(named: httpx.AsyncClient, path: str):
    assert (await named.get(path, headers={"host": "127.0.0.1:8000"})).status_code == 200
    assert (await named.get(path, headers={"host": "evil.example"})).status_code == 400


async def test_a_forwarded_host_is_not_believed(named: httpx.AsyncClient):
    forged = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "x-original-url": "//evil.example"}
    answer = await named.get("/privacy", headers=forged)
    assert answer.status_code == 200
    assert "evil" not in answer.text + str(answer.headers)


async def test_security_txt_names_whom_to_tell(named: httpx.AsyncClient):
    answer = await named.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "Contact: mailto:security@example.gov.cn"
    assert lines[1].startswith("Expires: 20")
    assert f"Canonical: https://{HOST}/.well-known/security.txt" in lines


async def test_without_a_contact_there_is_no_security_txt_and_any_host_is_answered(client: httpx.AsyncClient):
    assert (await client.get("/.well-known/security.txt")).status_code == 404
    assert (await client.get("/healthz", headers={"host": "whatever.example"})).status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_an_address_is_counted_by_its_subscriber(address: str, network: str):
    assert network_of(address) == network


@contextlib.asynccontextmanager
async def behind(trusted: str) -> AsyncIterator[httpx.AsyncClient]:
    """A caller on a real socket of a server that trusts these proxies, started as `onestop serve` starts it."""
    app = FastAPI()

    @app.get("/who")
    async def who(request: Request) -> dict[str, str]:
        return {"key": address_key(request), "scheme": request.url.scheme, "host": request.url.netloc}

    async with running(app, forwarded_allow_ips=trusted) as server, httpx.AsyncClient(base_url=server.url) as client:
        yield client


FORWARDED = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-forwarded-host": "evil.example"}


async def test_a_trusted_proxy_says_who_came_and_by_tls():
    async with behind("127.0.0.1") as client:
        told = (await client.get("/who", headers=FORWARDED)).json()
        assert (told["key"], told["scheme"]) == ("ip:203.0.113.9", "https")
        assert "evil" not in told["host"]
        chain = {"x-forwarded-for": "198.51.100.1, 203.0.113.9"}
        assert (await client.get("/who", headers=chain)).json()["key"] == "ip:203.0.113.9"


async def test_anybody_else_is_taken_for_what_the_socket_says():
    async with behind("192.0.2.1") as client:
        told = (await client.get("/who", headers=FORWARDED)).json()
    assert (told["key"], told["scheme"]) == ("ip:127.0.0.1", "http")
