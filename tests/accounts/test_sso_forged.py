"""What an ID token must not get by with: a provider of our own making that lies, and how each lie is answered."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from app.accounts.models import Person
from app.accounts.service.sso import person_of
from app.accounts.sso.failures import SsoFailed
from app.accounts.sso.provider import Provider, Registration, Trip
from app.accounts.sso.tokens import Proven
from tests.conftest import Clock
from tests.support.people import People

ISSUER, CLIENT = "https://sso.example", "onestop"
BACK = "http://testserver/sign-in/sso/callback"
NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
SHARED = OctKey.import_key("secret-secret-secret-secret-secret")
ELLIPTIC = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"}, private=True)
Change = Callable[["Liar", dict[str, Any]], str]


class Liar:
    """An OpenID provider in memory. `forge` makes its ID token of the claims that would be right."""

    def __init__(self, forge: Change) -> None:
        self.forge = forge
        self.asked: list[str] = []
        self.nonce = ""
        self.discovery: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }
        self.keys: list[dict[str, Any]] = [
            dict(KEY.as_dict(private=False)),
            dict(ELLIPTIC.as_dict(private=False)),
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
            {"kty": "RSA", "use": "enc", "kid": "enc", "n": "AQAB", "e": "AQAB"},
        ]

    def claims(self) -> dict[str, Any]:
        at = int(NOW.timestamp())
        return {
            "iss": ISSUER,
            "aud": CLIENT,
            "sub": "17",
            "exp": at + 300,
            "iat": at,
            "nonce": self.nonce,
            "email": "zhang@example.com",
            "email_verified": True,
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "a", "id_token": self.forge(self, self.claims())})
        if request.url.path == "/keys":
            return httpx.Response(200, json={"keys": self.keys})
        return httpx.Response(200, json=self.discovery)

    def provider(self) -> Provider:
        return Provider(Registration(ISSUER, CLIENT, "secret", BACK), transport=httpx.MockTransport(self))


def signed(claims: dict[str, Any], *, key: Any = KEY, algorithm: str = "RS256", kid: str | None = "one") -> str:
    header = {"alg": algorithm} | ({"kid": kid} if kid else {})
    return jwt.encode(header, claims, key, algorithms=[algorithm])


def honest(_liar: Liar, claims: dict[str, Any]) -> str:
    return signed(claims)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(_liar: Liar, claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none'})}.{part(claims)}."


def confused(_liar: Liar, claims: dict[str, Any]) -> str:
    """HS256 with the public key as its secret, as if whoever verifies took the key for one."""
    message = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
    digest = hmac.digest(KEY.as_pem(private=False), message.encode(), hashlib.sha256)
    return f"{message}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def with_(**changed: Any) -> Change:
    return lambda _liar, claims: signed({name: each for name, each in (claims | changed).items() if each is not None})


AT = int(NOW.timestamp())
LIES: dict[str, tuple[Change, str]] = {
    "unsigned": (unsigned, "key"),
    "unsigned, naming a key": (lambda _l, c: f"{part({'alg': 'none', 'kid': 'one'})}.{part(c)}.", "signature"),
    "signed by the public key as a secret": (confused, "signature"),
    "signed by a secret among the keys": (
        lambda _l, c: signed(c, key=SHARED, algorithm="HS256", kid="secret"),
        "key",
    ),
    "signed by another key of the same name": (lambda _l, c: signed(c, key=OTHER), "signature"),
    "signed by a key that is not known": (lambda _l, c: signed(c, kid="nine"), "key"),
    "naming no key where there are several": (lambda _l, c: signed(c, kid=None), "key"),
    "with claims put in afterwards": (
        lambda _l, c: ".".join([signed(c).split(".")[0], part(c | {"sub": "1"}), signed(c).split(".")[2]]),
        "signature",
    ),
    "for another sign-in": (with_(nonce="another"), "nonce"),
    "for none": (with_(nonce=None), "nonce"),
    "for somebody else": (with_(aud="other"), "aud"),
    "for several, not naming us": (with_(aud=[CLIENT, "other"]), "azp"),
    "for several, naming another": (with_(aud=[CLIENT, "other"], azp="other"), "azp"),
    "by another issuer": (with_(iss="https://evil.example"), "iss"),
    "expired": (with_(exp=AT - 61), "expired"),
    "never expiring": (with_(exp=None), "exp"),
    "with an odd expiry": (with_(exp="tomorrow"), "exp"),
    "from the future": (with_(iat=AT + 120), "iat"),
    "of nobody": (with_(sub=None), "sub"),
    "of somebody with too long a name": (with_(sub="x" * 256), "sub"),
    "no token": (lambda _l, _c: "garbage", "unreadable"),
    "too many parts": (lambda _l, c: signed(c) + ".x.y", "unreadable"),
}


async def told(liar: Liar) -> SsoFailed:
    """How the provider's answer was refused."""
    trip = Trip("state", "nonce", "verifier-verifier-verifier-verifier-verifier")
    liar.nonce = "nonce"
    with pytest.raises(SsoFailed) as found:
        await liar.provider().identify("code", trip, NOW)
    return found.value


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_is_refused_that_is(lie: str) -> None:
    forge, cause = LIES[lie]
    failure = await told(Liar(forge))
    assert (failure.kind, failure.cause) == ("token", cause)


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"issuer": "https://evil.example"}, "issuer of discovery"),
        ({"token_endpoint": "http://sso.example/token"}, "insecure address"),
        ({"jwks_uri": "file:///etc/passwd"}, "insecure address"),
        ({"authorization_endpoint": None}, "insecure address"),
    ],
)
async def test_a_discovery_is_refused_that_leads_elsewhere(changed: dict[str, Any], cause: str) -> None:
    liar = Liar(honest)
    liar.discovery |= changed
    failure = await told(liar)
    assert (failure.kind, failure.cause) == ("away", cause)


