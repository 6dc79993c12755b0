"""Making and revoking feeds. A feed may be made by whoever has signed in; what it shows is decided at every look."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller, Permission
from app.audit.service import Object, record
from app.feeds.errors import FeedInUse
from app.feeds.models import CalendarFeed
from app.kit.db import violated
from app.kit.ids import hash_secret, new_id, new_secret
from app.kit.problems import Forbidden, NotFound
from app.stations.snapshot import StationFacts

IN_USE = "calendar_feed_in_use_key"


async def make(session: AsyncSession, caller: Caller, station: StationFacts | None, now: datetime) -> str:
    """A new feed of a station, or (None) of one's own appointments; its secret, which is shown to nobody again.

    Raises Forbidden for a station whose requests the caller may not read, FeedInUse.
    """
    person_id = _manager(caller)
    if station and not caller.scope(Permission.REQUESTS_READ).reaches(station.id, station.county_adcode):
        raise Forbidden
    return await _make(session, caller, person_id, station.id if station else None, now)


async def make_anew(session: AsyncSession, caller: Caller, feed_id: UUID, now: datetime) -> str:
    """Another address for one of one's own feeds, whose old one ends with it; the new secret.

    Raises NotFound, also for one that somebody has just revoked or made anew.
    """
    revoked = await _revoke(session, caller, feed_id, now)
    if revoked is None:
        raise NotFound
    return await _make(session, caller, revoked.person_id, revoked.station_id, now)


async def revoke(session: AsyncSession, caller: Caller, feed_id: UUID, now: datetime) -> None:
    """End one of one's own feeds at once; one that has ended stays so. Raises NotFound."""
    if await _revoke(session, caller, feed_id, now) is None:
        found = await session.get(CalendarFeed, feed_id)
        if found is None or found.person_id != caller.person_id:
            raise NotFound


async def revoke_all(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """End every feed of somebody whose account is closed. The caller records it."""
    theirs = CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None)
    await session.execute(
        update(CalendarFeed).where(*theirs).values(revoked_at=now), execution_options={"synchronize_session": False}
    )


async def _make(session: AsyncSession, caller: Caller, person_id: UUID, station_id: int | None, now: datetime) -> str:
    secret = new_secret()
    feed = CalendarFeed(
        id=new_id(), person_id=person_id, station_id=station_id, token_hash=hash_secret(secret), created_at=now
    )
    try:
        async with session.begin_nested():
            session.add(feed)
    except IntegrityError as error:
        if violated(error) == IN_USE:
            raise FeedInUse from error
        raise
    await record(session, caller.actor, "feed.made", _object(feed), at=now)
    return secret


async def _revoke(session: AsyncSession, caller: Caller, feed_id: UUID, now: datetime) -> CalendarFeed | None:
    """The feed, if it was in use until now; of two at once one finds it."""
    mine = CalendarFeed.id == feed_id, CalendarFeed.person_id == _manager(caller), CalendarFeed.revoked_at.is_(None)
    ended = update(CalendarFeed).where(*mine).values(revoked_at=now).returning(CalendarFeed)
    feed: CalendarFeed | None = await session.scalar(ended)
    if feed:
        await record(session, caller.actor, "feed.revoked", _object(feed), at=now)
    return feed


def _object(feed: CalendarFeed) -> Object:
    return Object("feed", str(feed.id), feed.station_id)


def _manager(caller: Caller) -> UUID:
    """Whose feeds they are. Raises Forbidden for a program with a key."""
    if caller.person_id is None or caller.kind == "key":
        raise Forbidden
    return caller.person_id
