"""What runs beside answering: in the process that serves (ONESTOP_JOBS=on), or in one of its own (`onestop worker`).

Any number of processes may run all of them at once: each job sees to it that of several only one does a thing.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

import structlog

from app.config import Settings
from app.coverage.mailing import CoverageView
from app.coverage.sources import Sources
from app.files.store import store_of
from app.hall.turns import Turns
from app.kit import clock
from app.kit.db import Database
from app.kit.outbound import Outbound
from app.kit.sealing import Sealer
from app.ledger.reminding import DueReminders
from app.notify.carriers import Carrier, carrier_of
from app.notify.delivery import Deliverer
from app.notify.letters import Letterhead
from app.notify.relaying.relay import Relay
from app.notify.rules import MAIL, SMS
from app.notify.sms import sms_carrier_of
from app.performance.keeping import Summaries
from app.performance.mailing import PerformanceView
from app.ratings.asking import RatingRounds
from app.reception.unfetched import Unfetched
from app.reports.sending import Reports
from app.reports.views import View
from app.requests.service import DeadlineWatch, DueDates
from app.retention import Keeper
from app.siting.planner import Planner
from app.slots.terms import from_environment as booking_terms
from app.webhooks.sending import Sender

logger = structlog.get_logger(__name__)
CARRIERS: Mapping[str, Callable[[Settings, Relay], Carrier | None]] = {
    MAIL: lambda settings, _relay: carrier_of(settings),
    SMS: sms_carrier_of,
}
"""How what goes by a channel leaves. Another channel is another line here, and a `channel` of its messages."""


class Job(Protocol):
    """Works from `start` until `stop`, which lets what is under way end, within a few seconds."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


def jobs_of(settings: Settings, database: Database, head: Letterhead) -> list[Job]:
    """Every job of the product, in the order in which they start; `head` is that of the letters that they write."""
    terms, relay = booking_terms(settings), Relay()
    return [
        relay,  # first, so that it stops last
        *deliverers(settings, database, relay),
        DueDates(database),
        DeadlineWatch(database, head, clock.now),
        RatingRounds(database, head, clock.now),
        Turns(database, head, clock.now),
        Sender(database, Sealer(settings.secret_key), Outbound(settings.outward), head, clock.now, relay=relay),
        Reports(database, head, clock.now, lambda: report_views(Sources.anew(database, terms, clock.now))),
        DueReminders(database, head, clock.now),
        Unfetched(database, head, clock.now),
        Summaries(database, clock.now),
        Planner(database, terms, clock.now),
        Keeper(database, store_of(settings), clock.now),
    ]


def report_views(sources: Sources) -> tuple[View, ...]:
    """Pages whose figures go by mail. One more is one more line here."""
    return CoverageView(sources), PerformanceView(sources)


def deliverers(settings: Settings, database: Database, relay: Relay) -> list[Deliverer]:
    """Who sends what this process and others write; none where that is left to others or there is no way."""
    ways = {channel: carrier(settings, relay) for channel, carrier in CARRIERS.items()}
    if ways[MAIL] is None:
        logger.warning("mail_waits", reason="ONESTOP_SMTP_URL is not set")
    if settings.mail.deliver == "off":
        return []
    return [Deliverer(database, way, clock.now, channel) for channel, way in ways.items() if way]


@asynccontextmanager
async def running(jobs: Sequence[Job]) -> AsyncIterator[None]:
    """Start them in order; stop them the other way round, all of them, whatever one of them does."""
    async with AsyncExitStack() as stack:
        for job in jobs:
            await job.start()
            stack.push_async_callback(job.stop)
        yield


async def work(settings: Settings, url: str, head: Letterhead) -> None:
    """Run every job on the database until SIGTERM or SIGINT comes."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    database = Database(url, pool_size=settings.database.database_pool_size)
    await database.open()
    try:
        jobs = jobs_of(settings, database, head)
        async with running(jobs):
            logger.info("worker_ready", jobs=[type(job).__name__ for job in jobs])
            await told.wait()
    finally:
        await database.close()
    logger.info("worker_ended")