async def test_an_issuer_without_tls_is_asked_nothing() -> None:
    liar = Liar(honest)
    provider = Provider(Registration("http://sso.example", CLIENT, "", BACK), transport=httpx.MockTransport(liar))
    with pytest.raises(SsoFailed, match="insecure address"):
        await provider.metadata(NOW)
    assert liar.asked == []


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(200, json=[]),
                                    httpx.Response(500), httpx.Response(200, text=" " * 300_000)])  # fmt: skip
async def test_an_answer_that_is_no_json_is_a_provider_that_is_away(answer: httpx.Response) -> None:
    provider = Provider(Registration(ISSUER, CLIENT, "", BACK), transport=httpx.MockTransport(lambda _request: answer))
    with pytest.raises(SsoFailed) as found:
        await provider.metadata(NOW)
    assert found.value.kind == "away"


async def test_an_honest_token_says_who_it_is() -> None:
    liar = Liar(lambda _l, claims: signed(claims | {"amr": ["pwd", "mfa"], "acr": "gold"}))
    liar.nonce = "n"
    proven = await liar.provider().identify("code", Trip("s", "n", "v" * 43), NOW)
    assert (proven.subject, proven.email) == ("17", "zhang@example.com")
    assert proven.strong(frozenset())


@pytest.mark.parametrize("key", ["RS256", "ES256"])
async def test_signatures_of_both_common_kinds_are_taken(key: str) -> None:
    pair = (KEY, "one") if key == "RS256" else (ELLIPTIC, "two")
    liar = Liar(lambda _l, claims: signed(claims, key=pair[0], algorithm=key, kid=pair[1]))
    liar.nonce = "n"
    assert (await liar.provider().identify("code", Trip("s", "n", "v" * 43), NOW)).subject == "17"


@pytest.mark.parametrize(("amr", "acr", "classes", "strong"), [
    (["pwd"], "", [], False), (["pwd", "otp"], "", [], True), (["pwd"], "gold", ["gold"], True),
    (["pwd"], "gold", [], False), ("mfa", "", [], False), (None, "", [""], False),
])  # fmt: skip
async def test_a_second_factor_there_counts_when_it_is_said(
    amr: object, acr: str, classes: list[str], strong: bool
) -> None:
    liar = Liar(lambda _l, claims: signed(claims | {"amr": amr, "acr": acr or "none"}))
    liar.nonce = "n"
    proven = await liar.provider().identify("code", Trip("s", "n", "v" * 43), NOW)
    assert proven.strong(frozenset(classes)) is strong


async def test_an_address_that_is_not_verified_is_none() -> None:
    for verified in (False, None, "true", 1):
        liar = Liar(lambda _l, claims, verified=verified: signed(claims | {"email_verified": verified}))
        liar.nonce = "n"
        assert (await liar.provider().identify("code", Trip("s", "n", "v" * 43), NOW)).email == ""


async def test_unknown_keys_make_us_ask_once_a_minute_and_no_more() -> None:
    liar = Liar(lambda _l, claims: signed(claims, kid="nine"))
    liar.nonce = "n"
    provider = liar.provider()
    for seconds in (0, 1, 2, 30):
        with pytest.raises(SsoFailed):
            await provider.identify("code", Trip("s", "n", "v" * 43), NOW + timedelta(seconds=seconds))
    assert liar.asked.count("/keys") == 1
    with pytest.raises(SsoFailed):
        await provider.identify("code", Trip("s", "n", "v" * 43), NOW + timedelta(seconds=62))
    assert liar.asked.count("/keys") == 2
    assert liar.asked.count("/.well-known/openid-configuration") == 1


