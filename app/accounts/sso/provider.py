"""Talking with the OpenID provider: what it offers, its keys, and an ID token for the code that a browser brings.

Discovery and keys are kept for an hour (OpenID Connect Discovery 1.0). A token that names an unknown key makes us
fetch the keys once more, as providers change them, but at most once a minute: else anybody could make us ask.
Every address is HTTPS, but for a provider on this very machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from joserfc.jwk import KeySet

from app.accounts.sso.failures import SsoFailed
from app.accounts.sso.tokens import Expected, Proven, header_of, key_for, usable, verify

KEPT, FETCHED_AGAIN = timedelta(hours=1), timedelta(minutes=1)
TIMEOUT = httpx.Timeout(5.0)
MOST_BYTES = 256 * 1024
SCOPE = "openid profile email"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Registration:
    """How the provider knows us; `redirect_uri` is where it sends people back to."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Trip:
    """What one sign-in is bound to: kept in the browser's cookie, named to the provider, compared afterwards."""

    state: str
    nonce: str
    verifier: str


class Prepared(OAuth2Client):  # type: ignore[misc]  # authlib has no types
    """Authlib's client, which prepares what is sent; its token call comes back unsent, for httpx to send."""

    def _fetch_token(
        self, url: str, body: str, headers: Mapping[str, str], auth: ClientAuth, method: str = "POST"
    ) -> tuple[str, dict[str, str], str]:
        """Address, headers and body."""
        prepared: tuple[str, dict[str, str], str] = auth.prepare(method, url, dict(headers), body)
        return prepared


class Provider:
    """One for each process. `transport` stands in for the network in tests of hostile providers."""

    def __init__(self, registration: Registration, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.registration = registration
        self._transport = transport
        self._metadata: dict[str, Any] = {}
        self._metadata_at: datetime | None = None
        self._keys: KeySet | None = None
        self._keys_at: datetime | None = None

    async def authorization_url(self, trip: Trip, now: datetime) -> str:
        """Where to send the browser. Raises SsoFailed."""
        metadata = await self.metadata(now)
        address: str = metadata["authorization_endpoint"]
        url, _state = self._client(metadata).create_authorization_url(
            address, state=trip.state, nonce=trip.nonce, code_verifier=trip.verifier
        )
        return str(url)

    async def identify(self, code: str, trip: Trip, now: datetime) -> Proven:
        """Who has come back with this code. Raises SsoFailed."""
        metadata = await self.metadata(now)
        token = await self._id_token(metadata, code, trip.verifier)
        header = header_of(token)
        key = key_for(await self.keys(now), header) or key_for(await self.keys(now, again=True), header)
        if key is None:
            raise SsoFailed("token", "key")
        expected = Expected(metadata["issuer"], self.registration.client_id, trip.nonce, now)
        return verify(token, key, expected)

    async def metadata(self, now: datetime) -> Mapping[str, Any]:
        """The discovery document of the issuer, whose name in it must be the issuer's own. Raises SsoFailed."""
        if self._metadata_at is None or now - self._metadata_at > KEPT:
            issuer = self.registration.issuer.rstrip("/")
            found = await self._get(f"{_safe(issuer)}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != issuer:
                raise SsoFailed("away", "issuer of discovery")
            for name in ENDPOINTS:
                _safe(found.get(name))
            self._metadata, self._metadata_at = found, now
        return self._metadata

    async def keys(self, now: datetime, *, again: bool = False) -> KeySet:
        """The keys that sign. `again`: the one that is looked for wasn't among them. Raises SsoFailed."""
        age = now - self._keys_at if self._keys_at else None
        if self._keys is None or age is None or age > (FETCHED_AGAIN if again else KEPT):
            metadata = await self.metadata(now)
            self._keys, self._keys_at = usable(await self._get(metadata["jwks_uri"])), now
        return self._keys

    def _client(self, metadata: Mapping[str, Any]) -> Prepared:
        own = self.registration
        ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        return Prepared(
            None,
            token_endpoint_auth_method=way if own.client_secret else "none",
            client_id=own.client_id,
            client_secret=own.client_secret or None,
            scope=SCOPE,
            redirect_uri=own.redirect_uri,
            code_challenge_method="S256",
        )

    async def _id_token(self, metadata: Mapping[str, Any], code: str, verifier: str) -> str:
        prepared = self._client(metadata).fetch_token(
            metadata["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
        )
        answer = await self._send("POST", *prepared)
        token = _json(answer).get("id_token")
        if answer.status_code != httpx.codes.OK or not isinstance(token, str):
            raise SsoFailed("state" if answer.status_code == httpx.codes.BAD_REQUEST else "away", "code refused")
        return token

    async def _get(self, url: str) -> dict[str, Any]:
        answer = await self._send("GET", url, {"Accept": "application/json"}, "")
        if answer.status_code != httpx.codes.OK:
            raise SsoFailed("away", f"status {answer.status_code}")
        return _json(answer)

    async def _send(self, method: str, url: str, headers: Mapping[str, str], body: str) -> httpx.Response:
        options: dict[str, Any] = {"timeout": TIMEOUT, "trust_env": False, "transport": self._transport}
        try:
            async with httpx.AsyncClient(**options) as client:
                return await client.request(method, url, headers=headers, content=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SsoFailed("away", type(error).__name__) from error


def _safe(address: object) -> str:
    """An address that may be asked. Raises SsoFailed."""
    parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        raise SsoFailed("away", "insecure address")
    return str(address)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if len(answer.content) <= MOST_BYTES else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SsoFailed("away", "no JSON")
    return found
