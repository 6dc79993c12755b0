"""Ratings of the stations that somebody reaches: the tasks that bad ones open, the latest, and figures by station."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.accounts.rules.rights import Scope
from app.accounts.scoping import within
from app.kit.clock import local_date
from app.ratings.errors import RatingUnknown
from app.ratings.models import RatingAnswer, RatingCall
from app.ratings.rules import BAD, due_on
from app.requests.masking import masked_text
from app.requests.models import Rating, Request
from app.requests.rating_words import INDICATORS
from app.stations.snapshot import Network, StationFacts

MOST, LATEST = 100, 20


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating with its request. `due` is the last day for an answer, None where none is owed or it was given."""

    rating: Rating
    reference: str
    organisation: str
    station: StationFacts
    words: str
    answer: RatingAnswer | None
    due: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How a station was rated: how often, the mean level, bad ones, those without an answer, and means by indicator."""

    station: StationFacts
    count: int
    level: float
    bad: int
    open: int
    indicators: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Call:
    call: RatingCall
    by: str


def _rated() -> Select[*tuple[Any, ...]]:
    return (
        select(Rating, RatingAnswer, Request.reference, Request.organisation_name, Request.anonymised_at)
        .join(Request, Request.id == Rating.request_id)
        .outerjoin(RatingAnswer, RatingAnswer.request_id == Rating.request_id)
    )


def _read(row: Row[*tuple[Any, ...]], network: Network, now: datetime) -> Rated:
    rating, answer, reference, organisation, anonymised_at = row
    owed = rating.level <= BAD and answer is None and anonymised_at is None
    due = due_on(rating.at, network.calendar)[0] if owed else None
    return Rated(
        rating,
        reference,
        organisation,
        network.station_by_id[rating.station_id],
        masked_text(rating.words or ""),
        answer,
        due,
        due is not None and due < local_date(now),
    )


async def tasks(
    session: AsyncSession, network: Network, scope: Scope, now: datetime, *, station_id: int | None = None
) -> list[Rated]:
    """Bad ratings that wait for an answer, who has waited longest first."""
    statement = _rated().where(
        within(scope, Rating.station_id),
        Rating.level <= BAD,
        RatingAnswer.request_id.is_(None),
        Request.anonymised_at.is_(None),
    )
    if station_id is not None:
        statement = statement.where(Rating.station_id == station_id)
    found = await session.execute(statement.order_by(Rating.at, Rating.request_id).limit(MOST))
    return [_read(row, network, now) for row in found]


async def latest(
    session: AsyncSession,
    network: Network,
    scope: Scope,
    now: datetime,
    *,
    station_id: int | None = None,
    most: int = MOST,
) -> list[Rated]:
    """The last ratings, the newest first."""
    statement = _rated().where(within(scope, Rating.station_id))
    if station_id is not None:
        statement = statement.where(Rating.station_id == station_id)
    found = await session.execute(statement.order_by(Rating.at.desc(), Rating.request_id).limit(most))
    return [_read(row, network, now) for row in found]


async def rated(session: AsyncSession, network: Network, scope: Scope, reference: str, now: datetime) -> Rated:
    """The rating of one request within the scope. Raises RatingUnknown."""
    found = await session.execute(_rated().where(Request.reference == reference, within(scope, Rating.station_id)))
    row = found.one_or_none()
    if row is None:
        raise RatingUnknown
    return _read(row, network, now)


async def figures(session: AsyncSession, network: Network, scope: Scope, since: datetime) -> list[Figures]:
    """By station, those with most open tasks first."""
    values = [Rating.indicators[key].as_integer() for key in INDICATORS]
    bad = Rating.level <= BAD
    unanswered = bad & RatingAnswer.request_id.is_(None) & Request.anonymised_at.is_(None)
    found = await session.execute(
        select(
            Rating.station_id,
            func.count(),
            func.avg(Rating.level),
            func.sum(case((bad, 1), else_=0)),
            func.sum(case((unanswered, 1), else_=0)),
            *(func.avg(value) for value in values),
        )
        .join(Request, Request.id == Rating.request_id)
        .outerjoin(RatingAnswer, RatingAnswer.request_id == Rating.request_id)
        .where(within(scope, Rating.station_id), Rating.at >= since)
        .group_by(Rating.station_id)
    )
    rows = [_figures(row, network) for row in found]
    return sorted(rows, key=lambda row: (-row.open, row.level, row.station.code))


def _figures(row: Row[*tuple[Any, ...]], network: Network) -> Figures:
    station_id, count, level, bad, unanswered, *means = row
    by_key = {key: None if value is None else float(value) for key, value in zip(INDICATORS, means, strict=True)}
    return Figures(network.station_by_id[station_id], count, float(level), bad, unanswered, by_key)


async def calls_of(session: AsyncSession, request_id: UUID) -> Sequence[Call]:
    found = await session.execute(
        select(RatingCall, Person.name)
        .outerjoin(Person, Person.id == RatingCall.person_id)
        .where(RatingCall.request_id == request_id)
        .order_by(RatingCall.n)
    )
    return [Call(call, name or "") for call, name in found]


async def answer_of(session: AsyncSession, request_id: UUID) -> RatingAnswer | None:
    return await session.scalar(select(RatingAnswer).where(RatingAnswer.request_id == request_id))


def of_person(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """The answers to a person's own ratings, for whoever takes their own data along."""
    return (
        select(Request.reference, RatingAnswer.at, RatingAnswer.words)
        .join(Request, Request.id == RatingAnswer.request_id)
        .where(Request.person_id == person_id)
        .order_by(RatingAnswer.at)
    )
