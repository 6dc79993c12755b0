"""Sending to addresses that somebody else gave (see targets): where a name leads is looked up once and judged, and the
connection goes to the very address that was judged, so that a name can't lead elsewhere a moment later (DNS rebinding).

No redirect is followed, no proxy of the environment used, no cookie or password kept, no connection used again. Of an
answer nothing but its head is read: whoever lies about its length, or never ends, is none the wiser, and nobody gets
to see what an address within would have answered.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address

import httpx

from app.kit.targets import Address, Policy, Target, TargetError, judged, read_target

TOTAL_SECONDS, CONNECT_SECONDS = 15.0, 5.0
MOST_ADDRESSES = 4
NOBODY = ip_address("192.0.2.1")
LONGEST_WAIT = 24 * 3600
_TIMEOUTS = {"connect": CONNECT_SECONDS, "read": TOTAL_SECONDS, "write": TOTAL_SECONDS, "pool": TOTAL_SECONDS}


class UnsentError(Exception):
    """Nothing was answered: a code of TargetError, or `timeout`, `connection`, `tls`, `protocol`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; `retry_after` in seconds, where the receiver asks to be left alone for so long."""

    status: int
    retry_after: int | None = None

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, 15.3


@cache
def trusted() -> ssl.SSLContext:
    """The usual authorities, or those of SSL_CERT_FILE. Made once: reading them takes longer than a request."""
    return httpx.create_ssl_context()


async def look_up(host: str) -> list[Address]:
    """Every address of a name, as this machine finds them; none for a name that there isn't."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(str(place[0]).partition("%")[0]) for *_, place in found]


def is_ours(address: Address) -> bool:
    """Whether this machine has the address itself: nobody else's can be bound to, as machines usually are set up."""
    return not _binds_to_any() and _binds_to(address)


@cache
def _binds_to_any() -> bool:
    """Whether binding says nothing here (net.ipv4.ip_nonlocal_bind): it works for an address of nobody (RFC 5737)."""
    return _binds_to(NOBODY)


def _binds_to(address: Address) -> bool:
    family = socket.AF_INET6 if ":" in str(address) else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


class Outbound:
    """Sends what is given to whom the policy allows."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """The head of the answer, within TOTAL_SECONDS. Raises UnsentError."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                target = read_target(url, self.policy)
                return await self._first(target, await self.addresses(target), content, headers)
        except TargetError as error:
            raise UnsentError(error.code) from None
        except TimeoutError:
            raise UnsentError("timeout") from None

    async def addresses(self, target: Target) -> Sequence[Address]:
        """Where to it may be sent, looked up now. Raises TargetError."""
        found = [target.literal] if target.literal else await look_up(target.host)
        own = [each for each in found if is_ours(each)]
        for host in self.policy.own_hosts:
            own += await look_up(host)
        return judged(found, own, self.policy)

    async def _first(
        self, target: Target, addresses: Sequence[Address], content: bytes, headers: Mapping[str, str]
    ) -> Answer:
        """From the first address at which somebody listens."""
        code = "connection"
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await _post(target, address, content, headers)
            except httpx.ConnectError as error:
                code = "tls" if _by_tls(error) else "connection"
            except httpx.ConnectTimeout:
                code = "timeout"
            except httpx.TimeoutException:
                raise UnsentError("timeout") from None
            except httpx.NetworkError:
                raise UnsentError("connection") from None
            except httpx.TransportError:
                raise UnsentError("protocol") from None
        raise UnsentError(code)


async def _post(target: Target, address: Address, content: bytes, headers: Mapping[str, str]) -> Answer:
    """To this address, by the name of the target, whose certificate is asked for."""
    extensions: dict[str, object] = {"timeout": _TIMEOUTS}
    if target.scheme == "https" and target.literal is None:
        extensions["sni_hostname"] = target.host
    request = httpx.Request(
        "POST",
        f"{target.scheme}://{target.at(str(address))}{target.path}",
        headers={**headers, "Host": target.authority, "Connection": "close"},
        content=content,
        extensions=extensions,
    )
    async with httpx.AsyncHTTPTransport(verify=trusted(), trust_env=False) as transport:
        answer = await transport.handle_async_request(request)
        await answer.aclose()
    return Answer(answer.status_code, _seconds(answer.headers.get("retry-after", "")))


def _by_tls(error: BaseException | None) -> bool:
    """Whether a certificate, or how to encrypt, wasn't agreed on; it lies behind the errors of two libraries."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None


def _seconds(text: str) -> int | None:
    return min(int(text), LONGEST_WAIT) if text.isascii() and text.isdigit() and len(text) <= 9 else None  # noqa: PLR2004
