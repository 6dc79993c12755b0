"""Whom a change of a station's time concerns. Read in the session's transaction: before the change, and under it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.closing.queries import Booked, booked_in
from app.closing.rules.changes import StationChange, lost
from app.kit.clock import LOCAL, local_date
from app.kit.ticks import tick_time
from app.requests.rules import Action, Party
from app.requests.service.planning import possible
from app.slots.moving import Taken, taken_from
from app.stations.snapshot import Network, StationFacts

FARTHEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who loses their time: those who can be moved, those who are there or under way already, and what is only held."""

    movable: list[Booked]
    begun: list[Booked]
    holds: list[Taken]

    @property
    def references(self) -> frozenset[str]:
        return frozenset(each.reference for each in self.movable)


async def concerned(
    session: AsyncSession,
    network: Network,
    station: StationFacts,
    change: StationChange,
    now: datetime,
    *,
    lock: bool = False,
) -> Concerned:
    """Whom the change would concern; with `lock` nobody else moves or cancels their requests meanwhile."""
    taken = await taken_from(session, station.id, now)
    if not taken:
        return Concerned([], [], [])
    gone = lost(station, change.applied(station), network.calendar, *_days(taken, now))
    touched = [each for each in taken if gone.touches(each.desk_id, each.starts, each.ticks)]
    booked = await booked_in(session, network, touched, lock=lock)
    movable = [each for each in booked if possible(each.view, Action.RESCHEDULE, Party.STATION, now)]
    begun = [each for each in booked if each not in movable]
    return Concerned(movable, begun, [each for each in touched if each.kind == "hold"])


def _days(taken: list[Taken], now: datetime) -> tuple[date, int]:
    """The days of all that is taken, from today on."""
    first = local_date(now)
    last = max(local_date(tick_time(each.starts + each.ticks, LOCAL)) for each in taken)
    return first, min((last - first).days + 1, FARTHEST_DAYS)
