"""Packages and bundles for programs: list, begin, follow, leave steps out, add requests that were made on their own."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Header, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller
from app.accounts.errors import SignInNeeded
from app.accounts.rules.rights import Caller, KeyScope, Permission
from app.bundles import claims, service
from app.bundles.errors import (
    BundleClaimed,
    BundleUnknown,
    ItemNotFound,
    ItemTaken,
    PackageUnknown,
    StepClosed,
    StepNotOptional,
    StepUnknown,
    StepWaits,
)
from app.bundles.finding import Around, CurrentAround, own_reach, request_of
from app.bundles.models import Bundle
from app.bundles.offered import offered, package_of, packages
from app.bundles.queries import find_by_code, find_reached, reached
from app.bundles.schemas import (
    BegunOut,
    BundleIn,
    BundleOut,
    ClaimIn,
    LeaveOutIn,
    LinkIn,
    PackageOut,
    PackagesPage,
    bundle_out,
    package_out,
)
from app.bundles.service import Beginning, Doer
from app.catalogue.snapshot import CurrentCatalogue
from app.kit import ids
from app.kit.db import Hot, Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.problems import FieldError, Forbidden, Invalid, NotFound, TooMany, problem_responses
from app.requests.access import NOTHING_SHOWN, IdempotencyKey, slowed, under
from app.requests.answers import NOT_TO_KEEP
from app.requests.errors import IdempotencyKeyReused
from app.requests.idempotency import keep, look_up
from app.routing.origins import origin_of_town
from app.web.client import Client
from app.web.limits import limited

router = Door(route_class=RetryingRoute, tags=["packages"])
AccessCode = Annotated[
    str | None, Header(max_length=40, description="The access code of the bundle. Where it is given, it decides.")
]
Reference = Annotated[str, Path(max_length=40, examples=["TB-7K3M-9QXD-J"])]
StepKey = Annotated[str, Path(max_length=32)]
UNKNOWN = (Invalid, BundleUnknown, SignInNeeded, TooMany)


@router.get("/packages", response_model=PackagesPage)
async def list_packages(catalogue: CurrentCatalogue) -> PackagesPage:
    """The packages that are offered: the portal's own proposal."""
    return PackagesPage(items=[package_out(each, catalogue) for each in offered(catalogue)], next=None)


@router.get("/packages/{code}", responses=problem_responses(PackageUnknown))
async def one_package(code: Annotated[str, Path(max_length=32)], catalogue: CurrentCatalogue) -> PackageOut:
    """Its steps, why each is needed, and in which order they come."""
    return package_out(package_of(catalogue, code), catalogue)


