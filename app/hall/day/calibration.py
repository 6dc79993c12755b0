"""Whether the waits that people were told first have held, day by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import LiteralString

from app.hall.rules.forecast import COUNTED_FROM_MIN
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.ticks import day_bounds, tick_time
from app.stations.snapshot import StationFacts

DAYS = 30
FEW = 20
"""A share of fewer cases says little."""
GOOD = 0.80, 0.97
"""Between these the share of waits under the P90 is as it should be: below, people wait longer than they are told;
above, they are told to wait longer than they do."""
ROUNDED_MIN = 0.01
# A call that was taken back has not ended a wait; who was told that it is their turn, proves nothing.
HELD: LiteralString = f"""
SELECT (forecast.made_at AT TIME ZONE %(zone)s)::date, count(*)::int4,
    (count(*) FILTER (WHERE waited <= p90_min + {ROUNDED_MIN}))::int4,
    (count(*) FILTER (WHERE waited <= p50_min + {ROUNDED_MIN}))::int4
FROM forecast CROSS JOIN LATERAL (
    SELECT extract(epoch FROM min(event.at) - forecast.made_at) / 60 AS waited FROM ticket_event event
    WHERE event.ticket_id = forecast.ticket_id AND event.station_id = forecast.station_id AND event.action = 'call'
        AND NOT EXISTS (
            SELECT FROM ticket_event back WHERE back.ticket_id = event.ticket_id
                AND back.station_id = event.station_id AND back.n = event.n + 1 AND back.action = 'undo'
        )
) AS call
WHERE forecast.station_id = %(station_id)s::int4 AND forecast.made_at >= %(since)s::timestamptz
    AND forecast.made_at < %(until)s::timestamptz AND p90_min >= {COUNTED_FROM_MIN} AND waited IS NOT NULL
GROUP BY 1 ORDER BY 1 DESC
"""  # noqa: S608 - a number of ours


@dataclass(frozen=True, slots=True)
class Held:
    """Of so many who were told a wait and then called: how many were called within the P90, and within the P50."""

    count: int
    within_p90: int
    within_p50: int

    @property
    def few(self) -> bool:
        return self.count < FEW

    @property
    def p90_share(self) -> float | None:
        return self.within_p90 / self.count if self.count else None

    @property
    def p50_share(self) -> float | None:
        return self.within_p50 / self.count if self.count else None

    @property
    def good(self) -> bool:
        return self.p90_share is not None and GOOD[0] <= self.p90_share <= GOOD[1]


async def held_by_day(database: Database, station: StationFacts, today: date) -> dict[date, Held]:
    """Of the past days up to yesterday, the last one first; those without a case are left out."""
    since, until = (tick_time(day_bounds(day, LOCAL)[0]) for day in (today - timedelta(days=DAYS), today))
    values = {"station_id": station.id, "since": since, "until": until, "zone": LOCAL.key}
    return {day: Held(*counts) for day, *counts in await database.fetch(HELD, values)}


def together(each: Iterable[Held]) -> Held:
    days = list(each)
    return Held(
        sum(day.count for day in days), sum(day.within_p90 for day in days), sum(day.within_p50 for day in days)
    )
