"""What is sent goes to the address that was judged, and no answer can do any harm."""

import asyncio
import socket
from typing import Any

import pytest

from app.kit import outbound
from app.kit.outbound import Outbound, UnsentError
from app.kit.targets import Policy, networks, port_ranges
from tests.webhooks.receiver import (
    Answer,
    answers,
    drips_its_head,
    hangs,
    hangs_up,
    receiving,
    streams_for_ever,
    writes,
)

LOOPBACK = Policy(http=True, ports=port_ranges("1-65535"), allowed=networks("127.0.0.1"))
STRICT = Policy(http=True, ports=port_ranges("1-65535"))


async def failed(url: str, policy: Policy = LOOPBACK) -> str:
    with pytest.raises(UnsentError) as caught:
        await Outbound(policy).post(url, b"{}", {})
    return caught.value.code


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.5)


async def test_the_request_arrives_as_it_was_given():
    async with receiving(answers(202)) as receiver:
        answer = await Outbound(LOOPBACK).post(receiver.url, b'{"a":1}', {"webhook-id": "msg_1"})
    [taken] = receiver.taken
    assert answer.status == 202
    assert taken.line == "POST /hooks?from=onestop HTTP/1.1"
    assert taken.body == b'{"a":1}'
    assert taken.headers["host"] == receiver.url.split("/")[2]
    assert taken.headers["webhook-id"] == "msg_1"
    assert "cookie" not in taken.headers


async def test_loopback_is_refused_unless_it_was_allowed():
    async with receiving() as receiver:
        assert await failed(receiver.url, STRICT) == "url_private"
        assert await failed(receiver.url.replace("127.0.0.1", "localhost"), STRICT) == "url_private"
        assert await failed(receiver.url.replace("127.0.0.1", "[::ffff:127.0.0.1]"), STRICT) == "url_private"
    assert receiver.taken == []


async def test_a_name_is_looked_up_once_and_what_it_says_later_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    """DNS rebinding: judged as one address, connected to as another."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, *args: Any, **more: Any) -> Any:
        if host != "rebind.example.com":
            return real(host, *args, **more)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    async with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "rebind.example.com")
        assert (await Outbound(LOOPBACK).post(url, b"{}", {})).good
        assert asked == ["rebind.example.com"]
        assert receiver.taken[0].headers["host"].startswith("rebind.example.com:")
        assert await failed(url) == "url_private"  # by now it leads to what isn't allowed
    assert len(receiver.taken) == 1


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch):
    async with receiving() as proxy, receiving() as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url.split("/hooks")[0])
        assert (await Outbound(LOOPBACK).post(receiver.url, b"{}", {})).good
        assert proxy.taken == []
        assert len(receiver.taken) == 1


async def test_a_redirect_is_an_answer_and_is_not_followed():
    async with receiving() as other, receiving(answers(307, f"Location: {other.url}")) as receiver:
        answer = await Outbound(LOOPBACK).post(receiver.url, b"{}", {})
        assert (answer.status, answer.good) == (307, False)
        assert other.taken == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("answer", [hangs, drips_its_head])
async def test_whoever_does_not_answer_in_time_is_left(answer: Answer):
    async with receiving(answer) as receiver, asyncio.timeout(5):
        assert await failed(receiver.url) in {"timeout", "protocol"}


@pytest.mark.parametrize(
    "answer",
    [
        streams_for_ever,
        writes(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nshort"),
        writes(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + b"long" * 100_000),
        writes(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nbombs"),
    ],
)
async def test_what_stands_in_an_answer_is_not_read(answer: Answer):
    async with receiving(answer) as receiver, asyncio.timeout(5):
        assert (await Outbound(LOOPBACK).post(receiver.url, b"{}", {})).good


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        (hangs_up, {"connection", "protocol"}),
        (writes(b""), {"protocol", "connection"}),
        (writes(b"SSH-2.0-OpenSSH_9.6\r\n"), {"protocol"}),
        (writes(b"HTTP/1.1 999999 What\r\n\r\n"), {"protocol"}),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), {"protocol"}),
        (writes(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n"), {"protocol"}),
    ],
)
async def test_what_is_no_answer_is_a_fault(answer: Answer, codes: set[str]):
    async with receiving(answer) as receiver, asyncio.timeout(5):
        assert await failed(receiver.url) in codes


async def test_who_does_not_listen_or_has_no_certificate_is_a_fault_of_its_own():
    async def talks_first(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.com ESMTP, and no TLS at all\r\n")
        writer.close()

    server = await asyncio.start_server(talks_first, "127.0.0.1", 0)
    async with server, receiving() as receiver:
        port = server.sockets[0].getsockname()[1]
        assert await failed(f"https://127.0.0.1:{port}/") == "tls"
    assert await failed(receiver.url) == "connection"
    assert await failed("https://does-not-exist.invalid/") == "url_unresolved"


@pytest.mark.parametrize(("header", "seconds"), [("30", 30), ("99999999", 86400), ("soon", None), ("٣", None)])
async def test_how_long_a_receiver_wants_to_be_left_alone(header: str, seconds: int | None):
    async with receiving(answers(503, f"Retry-After: {header}")) as receiver:
        assert (await Outbound(LOOPBACK).post(receiver.url, b"{}", {})).retry_after == seconds