# --- Through the pages ---------------------------------------------------------------------------------------------


@pytest.fixture
async def lied(app: FastAPI, people: People, clock: Clock) -> Liar:
    """The application with a provider that lies, and somebody whom it could name."""
    clock.move(NOW)
    liar = Liar(honest)
    app.state.sso = liar.provider()
    person = await people.staff("auditor", strong=False)
    async with app.state.database.writer() as session:
        (await session.get_one(Person, person.id)).email = "zhang@example.com"
        await session.commit()
    return liar


async def come_back(client: httpx.AsyncClient, liar: Liar, **more: str) -> httpx.Response:
    away = await client.get("/sign-in/sso")
    asked = parse_qs(urlsplit(away.headers["location"]).query)
    liar.nonce = asked["nonce"][0]
    sent = {"state": asked["state"][0], "code": "c"} | more
    return await client.get("/sign-in/sso/callback", params=sent)


@pytest.mark.parametrize("lie", ["unsigned", "signed by the public key as a secret", "for another sign-in", "expired"])
async def test_a_lie_lets_nobody_in_and_is_on_record(
    app: FastAPI, client: httpx.AsyncClient, lied: Liar, lie: str
) -> None:
    lied.forge, cause = LIES[lie]
    answer = await come_back(client, lied)
    assert answer.status_code == 403
    assert "认证结果无法通过校验" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "onestop_session" not in client.cookies
    rows = await app.state.database.fetch("SELECT reason FROM audit_entry WHERE action = 'person.sign_in_refused'", ())
    assert rows == [(f"sso token: {cause}",)]


async def test_a_second_factor_there_is_enough_for_a_role_that_needs_one(client: httpx.AsyncClient, lied: Liar) -> None:
    lied.forge = lambda _l, claims: signed(claims | {"amr": ["pwd", "otp"]})
    answer = await come_back(client, lied)
    assert answer.headers["location"] == "/office"
    assert (await client.get("/account")).status_code == 200


async def test_an_answer_in_the_name_of_another_issuer_is_refused(client: httpx.AsyncClient, lied: Liar) -> None:
    answer = await come_back(client, lied, iss="https://evil.example")
    assert answer.status_code == 400
    assert "/token" not in lied.asked


async def test_a_forged_cookie_is_as_good_as_none(client: httpx.AsyncClient, lied: Liar) -> None:
    for forged in ("", "x", "AAAA", base64.urlsafe_b64encode(b"\x01" + b"0" * 60).decode()):
        client.cookies.clear()
        client.cookies.set("onestop_sso", forged, domain="testserver.local")
        answer = await client.get("/sign-in/sso/callback", params={"state": "s", "code": "c"})
        assert answer.status_code == 400


async def test_without_a_provider_there_is_no_such_page(app: FastAPI, client: httpx.AsyncClient) -> None:
    assert app.state.sso is None
    assert (await client.get("/sign-in/sso")).status_code == 404
    assert (await client.get("/sign-in/sso/callback")).status_code == 404


async def test_two_who_come_at_once_are_linked_once(app: FastAPI, lied: Liar, clock: Clock) -> None:
    proven = Proven(ISSUER, "17", "zhang@example.com", frozenset(), "")

    async def come() -> object:
        async with app.state.database.writer() as session:
            person = await person_of(session, proven, "192.0.2.7", clock.now)
            await session.commit()
            return person.id

    found = await asyncio.gather(*(come() for _ in range(4)))
    assert len(set(found)) == 1
    linked = await app.state.database.fetch(
        "SELECT action FROM audit_entry WHERE action = 'person.identity_linked'", ()
    )
    assert len(linked) == 1


async def test_the_record_is_not_filled_by_coming_back_for_nothing(
    app: FastAPI, client: httpx.AsyncClient, lied: Liar
) -> None:
    statuses = [(await client.get("/sign-in/sso/callback?state=x")).status_code for _ in range(22)]
    assert statuses == [400] * 20 + [429] * 2
    lied.discovery["issuer"] = "https://evil.example"
    assert (await client.get("/sign-in/sso")).status_code == 429
    rows = await app.state.database.fetch("SELECT 1 FROM audit_entry WHERE action = 'person.sign_in_refused'", ())
    assert len(rows) == 20
