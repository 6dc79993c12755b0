"""The one place that reads the clock; everything else is given the time.

Times are stored and computed in UTC, shown in the network's zone. A process has one network zone: the working
calendar, opening hours and "today" all mean the same place.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


async def now() -> datetime:
    """The current time, aware, in UTC. Doors take it as `Depends(now)`, so that a test can override it.

    A coroutine, as are all small dependencies: a plain function would be sent through a thread on every call.
    """
    return datetime.now(UTC)


def local_date(moment: datetime) -> date:
    """The calendar date of an aware time in the network's zone."""
    return moment.astimezone(LOCAL).date()
