"""What the day before has left behind: a job, so that nobody waits for ever at a hall where nobody is.

A desk that somebody signs in at does the same for its station, wherever no jobs run.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import ClassVar, LiteralString

from app.hall.statements import FORGOTTEN
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.requests.service.rounds import Rounds

AT_ONCE = 500
SEATS_LEFT: LiteralString = """
UPDATE desk_session SET ended_at = %(now)s::timestamptz
WHERE ended_at IS NULL AND started_at < %(midnight)s::timestamptz
RETURNING 1
"""


class Night(Rounds):
    """Ends tickets and desk sessions of days before; any number of processes may do so at once."""

    name: ClassVar[str] = "hall_left_over"

    def __init__(self, database: Database, now: Callable[[], Awaitable[datetime]]) -> None:
        super().__init__()
        self._database = database
        self._now = now

    async def look(self) -> int:
        """How many tickets and sessions that were."""
        now = await self._now()
        today = local_date(now)
        midnight = datetime(today.year, today.month, today.day, tzinfo=LOCAL)
        count = len(await self._database.fetch(SEATS_LEFT, {"now": now, "midnight": midnight}))
        values = {"now": now, "today": today, "station_id": None, "most": AT_ONCE}
        while found := len(await self._database.fetch(FORGOTTEN, values)):
            count += found
            if found < AT_ONCE:
                break
        return count
