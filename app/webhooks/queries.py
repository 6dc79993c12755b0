"""Reading webhooks: those that somebody manages, and what became of each event."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.accounts.rules.rights import NOTHING, Scope
from app.accounts.scoping import within
from app.stations.snapshot import Network, StationFacts
from app.webhooks.errors import WebhookUnknown
from app.webhooks.models import Attempt, Delivery, HookEvent, Subscription

PER_PAGE = 50
MOST_SHOWN = 100
ATTEMPTS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose webhooks somebody manages: an organisation's, or those of administrators in a part of the network."""

    organisation_id: UUID | None = None
    scope: Scope = NOTHING


@dataclass(frozen=True, slots=True)
class Row:
    """A webhook in a list, with who answers for it, what became of the newest event, and how many wait."""

    subscription: Subscription
    person: str
    latest: str | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Sent:
    """An event to one subscriber, with its attempts, the newest first."""

    delivery: Delivery
    event: HookEvent
    attempts: list[Attempt] = field(default_factory=list)


async def listed(session: AsyncSession, reach: Reach, only: UUID | None = None) -> list[Row]:
    """Those that live by age, then those that have ended; or just one."""
    own = Delivery.subscription_id == Subscription.id
    latest = select(Delivery.state).where(own).order_by(Delivery.event_n.desc()).limit(1).scalar_subquery()
    waiting = select(func.count()).where(own, Delivery.state == "waiting").scalar_subquery()
    asked = (
        select(Subscription, Person.name, latest, waiting)
        .join(Person, Person.id == Subscription.person_id)
        .where(_reached(reach), true() if only is None else Subscription.id == only)
        .order_by(Subscription.ended_at.desc().nulls_first(), Subscription.created_at, Subscription.id)
        .limit(MOST_SHOWN)
    )
    return [Row(*row) for row in await session.execute(asked)]


async def find(session: AsyncSession, reach: Reach, subscription_id: UUID, *, lock: bool = False) -> Subscription:
    """One of them. Raises WebhookUnknown."""
    asked = select(Subscription).where(Subscription.id == subscription_id, _reached(reach))
    found = await session.scalar(asked.with_for_update(of=Subscription) if lock else asked)
    if found is None:
        raise WebhookUnknown
    return found


async def sent(
    session: AsyncSession, subscription_id: UUID, state: str, before: int | None, most: int = PER_PAGE
) -> tuple[list[Sent], bool]:
    """A page of what was and is to be sent, the newest first; whether there is more."""
    asked = (
        select(Delivery, HookEvent)
        .join(HookEvent, HookEvent.n == Delivery.event_n)
        .where(Delivery.subscription_id == subscription_id)
        .where(Delivery.state == state if state else true())
        .where(Delivery.event_n < before if before is not None else true())
        .order_by(Delivery.event_n.desc())
        .limit(most + 1)
    )
    found = [Sent(delivery, event) for delivery, event in await session.execute(asked)]
    await _add_attempts(session, subscription_id, found[:most])
    return found[:most], len(found) > most


async def live(session: AsyncSession, reach: Reach) -> int:
    """How many of them live."""
    asked = select(func.count()).select_from(Subscription).where(_reached(reach), Subscription.ended_at.is_(None))
    return await session.scalar(asked) or 0


def covers(reach: Reach, network: Network, county: str | None, station: StationFacts | None) -> bool:
    """Whether a webhook of this county, of this station, or (with neither) of the whole network lies within."""
    if station:
        return reach.scope.reaches(station.id, station.county_adcode)
    if county:
        return reach.scope.everything or county in reach.scope.counties
    return reach.scope.everything


def of_person(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """Those that somebody answers for, for the person to take along."""
    columns = (
        Subscription.name,
        Subscription.url,
        Subscription.types,
        Subscription.created_at,
        Subscription.ended_at,
    )
    return select(*columns).where(Subscription.person_id == person_id).order_by(Subscription.created_at)


async def _add_attempts(session: AsyncSession, subscription_id: UUID, found: Sequence[Sent]) -> None:
    by_event = {each.event.n: each.attempts for each in found}
    ranked = (
        select(Attempt, func.row_number().over(partition_by=Attempt.event_n, order_by=Attempt.id.desc()).label("place"))
        .where(Attempt.subscription_id == subscription_id, Attempt.event_n.in_(by_event))
        .subquery()
    )
    latest = select(Attempt).join(ranked, ranked.c.id == Attempt.id).where(ranked.c.place <= ATTEMPTS_SHOWN)
    for attempt in await session.scalars(latest.order_by(Attempt.id.desc())):
        by_event[attempt.event_n].append(attempt)


def _reached(reach: Reach) -> ColumnElement[bool]:
    if reach.organisation_id is not None:
        return Subscription.organisation_id == reach.organisation_id
    scope = reach.scope
    if scope.everything:
        return Subscription.organisation_id.is_(None)
    at_stations = and_(Subscription.station_id.is_not(None), within(scope, Subscription.station_id))
    in_counties = Subscription.county_adcode.in_(scope.counties) if scope.counties else false()
    return or_(at_stations, in_counties)
