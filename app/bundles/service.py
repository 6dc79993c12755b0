"""Beginning a bundle, and what is done with its steps. Booking is done by requests: see linking.py.

Whoever changes a bundle locks its row first and reads it then, so of two at once the second sees what the first did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller
from app.audit.service import Actor, Object, record
from app.bundles.errors import ItemNotFound, ItemTaken, StepClosed, StepNotOptional, StepWaits
from app.bundles.models import Bundle, BundleItem, BundleMove, BundleStep
from app.bundles.queries import PREFIX, BundleView, Step
from app.bundles.rules import Kind, Package, StepState, next_number
from app.bundles.rules.standing import FALLEN, OPEN
from app.kit import ids
from app.kit.db import WriteSession, violated
from app.kit.problems import NotFound
from app.requests.owners import Owner
from app.requests.queries import RequestView
from app.requests.rules import State
from app.stations.snapshot import Network

ONE_STEP = "bundle_item_request_id_station_id_item_key"
TRIES = 5
UNSEEN = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is begun: a package as the file of `version` has it, and the town or division that it is for."""

    package: Package
    version: str
    town: str


def owner_of(caller: Caller, organisation_id: UUID | None) -> Owner:
    """Whose a bundle will be. Staff begin it for whoever stands before them, so it isn't theirs.

    Raises NotFound for an organisation that the caller doesn't act for.
    """
    if organisation_id is not None:
        if organisation_id not in caller.organisation_ids or caller.must_enrol:
            raise NotFound
        return Owner(organisation_id, caller.person_id)
    return Owner(person_id=None if caller.staff or caller.must_enrol else caller.person_id)


async def begin(
    session: WriteSession,
    network: Network,
    beginning: Beginning,
    owner: Owner,
    actor: Actor,
    *,
    secret_key: bytes,
    now: datetime,
) -> Bundle:
    """A new bundle; its access code follows from its id (`ids.access_code`)."""
    bundle_id = ids.new_id()
    bundle = Bundle(
        id=bundle_id,
        access_hash=ids.hash_secret(ids.access_code(secret_key, bundle_id), secret_key),
        package=beginning.package.code,
        version=beginning.version,
        town=beginning.town,
        organisation_id=owner.organisation_id,
        person_id=owner.person_id,
        created_at=now,
        changed_at=now,
    )
    await _insert(session, bundle)
    for position, step in enumerate(beginning.package.steps):
        service = network.services[network.service_index[step.service]]
        session.add(
            BundleStep(
                bundle_id=bundle_id,
                step=step.key,
                position=position,
                service_id=service.id,
                comes_after=list(step.after),
                order=step.order.value,
                optional=step.optional,
            )
        )
    await session.flush()
    await record(session, actor, "bundle.begun", _object(bundle), at=now, after={"package": bundle.package})
    return bundle


async def _insert(session: WriteSession, bundle: Bundle) -> None:
    """Under a reference that nobody has."""
    for _try in range(TRIES):
        bundle.reference = ids.new_reference(PREFIX)
        try:
            async with session.begin_nested():
                session.add(bundle)
            return
        except IntegrityError as error:
            if violated(error) != "bundle_reference_key":
                raise
    raise LookupError("no reference was free")


@dataclass(frozen=True, slots=True)
class Doer:
    """Who changes a bundle, and when."""

    actor: Actor
    person_id: UUID | None
    now: datetime


async def leave_out(session: WriteSession, view: BundleView, key: str, reason: str, doer: Doer) -> None:
    """A step that the package can do without is left out. The bundle is locked.

    Raises StepUnknown, StepNotOptional, StepClosed.
    """
    step = view.step(key)
    if not step.planned.optional:
        raise StepNotOptional
    if step.state not in OPEN:
        raise StepClosed
    await _move(session, view.bundle, step, Kind.LEFT_OUT, doer, reason=reason)
    await _record(session, view.bundle, "bundle.step_left_out", step, doer, reason=reason)


async def take_up(session: WriteSession, view: BundleView, key: str, doer: Doer) -> None:
    """A step that was left out is open again. The bundle is locked. Raises StepUnknown, StepClosed."""
    step = view.step(key)
    if step.state is not StepState.LEFT_OUT:
        raise StepClosed
    await _move(session, view.bundle, step, Kind.TAKEN_UP, doer)
    await _record(session, view.bundle, "bundle.step_taken_up", step, doer)


async def link(session: WriteSession, view: BundleView, key: str, found: RequestView, doer: Doer) -> None:
    """A request that was made on its own is what a step asks for. Bundle and request are locked; the caller may open
    both.

    Raises StepUnknown, StepClosed, StepWaits; ItemNotFound when nothing that goes on in it is of the step's service, or
    it belongs to another organisation; ItemTaken when it belongs to a step already.
    """
    step = view.step(key)
    if step.state not in OPEN:
        raise StepClosed
    if step.state is StepState.WAITS:
        raise StepWaits
    numbers = _items(found, step)
    both = {view.bundle.organisation_id, found.request.organisation_id} - {None}
    if not numbers or len(both) > 1:
        raise ItemNotFound
    await _move(session, view.bundle, step, Kind.BOOKED, doer)
    try:
        async with session.begin_nested():
            session.add_all(_links(view.bundle, step, found, numbers))
    except IntegrityError as error:
        if violated(error) == ONE_STEP:
            raise ItemTaken from error
        raise
    after = {"request": found.request.reference, "items": numbers}
    await _record(session, view.bundle, "bundle.step_linked", step, doer, after=after)


def _items(found: RequestView, step: Step) -> list[int]:
    """The numbers of the items that are of the step's service and haven't come to nothing."""
    return [item.n for item in found.items if item.service.id == step.service.id and State(item.status) not in FALLEN]


def _links(bundle: Bundle, step: Step, found: RequestView, numbers: Sequence[int]) -> list[BundleItem]:
    return [
        BundleItem(
            bundle_id=bundle.id,
            step=step.key,
            n=next_number(step.planned),
            place=place,
            request_id=found.request.id,
            station_id=found.request.station_id,
            item=number,
        )
        for place, number in enumerate(numbers, start=1)
    ]


async def _move(session: WriteSession, bundle: Bundle, step: Step, kind: Kind, doer: Doer, *, reason: str = "") -> None:
    await session.execute(
        update(Bundle).where(Bundle.id == bundle.id).values(changed_at=doer.now), execution_options=UNSEEN
    )
    session.add(
        BundleMove(
            bundle_id=bundle.id,
            step=step.key,
            n=next_number(step.planned),
            kind=kind.value,
            at=doer.now,
            reason=reason or None,
            person_id=doer.person_id,
        )
    )
    await session.flush()


async def _record(
    session: WriteSession,
    bundle: Bundle,
    action: str,
    step: Step,
    doer: Doer,
    *,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    said = {"step": step.key, "service": step.service.code, **(after or {})}
    await record(session, doer.actor, action, _object(bundle), at=doer.now, after=said, reason=reason)


def _object(bundle: Bundle) -> Object:
    return Object("bundle", bundle.reference, organisation_id=bundle.organisation_id)


async def forget(session: AsyncSession, person_id: UUID) -> None:
    """Take the person out of bundles and what was done with them, as their account is closed; the rest stays."""
    for table in (Bundle, BundleMove):
        theirs = update(table).where(table.person_id == person_id).values(person_id=None)
        await session.execute(theirs, execution_options=UNSEEN)