@router.post(
    "/bundles",
    status_code=201,
    response_model=BegunOut,
    dependencies=[Depends(limited("request"))],
    responses=problem_responses(
        Invalid, PackageUnknown, NotFound, SignInNeeded, Forbidden, TooMany, IdempotencyKeyReused
    ),
)
async def begin_bundle(
    *,
    request: Request,
    sent: BundleIn,
    caller: CurrentCaller,
    client: Client,
    session: Writing,
    database: Hot,
    around: CurrentAround,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Begin a package, for an organisation or without an account: then the access code opens it.

    With an Idempotency-Key it can be repeated.
    """
    if "authorization" in request.headers and not caller.signed_in:
        raise SignInNeeded
    _may_change(caller)
    key = under(caller, client, idempotency_key, "bundle", sent)
    if before := await look_up(database, key, around.now):
        return _begun(around, before.request_id, before.answer)
    package = package_of(around.catalogue, sent.package)
    origin_of_town(around.directory.atlas, sent.town)
    bundle = await service.begin(
        session,
        around.network,
        Beginning(package, packages().version, sent.town),
        service.owner_of(caller, sent.organisation_id),
        caller.actor,
        secret_key=around.secret_key,
        now=around.now,
    )
    found = BundleOut(**bundle_out(await around.following(await around.view(session, bundle))))
    answer = found.model_dump(mode="json")
    await keep(session, key, bundle.id, answer, around.now)
    return _begun(around, bundle.id, answer)


def _may_change(caller: Caller) -> None:
    """Raises Forbidden for a key that was made for reading."""
    if caller.kind == "key" and KeyScope.CHANGE_REQUESTS not in caller.key_scopes:
        raise Forbidden


def _begun(around: Around, bundle_id: UUID, answer: Mapping[str, Any]) -> Response:
    """What is kept for a repetition has no secret: the code is derived anew."""
    body = {**answer, "access_code": ids.access_code(around.secret_key, bundle_id)}
    return Response(orjson.dumps(body), 201, NOT_TO_KEEP, media_type="application/json")


class Access:
    """A call about one bundle: by its code, or signed in."""

    def __init__(
        self,
        *,
        request: Request,
        reference: Reference,
        caller: CurrentCaller,
        around: CurrentAround,
        x_access_code: AccessCode = None,
    ) -> None:
        self.caller = caller
        self.around = around
        self._request = request
        self._reference = reference
        self._code = x_access_code

    @property
    def doer(self) -> Doer:
        return Doer(self.caller.actor, self.caller.person_id, self.around.now)

    async def open(self, session: AsyncSession, permission: Permission, *, lock: bool = False) -> Bundle:
        """Raises BundleUnknown; SignInNeeded for a token that counts no longer, Invalid when nothing is shown."""
        if self._code is not None:
            return await find_by_code(session, (self._reference, self._code), self.around.secret_key, lock=lock)
        if not self.caller.signed_in:
            if "authorization" in self._request.headers:
                raise SignInNeeded
            raise Invalid(errors=[FieldError("x-access-code", "missing", NOTHING_SHOWN.msgid)])
        return await find_reached(session, self._reference, reached(own_reach(self.caller, permission)), lock=lock)

    async def answer(self, session: AsyncSession, bundle: Bundle, response: Response) -> BundleOut:
        response.headers.update(NOT_TO_KEEP)
        return BundleOut(**bundle_out(await self.around.following(await self.around.view(session, bundle))))


MayAccess = Annotated[Access, Depends()]


@router.get("/bundles/{reference}", dependencies=[Depends(slowed)], responses=problem_responses(*UNKNOWN))
async def show_bundle(access: MayAccess, session: Reading, response: Response) -> BundleOut:
    """How far it is, what comes next, and each step as it stands now."""
    bundle = await access.open(session, Permission.REQUESTS_READ)
    return await access.answer(session, bundle, response)


@router.post(
    "/bundles/{reference}/claim",
    dependencies=[Depends(limited("follow"))],
    responses=problem_responses(*UNKNOWN, NotFound, Forbidden, BundleClaimed),
)
async def claim(*, access: MayAccess, sent: ClaimIn, session: Writing, response: Response) -> BundleOut:
    """A bundle that belongs to no organisation is taken into one's own: with its access code, or the person's own.

    Its people see it from then on. Requests of its steps stay whose they are. Of two at once one has it.
    """
    if not access.caller.signed_in:
        raise SignInNeeded
    _may_change(access.caller)
    bundle = await access.open(session, Permission.REQUESTS_CHANGE, lock=True)
    await claims.claim(session, bundle, access.caller, sent.organisation_id, access.around.now)
    return await access.answer(session, bundle, response)


@router.post(
    "/bundles/{reference}/steps/{step}/leave-out",
    dependencies=[Depends(slowed)],
    responses=problem_responses(*UNKNOWN, StepUnknown, StepNotOptional, StepClosed),
)
async def leave_out(
    *, access: MayAccess, step: StepKey, sent: LeaveOutIn, session: Writing, response: Response
) -> BundleOut:
    """A step that the package can do without is left out; what comes after it then waits for what it waited for."""
    bundle = await access.open(session, Permission.REQUESTS_CHANGE, lock=True)
    view = await access.around.view(session, bundle)
    await service.leave_out(session, view, step, sent.reason, access.doer)
    return await access.answer(session, bundle, response)


@router.post(
    "/bundles/{reference}/steps/{step}/take-up",
    dependencies=[Depends(slowed)],
    responses=problem_responses(*UNKNOWN, StepUnknown, StepClosed),
)
async def take_up(*, access: MayAccess, step: StepKey, session: Writing, response: Response) -> BundleOut:
    """A step that was left out is open again."""
    bundle = await access.open(session, Permission.REQUESTS_CHANGE, lock=True)
    await service.take_up(session, await access.around.view(session, bundle), step, access.doer)
    return await access.answer(session, bundle, response)


@router.post(
    "/bundles/{reference}/steps/{step}/link",
    dependencies=[Depends(limited("follow"))],
    responses=problem_responses(*UNKNOWN, StepUnknown, StepClosed, StepWaits, ItemNotFound, ItemTaken),
)
async def link(*, access: MayAccess, step: StepKey, sent: LinkIn, session: Writing, response: Response) -> BundleOut:
    """A request that was made on its own becomes this step's: one's own, or with its access code.

    Of two at once one is linked; the request of the other stands alone.
    """
    bundle = await access.open(session, Permission.REQUESTS_CHANGE, lock=True)
    view = await access.around.view(session, bundle)
    found = await request_of(session, access.around, access.caller, sent.reference, sent.access_code)
    await service.link(session, view, step, found, access.doer)
    return await access.answer(session, bundle, response)
