"""Whether an ID token is what it should be (OpenID Connect Core 1.0, 3.1.3.7). Pure.

Only signatures by a key pair count: with `none` anybody could write one, and with HS256 whoever knows a public key
could sign by it, if it were taken for a shared secret (RFC 8725, 2.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

from app.accounts.sso.failures import SsoFailed

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
LEEWAY_SECONDS = 60
LONGEST_TOKEN, LONGEST_SUBJECT = 16_000, 255
STRONG_METHODS = frozenset({"mfa", "otp", "hwk", "swk"})
"""Of RFC 8176: more than one factor, a one-time code, a key of hardware or software."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say."""

    issuer: str
    client_id: str
    nonce: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Proven:
    """Who somebody is to the provider. `email` only where the provider has verified it."""

    issuer: str
    subject: str
    email: str
    methods: frozenset[str]
    acr: str

    def strong(self, classes: frozenset[str]) -> bool:
        """Whether a second factor was given there: by the methods named, or by a class that the operator trusts."""
        return bool(self.methods & STRONG_METHODS) or self.acr in classes


def usable(jwks: object) -> KeySet:
    """The public keys for signatures; secrets, keys for encryption and what isn't understood are left out."""
    listed = jwks.get("keys") if isinstance(jwks, dict) else None
    found = [each for each in listed or [] if isinstance(each, dict) and each.get("use", "sig") == "sig"]
    pairs = [each for each in found if each.get("kty") in {"RSA", "EC", "OKP"}]
    try:
        return KeySet.import_key_set({"keys": pairs})
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SsoFailed("away", "keys") from error


def header_of(token: str) -> Mapping[str, Any]:
    """What the token says of itself, not yet to be believed. Raises SsoFailed."""
    try:
        return jws.extract_compact(token[:LONGEST_TOKEN].encode()).headers()
    except (JoseError, ValueError) as error:
        raise SsoFailed("token", "unreadable") from error


def key_for(keys: KeySet, header: Mapping[str, Any]) -> Key | None:
    """The key that the header names; without a name the only one there is."""
    kid = header.get("kid")
    if kid is None:
        return keys.keys[0] if len(keys.keys) == 1 else None
    return next((key for key in keys.keys if key.kid == kid), None)


def verify(token: str, key: Key, expected: Expected) -> Proven:
    """Raises SsoFailed with the cause: algorithm or signature, issuer, audience, nonce, expired and so on."""
    if not isinstance(key, RSAKey | ECKey | OKPKey):
        raise SsoFailed("token", "key")
    try:
        claims = jwt.decode(token, key, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError) as error:
        raise SsoFailed("token", "signature") from error
    _check(claims, expected)
    subject = claims["sub"]
    if len(subject) > LONGEST_SUBJECT:
        raise SsoFailed("token", "sub")
    email = claims.get("email") if claims.get("email_verified") is True else ""
    return Proven(
        issuer=expected.issuer,
        subject=subject,
        email=email.lower() if isinstance(email, str) else "",
        methods=_texts(claims.get("amr")),
        acr=str(claims.get("acr") or ""),
    )


def _texts(value: object) -> frozenset[str]:
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()


def _check(claims: dict[str, Any], expected: Expected) -> None:
    wanted = jwt.JWTClaimsRegistry(
        now=int(expected.now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        nonce={"essential": True, "value": expected.nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        wanted.validate(claims)
    except ExpiredTokenError as error:
        raise SsoFailed("token", "expired") from error
    except (InvalidClaimError, MissingClaimError) as error:
        raise SsoFailed("token", str(error.claim)) from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else expected.client_id) != expected.client_id:
        raise SsoFailed("token", "azp")
