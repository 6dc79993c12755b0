"""Who may call about one request by JSON: whoever shows its access code, or has signed in and reaches it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import Depends, Header, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller
from app.accounts.errors import SignInNeeded
from app.accounts.rules.rights import Caller, Permission
from app.kit import clock
from app.kit.db import Hot, Writing
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid
from app.kit.schemas import Strict
from app.requests.answers import NOT_TO_KEEP, described
from app.requests.correspondence import CurrentLetters
from app.requests.idempotency import Key, content, keep, look_up
from app.requests.queries import RequestView, find, find_reached
from app.requests.reach import reach_of
from app.requests.service import Changes
from app.stations.snapshot import CurrentNetwork
from app.web.client import Client, ClientId
from app.web.limits import limited

JSON = "application/json"
NOTHING_SHOWN = lazy("Give the access code in this header, or sign in: send a bearer token.")

Now = Annotated[datetime, Depends(clock.now)]
Reference = Annotated[str, Path(max_length=40, examples=["ZT-7K3M-9QXD-J"])]
AccessCode = Annotated[
    str | None,
    Header(max_length=40, description="The access code that came with the reference. Where it is given, it decides."),
]
IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$", description="At most 255 characters.")
]


def as_json(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, NOT_TO_KEEP, media_type=JSON)


def under(caller: Caller, client: ClientId, key: str | None, operation: str, sent: Strict) -> Key | None:
    """The caller's key for this call, if it gave one. Who has signed in is the same caller from everywhere."""
    if not key:
        return None
    return Key(_caller_key(caller, client), key, content(operation, sent.model_dump_json()))


def _caller_key(caller: Caller, client: ClientId) -> str:
    if caller.kind == "key":
        return f"key:{caller.via}"
    return f"person:{caller.person_id}" if caller.signed_in else client.key


async def slowed(request: Request, now: Now, x_access_code: AccessCode = None) -> None:
    """Access codes are short: nobody may try many. Who shows none has nothing to try."""
    if x_access_code is not None:
        await limited("follow")(request, now)


@dataclass(frozen=True, slots=True)
class Seen:
    """A request, and whether it is seen as staff: then what it says of people is masked; or by its access code."""

    view: RequestView
    as_staff: bool
    by_code: bool = False


class Access:
    """A call about one request."""

    def __init__(
        self,
        *,
        request: Request,
        reference: Reference,
        caller: CurrentCaller,
        network: CurrentNetwork,
        now: Now,
        x_access_code: AccessCode = None,
    ) -> None:
        self.network = network
        self.now = now
        self.caller = caller
        self._request = request
        self._reference = reference
        self._code = x_access_code
        self.secret_key: bytes = request.app.state.settings.secret_key

    async def open(self, session: AsyncSession, permission: Permission, *, lock: bool = False) -> Seen:
        """The request. A code, where one is given, decides alone; who gives it sees what its owner sees.

        Raises RequestUnknown alike for an unknown reference, a wrong code and what is out of reach; SignInNeeded for
        a bearer token that counts no longer, Invalid (naming the header) when nothing at all is shown.
        """
        if self._code is not None:
            shown = self._reference, self._code
            view = await find(session, self.network, shown, self.secret_key, lock=lock)
            return Seen(view, as_staff=False, by_code=True)
        if not self.caller.signed_in:
            raise self._nothing_shown()
        reach = reach_of(self.caller, permission)
        view = await find_reached(session, self.network, self._reference, reach, lock=lock)
        return Seen(view, as_staff=not reach.owns(view.request))

    def _nothing_shown(self) -> SignInNeeded | Invalid:
        if "authorization" in self._request.headers:
            return SignInNeeded()
        return Invalid(errors=[FieldError("x-access-code", "missing", NOTHING_SHOWN.msgid)])


MayAccess = Annotated[Access, Depends()]
Change = Callable[[Changes, RequestView], Awaitable[RequestView]]


class Repetition:
    """A change that can be repeated under an Idempotency-Key."""

    def __init__(
        self,
        *,
        database: Hot,
        session: Writing,
        client: Client,
        letters: CurrentLetters,
        idempotency_key: IdempotencyKey = None,
    ) -> None:
        self._session = session
        self._letters = letters
        self._database = database
        self._client = client
        self._key = idempotency_key

    async def of(
        self,
        access: Access,
        name: str,
        sent: Strict,
        change: Change,
        permission: Permission = Permission.REQUESTS_CHANGE,
    ) -> Response:
        """The answer to the change, or the one that was given to it before. `permission` is what staff need."""
        seen = await access.open(self._session, permission, lock=True)
        request_id = seen.view.request.id
        key = under(access.caller, self._client, self._key, f"{name} {request_id}", sent)
        if before := await look_up(self._database, key, access.now):
            return as_json(before.answer)
        actor, letters = access.caller.actor, self._letters
        changes = Changes(
            self._session,
            access.network,
            access.now,
            actor,
            letters,
            by_station=seen.as_staff,
            secret_key=access.secret_key,
        )
        answer = described(await change(changes, seen.view))
        await keep(self._session, key, request_id, answer, access.now)
        return as_json(answer)


Repeatable = Annotated[Repetition, Depends()]
