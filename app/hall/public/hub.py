"""Displays of a process: a thousand of them cost one reading a change, and all get the same bytes.

An event holds everything that a display shows, so it doesn't matter which ones somebody has missed: whoever comes back
is right with the first one. When nothing happens the same is said again from time to time: a browser hears no comments,
and would take a line that is dead for one that is quiet; and what changes without anybody's doing, as the day, is seen.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import psycopg
import structlog
from fastapi.sse import format_sse_event
from psycopg_pool import PoolTimeout

from app.hall.live import topic_of
from app.hall.opening import opening_of
from app.hall.public.state import display_of
from app.hall.queries import board_of
from app.kit.batch import Batcher
from app.kit.db import Database
from app.kit.live import Live, LiveEndedError
from app.kit.problems import TooMany, Unavailable
from app.stations.snapshot import NetworkStore

logger = structlog.get_logger(__name__)
Now = Callable[[], Awaitable[datetime]]
HEARTBEAT_SECONDS, AGAIN_MS = 20.0, 2000
MOST_OPEN = 4_000
"""Streams of displays that a process holds open: at 60 kB each, 240 MB."""
MOST_OF_ONE = 200
"""The same for one address: a station has some displays behind it, a shopping mall or an office some phones."""


class Displays:
    """One for each process. `now` tells the time; with `limited`, one address has MOST_OF_ONE streams."""

    def __init__(self, live: Live, database: Database, networks: NetworkStore, now: Now, *, limited: bool) -> None:
        self._live = live
        self._database = database
        self._networks = networks
        self._now = now
        self._limited = limited
        # One reading at a time for each station: none waits for those of the others.
        self._events: defaultdict[int, Batcher[int, bytes]] = defaultdict(lambda: Batcher(self._load))
        self._kept: dict[int, tuple[float, bytes]] = {}
        self._clients: Counter[str] = Counter()

    @property
    def open(self) -> int:
        """How many streams there are."""
        return self._clients.total()

    async def of(self, station_id: int) -> bytes:
        """The event with everything that the display of a station shows now; asked for at once, it is read once."""
        return await self._events[station_id].get(station_id)

    async def lately(self, station_id: int) -> bytes:
        """The same, as it was half a heartbeat ago at most: streams of a station beat apart, and are read for together.

        Who has subscribed hears of what has changed since.
        """
        at, event = self._kept.get(station_id, (0.0, b""))
        fresh = event and asyncio.get_running_loop().time() - at < HEARTBEAT_SECONDS / 2
        return event if fresh else await self.of(station_id)

    def room(self, client: str) -> None:
        """Raises Unavailable when as many are open as may be, TooMany when one address has too many of them."""
        if self.open >= MOST_OPEN:
            raise Unavailable(retry_after=30)
        if self._limited and self._clients[client] >= MOST_OF_ONE:
            raise TooMany(retry_after=30)

    async def stream(self, station_id: int, client: str) -> AsyncIterator[bytes]:
        """Everything at once, whenever something has changed, and as a heartbeat. Holds no connection."""
        self._clients[client] += 1
        try:
            with self._live.subscribe({topic_of(station_id)}) as changes:
                yield await self.of(station_id)
                while True:
                    change = await changes.next(HEARTBEAT_SECONDS)
                    yield await (self.of(station_id) if change else self.lately(station_id))
        except LiveEndedError:
            return
        except (psycopg.Error, PoolTimeout) as error:
            # Without a database there is nothing right to show: who listens says so, and comes back.
            logger.warning("display_interrupted", error=type(error).__name__)
        finally:
            self._left(client)

    def _left(self, client: str) -> None:
        self._clients[client] -= 1
        if not self._clients[client]:
            del self._clients[client]

    async def _load(self, station_ids: Sequence[int]) -> Mapping[int, bytes]:
        """The mark is taken first: what changes while it is read is told once more. Waits are no matter here."""
        mark, network, now = self._live.mark, await self._networks.current(), await self._now()
        found = {}
        for station_id in station_ids:
            station = network.station_by_id[station_id]
            board, opening = (
                await board_of(self._database, station, now),
                await opening_of(self._database, station, now),
            )
            data = (await display_of(self._database, board, opening)).model_dump_json()
            found[station_id] = format_sse_event(id=mark, retry=AGAIN_MS, data_str=data)
            self._kept[station_id] = asyncio.get_running_loop().time(), found[station_id]
        return found
