"""Displays of a process: a thousand of them cost one reading a change, and all get the same bytes.

An event holds everything that a display shows, so it doesn't matter which ones somebody has missed: whoever comes back
is right with the first one.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from app.hall.live import topic_of
from app.hall.public.state import display_of
from app.hall.waits import Counters
from app.kit import clock
from app.kit.batch import Batcher
from app.kit.live import Live, LiveEndedError
from app.kit.problems import Unavailable
from app.stations.snapshot import NetworkStore

HEARTBEAT_SECONDS, AGAIN_MS = 20.0, 2000
MOST_OPEN = 4_000
"""Streams of displays that a process holds open: at 60 kB each, 240 MB."""


class Displays:
    """One for each process. `open` is how many streams there are."""

    def __init__(self, live: Live, counters: Counters, networks: NetworkStore) -> None:
        self._live = live
        self._counters = counters
        self._networks = networks
        self._events = Batcher(self._load)
        self.open = 0
        self._ahead = timedelta()

    async def of(self, station_id: int) -> bytes:
        """The event with everything that the display of a station shows now; asked for at once, it is read once."""
        return await self._events.get(station_id)

    def room(self) -> None:
        """Raises Unavailable when as many are open as may be."""
        if self.open >= MOST_OPEN:
            raise Unavailable(retry_after=30)

    async def stream(self, station_id: int, now: datetime) -> AsyncIterator[bytes]:
        """Everything at once, and again whenever something has changed; comments in between. Holds no connection.

        `now` is the time by the caller's clock, which may be another than ours.
        """
        self.open += 1
        self._ahead = now - await clock.now()
        try:
            with self._live.subscribe({topic_of(station_id)}) as changes:
                yield await self.of(station_id)
                while True:
                    change = await changes.next(HEARTBEAT_SECONDS)
                    yield await self.of(station_id) if change else KEEPALIVE_COMMENT
        except LiveEndedError:
            return
        finally:
            self.open -= 1

    async def _load(self, station_ids: Sequence[int]) -> Mapping[int, bytes]:
        """The mark is taken first: what changes while it is read is told once more."""
        mark, network, now = self._live.mark, await self._networks.current(), await clock.now() + self._ahead
        found = {}
        for station_id in station_ids:
            standing = await self._counters.of(network.station_by_id[station_id], network, now)
            data = display_of(standing).model_dump_json()
            found[station_id] = format_sse_event(id=mark, retry=AGAIN_MS, data_str=data)
        return found
