"""Who is asking, when nobody has signed in: a signed random cookie for browsers, else the address.

Limits are counted by it, and drafts and bookings made in a browser are bound to it. It says nothing of the person.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from itsdangerous import BadSignature, Signer

from app.kit.ids import new_secret
from app.web.cookies import read_cookie, set_cookie

COOKIE = "client"
COOKIE_SECONDS = 180 * 24 * 3600
SUBSCRIBER_BITS = 64


@dataclass(frozen=True)
class ClientId:
    """`key` is at most 64 characters and tells two clients apart."""

    key: str
    by: Literal["cookie", "address"]


def address_of(request: Request) -> str:
    """The caller's network address as the server knows it, behind a trusted proxy too; "" when there is none."""
    return request.client.host if request.client else ""


def address_key(request: Request) -> str:
    """Under which an address is counted: see `network_of`."""
    return f"ip:{network_of(address_of(request))}"


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What one household or firm is counted as, at most 45 characters.

    An IPv6 subscriber has at least a /64, 2^64 addresses (RFC 6177), so that is counted as one; an IPv4 address in
    IPv6 clothes (``::ffff:192.0.2.1``) is itself. What is no address, as a socket file, is "unknown".
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, SUBSCRIBER_BITS), strict=False))
    return str(parsed)


class Clients:
    """Reads and writes the signed cookie."""

    def __init__(self, secret: bytes) -> None:
        self._signer = Signer(secret, salt="onestop.client", digest_method=hashlib.sha256)

    def identify(self, request: Request) -> ClientId:
        cookie = read_cookie(request, COOKIE)
        if cookie:
            try:
                return ClientId(self._signer.unsign(cookie).decode("ascii"), "cookie")
            except (BadSignature, UnicodeDecodeError):
                pass  # altered, or from an older key: as good as none
        return ClientId(address_key(request), "address")

    def ensure(self, request: Request, response: Response) -> ClientId:
        """The browser's own identity; a first visitor is given one with this response."""
        known = self.identify(request)
        if known.by == "cookie":
            return known
        key = new_secret(18)
        self.remember(request, response, key)
        return ClientId(key, "cookie")

    def remember(self, request: Request, response: Response, key: str) -> None:
        value = self._signer.sign(key).decode("ascii")
        set_cookie(request, response, COOKIE, value, max_age=COOKIE_SECONDS)


def get_clients(request: Request) -> Clients:
    clients: Clients = request.app.state.clients
    return clients


async def client(request: Request) -> ClientId:
    return get_clients(request).identify(request)


Client = Annotated[ClientId, Depends(client)]
