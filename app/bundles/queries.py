"""Reading bundles: whoever may open one finds it, with its steps as they stand now."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.bundles.errors import BundleUnknown, StepUnknown
from app.bundles.models import Bundle, BundleItem, BundleMove, BundleStep
from app.bundles.rules import Booking, Kind, Move, Order, Planned, Standing, StepState, standings
from app.kit import ids
from app.kit.clock import LOCAL
from app.kit.ticks import tick_time
from app.policy.rules import Clock
from app.requests.models import Request, RequestItem
from app.requests.reach import Reach
from app.requests.rules import State, read
from app.slots.models import Reservation
from app.stations.snapshot import Network, ServiceFacts

PREFIX = "TB"
"""References of bundles begin with other letters than those of requests, so that nobody takes one for the other."""
NO_DIGEST = bytes(32)
NOBODY = Reach()


@dataclass(frozen=True, slots=True)
class Step:
    """A step with its service and how it stands."""

    planned: Planned
    service: ServiceFacts
    standing: Standing

    @property
    def key(self) -> str:
        return self.planned.key

    @property
    def state(self) -> StepState:
        return self.standing.state

    @property
    def bookings(self) -> tuple[Booking, ...]:
        """Those that its state comes from; of an open step those that came to nothing."""
        return self.standing.move.bookings if self.standing.move else ()

    @property
    def references(self) -> list[str]:
        """The requests of these, each once."""
        return list(dict.fromkeys(each.reference for each in self.bookings))


@dataclass(frozen=True, slots=True)
class BundleView:
    """A bundle with its steps, in an order in which each comes after those that it waits for."""

    bundle: Bundle
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step:
        """Raises StepUnknown."""
        for each in self.steps:
            if each.key == key:
                return each
        raise StepUnknown

    def among(self, *states: StepState) -> list[Step]:
        return [each for each in self.steps if each.state in states]

    @property
    def finished(self) -> bool:
        return len(self.among(StepState.DONE, StepState.LEFT_OUT)) == len(self.steps)


def spelled(reference: str) -> str:
    """The reference in its one spelling; "" for what is none."""
    try:
        return ids.parse_reference(reference, PREFIX)
    except ids.ReferenceFormatError:
        return ""


def reached(own: Reach, opened: Collection[str] = ()) -> ColumnElement[bool]:
    """Bundles of one's own, and those whose code was shown in this browser. Never as staff."""
    parts: list[ColumnElement[bool]] = [Bundle.reference.in_(opened)]
    if own.organisation_ids:
        parts.append(Bundle.organisation_id.in_(own.organisation_ids))
    if own.person_id is not None:
        parts.append(and_(Bundle.organisation_id.is_(None), Bundle.person_id == own.person_id))
    return or_(*parts)


async def find_reached(
    session: AsyncSession, reference: str, condition: ColumnElement[bool], *, lock: bool = False
) -> Bundle:
    """Raises BundleUnknown, for one out of reach too; with `lock` nobody else changes it until the end."""
    found = await _by_reference(session, reference, condition, lock=lock)
    if found is None:
        raise BundleUnknown
    return found


async def find_by_code(
    session: AsyncSession, shown: tuple[str, str], secret_key: bytes, *, lock: bool = False
) -> Bundle:
    """Raises BundleUnknown for an unknown reference and a wrong code alike, after the same work."""
    reference, code = shown
    found = await _by_reference(session, reference, lock=lock)
    fits = ids.matches(ids.normalise_access_code(code), found.access_hash if found else NO_DIGEST, secret_key)
    if found is None or not fits:
        raise BundleUnknown
    return found


async def _by_reference(
    session: AsyncSession, reference: str, *conditions: ColumnElement[bool], lock: bool
) -> Bundle | None:
    statement = select(Bundle).where(Bundle.reference == spelled(reference), *conditions)
    found: Bundle | None = await session.scalar(statement.with_for_update() if lock else statement)
    return found


async def of_organisation(
    session: AsyncSession, network: Network, organisation_id: UUID, most: int
) -> list[BundleView]:
    """The newest bundles of an organisation."""
    mine = select(Bundle).where(Bundle.organisation_id == organisation_id)
    found = await session.scalars(mine.order_by(Bundle.created_at.desc(), Bundle.id).limit(most))
    return await views(session, network, list(found))


async def view(session: AsyncSession, network: Network, bundle: Bundle) -> BundleView:
    [found] = await views(session, network, [bundle])
    return found


async def views(session: AsyncSession, network: Network, bundles: Sequence[Bundle]) -> list[BundleView]:
    """Everything of bundles that were read already: three statements, however many they are; none for none."""
    if not bundles:
        return []
    mine = [bundle.id for bundle in bundles]
    bookings = await _bookings(session, mine)
    moves: dict[tuple[UUID, str], list[Move]] = defaultdict(list)
    rows = select(BundleMove).where(BundleMove.bundle_id.in_(mine)).order_by(BundleMove.n)
    for move in await session.scalars(rows):
        moves[move.bundle_id, move.step].append(_move(move, bookings))
    steps: dict[UUID, list[BundleStep]] = defaultdict(list)
    every = select(BundleStep).where(BundleStep.bundle_id.in_(mine)).order_by(BundleStep.position)
    for step in await session.scalars(every):
        steps[step.bundle_id].append(step)
    return [BundleView(bundle, _steps(network, steps[bundle.id], moves)) for bundle in bundles]


