"""Telling open pages that something has changed: PostgreSQL's NOTIFY to one LISTEN a process, and on to who waits.

    await tell(session, f"request:{id}", f"station:{station_id}")     # in the transaction that changes it
    with live.subscribe({f"request:{id}"}) as changes:
        async for change in changes: ...                              # "look again at these"

An event carries no content and no rights: it says "look again", and whoever looks is asked for rights as ever. So
nothing has to be kept for a reader who is slow or was away: what can have been missed is one more "look again". A
topic is heard on commit, never after a rollback; `kind:*` stands for all topics of a kind.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit import tasks
from app.kit.ids import new_secret

logger = structlog.get_logger(__name__)
CHANNEL = "onestop_live"
ANYTHING = "*"
"""Stands for every topic that somebody waits for: something may have been missed."""
MOST_WAITING = 64
MOST_REMEMBERED = 10_000
CHECK_SECONDS = 20.0
AGAIN_SECONDS = (0.2, 5.0)
TELL = text(f"SELECT pg_notify('{CHANNEL}', topic) FROM unnest(CAST(:topics AS text[])) topic")  # noqa: S608 - ours


async def tell(session: AsyncSession, *topics: str) -> None:
    """Say with the commit of this transaction that these have changed; the same said twice is heard once."""
    await session.execute(TELL, {"topics": sorted(set(topics))})


class LiveEndedError(Exception):
    """The process ends: there is nothing more to wait for."""


@dataclass(frozen=True, slots=True)
class Change:
    """Look again at these topics (or ANYTHING). `id` is where to go on from, for `subscribe(since=…)`."""

    id: str
    topics: frozenset[str]


class Subscription:
    """What one reader waits for. Holds topics, never events: at most MOST_WAITING, then ANYTHING."""

    def __init__(self, live: "Live", topics: frozenset[str]) -> None:
        self.topics = topics
        self._live = live
        self._waiting: set[str] = set()
        self._wake = asyncio.Event()
        self._ended = False

    def put(self, topic: str) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._waiting = {ANYTHING}
        elif ANYTHING not in self._waiting:
            self._waiting = {ANYTHING} if topic == ANYTHING else self._waiting | {topic}
        self._wake.set()

    def end(self) -> None:
        self._ended = True
        self._wake.set()

    async def next(self, seconds: float | None = None) -> Change | None:
        """What has changed since the last time, at once or as soon as something does; None when the time is over.

        Raises LiveEndedError when the process ends.
        """
        if not self._wake.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), seconds)
        if self._ended:
            raise LiveEndedError
        if not self._waiting:
            return None
        change = Change(self._live.mark, frozenset(self._waiting))
        self._waiting = set()
        self._wake.clear()
        return change

    async def __aiter__(self) -> AsyncIterator[Change]:
        while True:
            try:
                change = await self.next()
            except LiveEndedError:
                return
            if change:
                yield change


class Live:
    """One a process: hears all topics, and wakes who waits for them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._readers: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._heard: OrderedDict[str, int] = OrderedDict()
        self._count = 0
        self._forgotten = 0
        self._listening = ""
        self._ending = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._ending = False
        self._task = asyncio.create_task(self._listen(), name="live")

    def end(self) -> None:
        """Every stream ends at once; who subscribes from now on gets nothing."""
        self._ending = True
        for reader in self._all():
            reader.end()

    async def stop(self) -> None:
        self.end()
        if self._task:
            await tasks.end([self._task])
            self._task = None

    @property
    def readers(self) -> int:
        """How many wait at this moment."""
        return len(self._all())

    @property
    def mark(self) -> str:
        """Now: what changes later is missed by nobody who subscribes with it. "" while nothing is heard."""
        return f"{self._listening}.{self._count}" if self._listening else ""

    @contextmanager
    def subscribe(self, topics: Iterable[str], *, since: str | None = None) -> Iterator[Subscription]:
        """Wait for topics. With `since`, a mark of before, what could have been missed is said first."""
        subscription = Subscription(self, frozenset(topics))
        for topic in subscription.topics:
            self._readers[topic].add(subscription)
        if since is not None and self._missed(subscription.topics, since):
            subscription.put(ANYTHING)
        if self._ending:
            subscription.end()
        try:
            yield subscription
        finally:
            for topic in subscription.topics:
                self._readers[topic].discard(subscription)
                if not self._readers[topic]:
                    del self._readers[topic]

    def _all(self) -> set[Subscription]:
        return set().union(*self._readers.values()) if self._readers else set()

    def _missed(self, topics: frozenset[str], since: str) -> bool:
        """Whether one of them may have changed since: yes, where it isn't known (another process, a restart)."""
        listening, _, count = since.partition(".")
        if not self._listening or listening != self._listening or not count.isascii() or not count.isdecimal():
            return True
        known = int(count)
        return known < self._forgotten or any(self._heard.get(topic, 0) > known for topic in topics)

    def hear(self, topic: str) -> None:
        """A topic has changed."""
        self._count += 1
        for name in (topic, f"{topic.partition(':')[0]}:*"):
            self._heard[name] = self._count
            self._heard.move_to_end(name)
            for reader in self._readers.get(name, ()):
                reader.put(topic)
        while len(self._heard) > MOST_REMEMBERED:
            self._forgotten = self._heard.popitem(last=False)[1]

    async def _listen(self) -> None:
        """For as long as the process lives; whenever it could not hear for a while, everybody is to look again."""
        wait = AGAIN_SECONDS[0]
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._begin()
                    wait = AGAIN_SECONDS[0]
                    await self._hear_from(connection)
            except (psycopg.Error, OSError) as error:
                logger.warning("live_interrupted", error=type(error).__name__)
            self._listening = ""
            await asyncio.sleep(wait)
            wait = min(wait * 2, AGAIN_SECONDS[1])

    def _begin(self) -> None:
        self._listening = new_secret(6)
        self._heard.clear()
        self._forgotten = self._count
        for reader in self._all():
            reader.put(ANYTHING)

    async def _hear_from(self, connection: psycopg.AsyncConnection) -> None:
        """Until the connection breaks; when it is quiet, it is asked whether it still stands."""
        while True:
            async for notification in connection.notifies(timeout=CHECK_SECONDS):
                self.hear(notification.payload)
            await connection.execute("SELECT 1")
