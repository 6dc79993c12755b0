"""Saying how it went: once a request, when all of it is done, by whoever asked for it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import Actor, Object, record
from app.kit.db import WriteSession
from app.kit.live import tell
from app.requests.errors import AlreadyRated, NotDoneYet
from app.requests.models import Rating, RequestEvent
from app.requests.queries import RequestView
from app.requests.rules import FINISHED, Event

RATED_WHEN = FINISHED

NO_INDICATORS: Mapping[str, int] = {}


def ratable(found: RequestView) -> bool:
    """Whether it is done, and still known to somebody."""
    return found.request.status in RATED_WHEN and found.request.anonymised_at is None


async def rating_of(session: AsyncSession, request_id: UUID) -> Rating | None:
    return await session.scalar(select(Rating).where(Rating.request_id == request_id))


async def rate(
    session: WriteSession,
    found: RequestView,
    level: int,
    words: str | None,
    actor: Actor,
    *,
    at: datetime,
    indicators: Mapping[str, int] = NO_INDICATORS,
) -> Rating:
    """The rating, written with the timeline and the record. The words stay out of both: they may name somebody.

    `indicators` are levels by key of rating_words.INDICATORS. Raises NotDoneYet, AlreadyRated.
    """
    request = found.request
    if not ratable(found):
        raise NotDoneYet
    values = {
        "request_id": request.id,
        "station_id": request.station_id,
        "level": level,
        "words": words,
        "indicators": dict(indicators),
        "at": at,
    }
    made = insert(Rating).values(values).on_conflict_do_nothing().returning(Rating)
    rating = (await session.execute(made)).scalar_one_or_none()
    if rating is None:
        raise AlreadyRated
    last = await session.scalar(select(func.max(RequestEvent.n)).where(RequestEvent.request_id == request.id))
    event = RequestEvent(
        request_id=request.id,
        station_id=request.station_id,
        n=(last or 0) + 1,
        at=at,
        kind=Event.RATED,
        data={"level": level},
    )
    session.add(event)
    await session.flush()
    await tell(session, f"request:{request.id}", f"station:{request.station_id}")
    on = Object("request", request.reference, request.station_id, request.organisation_id)
    await record(session, actor, f"request.{Event.RATED}", on, at=at, after={"level": level})
    return rating
