"""Telling people by mail that it is soon their turn, and ending the day: a job beside answering.

It hears what the counters tell their boards, so calling is none the slower for it, and looks once a minute besides:
some turns come with time alone. Any number of processes may do so: a mail's key names the ticket, so of all that write
it one does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import LiteralString
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError

from app.hall.ending import end_all
from app.hall.live import topic_of
from app.hall.rules.soon import SOON
from app.hall.words import number_of
from app.kit import tasks
from app.kit.clock import local_date
from app.kit.db import Database, libpq_url
from app.kit.i18n import gettext as _
from app.kit.i18n import tr, use_locale
from app.kit.live import Live, LiveEndedError
from app.notify.letters import Letter, Letterhead
from app.notify.service import post_all
from app.notify.statements import Mail
from app.stations.snapshot import Network, load_network

logger = structlog.get_logger(__name__)
Now = Callable[[], Awaitable[datetime]]
KIND = "hall.soon"
GATHER_SECONDS, EVERY_SECONDS = 0.5, 60.0
WORTH_TELLING = timedelta(minutes=20)
# Whoever came to a queue as short as that has seen it: told is who waits while it has moved on. Ordered as CALL_NEXT.
NEAR: LiteralString = f"""
WITH queue AS (
    SELECT id, station_id, letter, number, language, request_id, issued_at, row_number() OVER (
        PARTITION BY station_id ORDER BY first_from > %(now)s::timestamptz, rank_at, number) - 1 AS before
    FROM ticket
    WHERE day = %(day)s::date AND state = 'waiting'
        AND (%(stations)s::int4[] IS NULL OR station_id = ANY (%(stations)s::int4[]))
)
SELECT queue.id, queue.station_id, letter, number, before::int4,
    coalesce(turn_mail.email, request.email), coalesce(turn_mail.language, queue.language)
FROM queue LEFT JOIN turn_mail ON ticket_id = queue.id
LEFT JOIN request ON request.id = request_id AND request.station_id = queue.station_id
WHERE before <= {SOON} AND coalesce(turn_mail.email, request.email) IS NOT NULL
    AND NOT EXISTS (SELECT FROM message WHERE key = '{KIND}:' || queue.id)
    AND EXISTS (
        SELECT FROM ticket t WHERE t.station_id = queue.station_id AND t.day = %(day)s::date
            AND greatest(t.called_at, t.ended_at) > queue.issued_at
    )
ORDER BY queue.station_id, before
"""  # noqa: S608 - words of ours


@dataclass(frozen=True, slots=True)
class Near:
    """A ticket with few before it, whose holder wants to be told."""

    id: UUID
    station_id: int
    letter: str
    number: int
    before: int
    email: str
    language: str


def letter_of(near: Near, network: Network) -> Letter:
    """In the language of the moment."""
    number, station = number_of(near.letter, near.number), tr(network.station_by_id[near.station_id], "name")
    if near.before:
        how = _("{station}: people before you with ticket {number}: {before}. Please come near the desks.")
    else:
        how = _("{station}: you are next with ticket {number}. Please come near the desks.")
    return Letter(
        subject=_("Ticket {number}: it is your turn soon").format(number=number),
        paragraphs=[how.format(station=station, number=number, before=near.before)],
        link=f"/t/{near.id}",
        closing=_("The page shows where you stand and the desk to which you are called."),
    )


class Turns:
    """The job. One for each process that runs jobs."""

    def __init__(self, database: Database, head: Letterhead, now: Now) -> None:
        self._database = database
        self._head = head
        self._now = now
        self._live = Live(libpq_url(database.url))
        self._task: asyncio.Task[None] | None = None
        self._ended: date | None = None

    async def start(self) -> None:
        self._live.start()
        self._task = asyncio.create_task(self._listen(), name="turns")

    async def stop(self) -> None:
        await self._live.stop()
        if self._task:
            await tasks.end([self._task])

    async def _listen(self) -> None:
        """What changes at once is looked at together; a database that is away is waited for."""
        with self._live.subscribe({topic_of("*")}) as changes, suppress(LiveEndedError):
            topics: frozenset[str] | None = None
            while True:
                try:
                    await self.look(topics)
                except (psycopg.Error, PoolTimeout, DBAPIError) as error:
                    logger.warning("job_waits", job="turns", error=type(error).__name__)
                change = await changes.next(EVERY_SECONDS)
                topics = change.topics if change else None
                await asyncio.sleep(GATHER_SECONDS)

    async def look(self, topics: Iterable[str] | None = None) -> int:
        """Write to whom it is time to, at the stations of these topics or all; how many mails that were.

        On the first look of a day the days before are ended.
        """
        now = await self._now()
        day = local_date(now)
        if self._ended != day:
            await end_all(self._database, now)
            self._ended = day
        values = {"now": now, "day": day, "stations": stations_in(topics)}
        near = [Near(*row) for row in await self._database.fetch(NEAR, values)]
        return await self._tell(near, now) if near else 0

    async def _tell(self, near: Iterable[Near], now: datetime) -> int:
        network = await load_network(self._database)
        async with self._database.writer() as session:
            posted = await post_all(session, [self._mail(each, network, now) for each in near])
            await session.commit()
        logger.info("turns_told", count=len(posted))
        return len(posted)

    def _mail(self, near: Near, network: Network, now: datetime) -> Mail:
        with use_locale(near.language):
            letter = letter_of(near, network)
            return Mail(
                kind=KIND,
                key=f"{KIND}:{near.id}",
                to=near.email,
                subject=letter.subject,
                text=letter.text(self._head),
                at=now,
                expires=now + WORTH_TELLING,
                station_id=near.station_id,
            )


def stations_in(topics: Iterable[str] | None) -> list[int] | None:
    """The ids of the stations that topics name; None for all, when one of them isn't a station's."""
    if topics is None:
        return None
    found = [topic.partition(":")[2] for topic in topics]
    return [int(each) for each in found] if all(each.isdecimal() for each in found) else None
