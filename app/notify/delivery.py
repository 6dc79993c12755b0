"""Delivering the outbox: one worker a process, any number of processes.

Every message goes out at least once. A worker leases what it takes (see outbox), so that of many only one sends it;
when a worker dies between the mail server's "250" and the mark that it was sent, the lease ends and the message goes
out a second time, with the same Message-ID. No order of steps avoids that: SMTP and the database share no commit.

Why not a job library: procrastinate was read for it. Its jobs would be a second record of one state (due, attempts,
failed) beside the visible one; it adds 4 tables, 17 functions and 7 triggers that its releases migrate, takes the
database's clock instead of ours, and leaves jobs of a killed worker "doing" until a job of one's own finds them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from traceback import extract_tb

import aiosmtplib
import psycopg
import structlog

from app.kit import tasks
from app.kit.batch import Batcher
from app.kit.db import Database, libpq_url
from app.notify.carriers import Carrier, PostponedError, Send, UndeliverableError, fault
from app.notify.mail import Outgoing
from app.notify.outbox import BATCH, Outbox
from app.notify.rules import CHANNEL, MAIL, MOST_ATTEMPTS

logger = structlog.get_logger(__name__)

POLL_SECONDS = 5.0
WORKING = timedelta(minutes=2)
"""How long a batch is worked on; with the longest single attempt it stays below the lease."""
LANES, WORTH_A_LANE = 4, 5
"""Connections at once, and how many messages one of them is opened for: mail servers like few."""
BROKEN = (aiosmtplib.SMTPException, OSError)
FAREWELL_SECONDS = 5.0

Clock = Callable[[], Awaitable[datetime]]


class Deliverer:
    """Started and stopped with the process. Wakes when something was posted (NOTIFY), and looks every few seconds.

    A batch goes out over a few connections at once. Before each send a message is looked at again (see outbox.HOLD),
    after the server's "250" it is marked, and never before; looks and marks that come together are one statement.
    """

    def __init__(self, database: Database, carrier: Carrier, clock: Clock, channel: str = MAIL) -> None:
        self._url = libpq_url(database.url)
        self._outbox = Outbox(database, channel)
        self._carrier = carrier
        self._clock = clock
        self._holds = Batcher(self._hold)
        self._marks = Batcher(self._mark)
        self._wake = asyncio.Event()
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._stopping = False
        self._tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        """Lets the mails that are on their way arrive, and gives back the rest."""
        self._stopping = True
        self._wake.set()
        if self._tasks:
            await asyncio.wait(self._tasks[:1], timeout=FAREWELL_SECONDS)
        await tasks.end(self._tasks)
        self._tasks = []

    async def deliver(self) -> int:
        """One batch of what is due now; returns how many messages it had."""
        now = await self._clock()
        batch = deque(await self._outbox.claim(now))
        size = len(batch)
        if batch:
            await self._carry(batch, now + WORKING)
        return size

    async def _carry(self, waiting: deque[Outgoing], until: datetime) -> None:
        """By as many lanes as it is worth; a broken way is a failed attempt for all that still wait."""
        lanes = min(LANES, 1 + len(waiting) // WORTH_A_LANE)
        ends = await asyncio.gather(*(self._lane(waiting, until) for _ in range(lanes)), return_exceptions=True)
        errors = [end for end in ends if isinstance(end, BaseException)]
        broken = next((error for error in errors if isinstance(error, BROKEN)), None)
        if broken and waiting:
            held = await asyncio.gather(*map(self._held, waiting))
            for outgoing in filter(None, held):
                await self._failed(outgoing, broken)
        else:
            await self._outbox.release(waiting, await self._clock())
        for error in errors:
            if not isinstance(error, BROKEN):
                raise error

    async def _lane(self, waiting: deque[Outgoing], until: datetime) -> None:
        """One connection, as long as something waits. Raises what broke it, after writing that down for its message."""
        async with self._carrier.open() as send:
            while waiting and not self._stopping and await self._clock() < until:
                outgoing = await self._held(waiting.popleft())
                if outgoing:
                    await self._attempt(send, outgoing)

    async def _held(self, outgoing: Outgoing) -> Outgoing | None:
        """The message with its attempt counted; None for one that was withdrawn, or is somebody else's by now."""
        attempts = await self._holds.get(outgoing)
        return replace(outgoing, attempts=attempts) if attempts else None

    async def _attempt(self, send: Send, outgoing: Outgoing) -> None:
        if outgoing.attempts > MOST_ATTEMPTS:
            await self._bury(outgoing, "the last attempts ended without a word")
            return
        try:
            await send(outgoing, await self._clock())
        except UndeliverableError as error:
            await self._bury(outgoing, str(error))
        except ValueError as error:
            await self._bury(outgoing, fault(error))
        except (aiosmtplib.SMTPResponseException, PostponedError) as error:
            await self._failed(outgoing, error)
        except BROKEN as error:
            await self._failed(outgoing, error)
            raise
        else:
            await self._marks.get(outgoing)
            logger.info("mail_sent", kind=outgoing.kind, message=str(outgoing.id))

    async def _hold(self, batch: Sequence[Outgoing]) -> Mapping[Outgoing, int | None]:
        return await self._outbox.hold(batch, await self._clock())

    async def _mark(self, batch: Sequence[Outgoing]) -> Mapping[Outgoing, None]:
        await self._outbox.sent(batch, await self._clock())
        return dict.fromkeys(batch)

    async def _failed(self, outgoing: Outgoing, error: Exception) -> None:
        if outgoing.attempts >= MOST_ATTEMPTS:
            await self._bury(outgoing, fault(error))
            return
        await self._outbox.postpone(outgoing, await self._clock(), fault(error))
        logger.warning("mail_postponed", kind=outgoing.kind, message=str(outgoing.id), error=fault(error))

    async def _bury(self, outgoing: Outgoing, error: str) -> None:
        await self._outbox.bury(outgoing, await self._clock(), error)
        logger.error("mail_dead", kind=outgoing.kind, message=str(outgoing.id), error=error)

    async def _work(self) -> None:
        while not self._stopping:
            self._wake.clear()
            if await self._deliver_calmly() < BATCH and not self._stopping:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)

    async def _deliver_calmly(self) -> int:
        """Whatever goes wrong, the next round comes; what was claimed is due again when its lease ends."""
        try:
            return await self.deliver()
        except psycopg.Error as error:
            logger.warning("outbox_unreachable", error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - one mail must not end the delivery of all
            # Where, but not its words: they may repeat an address.
            place = extract_tb(error.__traceback__)[-1]
            logger.critical("delivery_failed", error=type(error).__name__, file=place.filename, line=place.lineno)
        return 0

    async def _listen(self) -> None:
        """Wakes the worker; while the database is away, it looks by itself."""
        while True:
            with suppress(psycopg.Error):
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for _notification in connection.notifies():
                        self._wake.set()
            await asyncio.sleep(POLL_SECONDS)
