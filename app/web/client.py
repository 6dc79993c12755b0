"""Who is asking, when nobody has signed in: a signed random cookie for browsers, else the address.

Limits are counted by it, and drafts and bookings made in a browser are bound to it. It says nothing of the person.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from itsdangerous import BadSignature, Signer

from app.kit.ids import new_secret

COOKIE = "onestop_client"
COOKIE_SECONDS = 180 * 24 * 3600


@dataclass(frozen=True)
class ClientId:
    """`key` is at most 64 characters and tells two clients apart."""

    key: str
    by: Literal["cookie", "address"]


class Clients:
    """Reads and writes the signed cookie."""

    def __init__(self, secret: bytes) -> None:
        self._signer = Signer(secret, salt="onestop.client", digest_method=hashlib.sha256)

    def identify(self, request: Request) -> ClientId:
        cookie = request.cookies.get(COOKIE)
        if cookie:
            try:
                return ClientId(self._signer.unsign(cookie).decode("ascii"), "cookie")
            except (BadSignature, UnicodeDecodeError):
                pass  # altered, or from an older key: as good as none
        return ClientId(f"ip:{request.client.host if request.client else 'unknown'}"[:64], "address")

    def ensure(self, request: Request, response: Response) -> ClientId:
        """The browser's own identity; a first visitor is given one with this response."""
        known = self.identify(request)
        if known.by == "cookie":
            return known
        key = new_secret(18)
        self.remember(request, response, key)
        return ClientId(key, "cookie")

    def remember(self, request: Request, response: Response, key: str) -> None:
        response.set_cookie(
            COOKIE,
            self._signer.sign(key).decode("ascii"),
            max_age=COOKIE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )


def get_clients(request: Request) -> Clients:
    clients: Clients = request.app.state.clients
    return clients


async def client(request: Request) -> ClientId:
    return get_clients(request).identify(request)


Client = Annotated[ClientId, Depends(client)]
