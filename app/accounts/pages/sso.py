"""Single sign-on: to the provider and back. What the trip is bound to travels sealed in a cookie of this browser.

Signing out ends our session only: the one at the provider is the provider's to end.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict
from datetime import timedelta
from secrets import compare_digest
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from app.accounts.callers import CurrentCaller
from app.accounts.entrance import AtEntrance, Entrance
from app.accounts.pages.frame import PENDING_COOKIE, PRIVATE, SEE_OTHER, inside, let_in, see, shown
from app.accounts.service import sso
from app.accounts.service.sign_in import Pending
from app.accounts.sso.failures import WORDS, SsoFailed
from app.accounts.sso.provider import Provider, Registration, Trip
from app.config import Settings
from app.kit.doors import Door
from app.kit.ids import new_secret
from app.kit.problems import NotFound
from app.kit.sealing import SealBroken, Sealer
from app.web.client import address_key
from app.web.cookies import delete_cookie, read_cookie, set_cookie

router = Door(prefix="/sign-in/sso")
COOKIE, SEALED_FOR = "sso", "sso trip"
TRIP_LASTS = timedelta(minutes=10)
VERIFIER_BYTES = 48
Onward = Annotated[str, Query(alias="next", max_length=2000)]


class Returned(BaseModel):
    """What the provider sends the browser back with (RFC 6749, 4.1.2; `iss`: RFC 9207). Other names are let be."""

    state: str = Field("", max_length=4000)
    code: str = Field("", max_length=4000)
    error: str = Field("", max_length=4000)
    iss: str = Field("", max_length=4000)


def provider_of(settings: Settings) -> Provider | None:
    """The provider that the settings name, if they name one."""
    group = settings.accounts
    if group.sso_issuer is None:
        return None
    secret = group.sso_client_secret.get_secret_value() if group.sso_client_secret else ""
    back = f"{settings.address}{router.prefix}/callback"
    return Provider(Registration(str(group.sso_issuer).rstrip("/"), group.sso_client_id, secret, back))


def current_provider(request: Request) -> Provider:
    """Of this process. Raises NotFound where no single sign-on is set up."""
    provider: Provider | None = request.app.state.sso
    if provider is None:
        raise NotFound
    return provider


@router.get("")
async def begin(entrance: AtEntrance, _caller: CurrentCaller, onward: Onward = "") -> Response:
    """Off to the provider."""
    provider = current_provider(entrance.request)
    trip = Trip(new_secret(), new_secret(), new_secret(VERIFIER_BYTES))
    try:
        url = await provider.authorization_url(trip, entrance.now)
    except SsoFailed as failure:
        await _count(entrance)
        return await failed(entrance, failure)
    response = RedirectResponse(url, SEE_OTHER, PRIVATE)
    cookie = {**asdict(trip), "next": inside(onward), "until": (entrance.now + TRIP_LASTS).timestamp()}
    set_cookie(entrance.request, response, COOKIE, _sealed(entrance, cookie), max_age=int(TRIP_LASTS.total_seconds()))
    return response


@router.get("/callback")
async def come_back(entrance: AtEntrance, caller: CurrentCaller, sent: Annotated[Returned, Query()]) -> Response:
    """In, or to the code of the second factor, or the page that says why not. The cookie is good for one return."""
    provider = current_provider(entrance.request)
    await _count(entrance)
    try:
        trip, onward = _trip(entrance, sent.state)
        _look_at(provider, sent)
        proven = await provider.identify(sent.code, trip, entrance.now)
        person = await sso.person_of(entrance.session, proven, entrance.origin.device.address, entrance.now)
    except SsoFailed as failure:
        return await failed(entrance, failure)
    strong = proven.strong(frozenset(_settings(entrance).accounts.sso_acr.split()))
    device = entrance.origin.device
    outcome = await sso.enter(entrance.session, person, device, entrance.timeouts, entrance.now, strong=strong)
    if isinstance(outcome, Pending):
        response: Response = see("/sign-in/code" + (f"?{urlencode({'next': onward})}" if onward else ""))
        set_cookie(entrance.request, response, PENDING_COOKIE, outcome.opened.secret)
    else:
        response = await let_in(entrance, outcome, caller, onward)
    delete_cookie(entrance.request, response, COOKIE)
    return response


async def _count(entrance: Entrance) -> None:
    """What asks the provider for something, or fills the record. Raises TooMany."""
    await entrance.request.app.state.rates.count(address_key(entrance.request), "sign_in", entrance.now)


async def failed(entrance: Entrance, failure: SsoFailed) -> Response:
    """On record, and the page with the next step."""
    await sso.refused(entrance.session, failure, entrance.origin.device.address, entrance.now)
    words = WORDS[failure.kind]
    response = shown(entrance, "sso_failed.html", {"words": words}, status=words.status)
    delete_cookie(entrance.request, response, COOKIE)
    return response


def _look_at(provider: Provider, sent: Returned) -> None:
    """Raises SsoFailed unless it is a code, and from our provider."""
    if sent.error:
        denied = sent.error == "access_denied"
        raise SsoFailed("denied", "denied") if denied else SsoFailed("away", "error")
    if sent.iss and sent.iss.rstrip("/") != provider.registration.issuer:
        raise SsoFailed("state", "iss")
    if not sent.code:
        raise SsoFailed("state", "no code")


def _sealed(entrance: Entrance, values: object) -> str:
    sealer: Sealer = entrance.request.app.state.sealer
    return urlsafe_b64encode(sealer.seal(SEALED_FOR, "", json.dumps(values))).decode()


def _trip(entrance: Entrance, state: str) -> tuple[Trip, str]:
    """What this browser set out with, and where it wanted to go. Raises SsoFailed."""
    sealer: Sealer = entrance.request.app.state.sealer
    try:
        sealed = urlsafe_b64decode(read_cookie(entrance.request, COOKIE))
        kept = json.loads(sealer.open(SEALED_FOR, "", sealed))
    except (SealBroken, ValueError) as error:
        raise SsoFailed("state", "no cookie") from error
    if not compare_digest(kept["state"].encode(), state.encode()):
        raise SsoFailed("state", "state")
    if kept["until"] < entrance.now.timestamp():
        raise SsoFailed("state", "too late")
    return Trip(kept["state"], kept["nonce"], kept["verifier"]), kept["next"]


def _settings(entrance: Entrance) -> Settings:
    settings: Settings = entrance.request.app.state.settings
    return settings
