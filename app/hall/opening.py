"""Whether a station's counter gives out tickets and calls today: read by its key, for every page that says so."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from app.hall.rules.states import HaltReason
from app.kit.clock import local_date
from app.kit.db import Database
from app.stations.snapshot import StationFacts

OPENING: LiteralString = """
SELECT hall_day.closed_at, closer.name, halted_at, halter.name, halt_reason, halt_words
FROM hall_day LEFT JOIN person closer ON closer.id = closed_by LEFT JOIN person halter ON halter.id = halted_by
WHERE station_id = %(station_id)s::int4 AND day = %(day)s::date
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """Since when, and by whom, nobody new gets a ticket (`closed_at`), or nobody is called either (`halted_at`)."""

    closed_at: datetime | None = None
    closed_by: str | None = None
    halted_at: datetime | None = None
    halted_by: str | None = None
    reason: HaltReason | None = None
    words: str = ""


async def opening_of(database: Database, station: StationFacts, now: datetime) -> Opening:
    """As it is today."""
    rows = await database.fetch(OPENING, {"station_id": station.id, "day": local_date(now)})
    if not rows:
        return Opening()
    closed_at, closed_by, halted_at, halted_by, reason, words = rows[0]
    return Opening(closed_at, closed_by, halted_at, halted_by, HaltReason(reason) if reason else None, words or "")