def _steps(
    network: Network, rows: Sequence[BundleStep], moves: Mapping[tuple[UUID, str], Sequence[Move]]
) -> tuple[Step, ...]:
    planned = [
        Planned(row.step, tuple(row.comes_after), Order(row.order), row.optional, tuple(moves[row.bundle_id, row.step]))
        for row in rows
    ]
    found = standings(planned)
    return tuple(
        Step(each, network.service_by_id[row.service_id], found[each.key])
        for each, row in zip(planned, rows, strict=True)
    )


def _move(row: BundleMove, bookings: Mapping[tuple[UUID, str, int], Sequence[Booking]]) -> Move:
    own = tuple(bookings[row.bundle_id, row.step, row.n])
    return Move(row.n, Kind(row.kind), row.at.astimezone(LOCAL), row.reason or "", own)


async def _bookings(session: AsyncSession, mine: Sequence[UUID]) -> Mapping[tuple[UUID, str, int], list[Booking]]:
    """The items of moves, wherever they are by now."""
    rows = await session.execute(
        select(
            BundleItem.bundle_id,
            BundleItem.step,
            BundleItem.n,
            Request.reference,
            RequestItem.n.label("item"),
            RequestItem.status,
            RequestItem.clock,
            RequestItem.due_at,
            Reservation.visit_starts,
            Reservation.active,
        )
        .join(
            RequestItem,
            and_(
                RequestItem.request_id == BundleItem.request_id,
                RequestItem.station_id == BundleItem.station_id,
                RequestItem.n == BundleItem.item,
            ),
        )
        .join(Request, and_(Request.id == RequestItem.request_id, Request.station_id == RequestItem.station_id))
        .join(
            Reservation,
            and_(Reservation.id == Request.reservation_id, Reservation.station_id == Request.station_id),
        )
        .where(BundleItem.bundle_id.in_(mine))
        .order_by(BundleItem.place)
    )
    found: dict[tuple[UUID, str, int], list[Booking]] = defaultdict(list)
    for row in rows:
        found[row.bundle_id, row.step, row.n].append(_booking(row))
    return found


def _booking(row: Row[Any]) -> Booking:
    clock = read(row.clock)
    return Booking(
        row.reference,
        row.item,
        State(row.status),
        tick_time(row.visit_starts, LOCAL),
        row.active,
        row.due_at and row.due_at.astimezone(LOCAL),
        clock is not None and clock.clock is Clock.WORK,
    )


@dataclass(frozen=True, slots=True)
class PartOf:
    """That a request belongs to steps of a bundle."""

    reference: str
    package: str
    steps: tuple[str, ...]
    organisation_id: UUID | None
    person_id: UUID | None


async def parts_of(session: AsyncSession, request_id: UUID) -> list[PartOf]:
    """The bundles that a request belongs to: one statement."""
    rows = await session.execute(
        select(Bundle, BundleItem.step)
        .join(BundleItem, BundleItem.bundle_id == Bundle.id)
        .where(BundleItem.request_id == request_id)
        .order_by(Bundle.id, BundleItem.step)
        .distinct()
    )
    found: dict[UUID, tuple[Bundle, list[str]]] = {}
    for bundle, step in rows:
        found.setdefault(bundle.id, (bundle, []))[1].append(step)
    return [
        PartOf(each.reference, each.package, tuple(steps), each.organisation_id, each.person_id)
        for each, steps in found.values()
    ]


async def of_person(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    """What is kept of somebody: the bundles that they have begun, and what they did with steps."""
    rows = await session.execute(
        select(Bundle.reference, Bundle.package, Bundle.town, Bundle.created_at)
        .where(Bundle.person_id == person_id)
        .order_by(Bundle.created_at, Bundle.id)
    )
    begun = [{**row._asdict(), "step": None, "done": "begun", "reason": None} for row in rows]
    rows = await session.execute(
        select(Bundle.reference, Bundle.package, BundleMove.at, BundleMove.step, BundleMove.kind, BundleMove.reason)
        .join(BundleMove, BundleMove.bundle_id == Bundle.id)
        .where(BundleMove.person_id == person_id)
        .order_by(BundleMove.at, BundleMove.step)
    )
    did = [
        {
            "reference": row.reference,
            "package": row.package,
            "town": None,
            "created_at": row.at,
            "step": row.step,
            "done": row.kind,
            "reason": row.reason,
        }
        for row in rows
    ]
    return [{**each, "created_at": each["created_at"].astimezone(LOCAL)} for each in (*begun, *did)]
