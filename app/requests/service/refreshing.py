"""Due dates made anew when the working calendar changes: what was provisional becomes certain without anybody's doing.

A due date is stored, because lists are sorted by it, but it follows from the item's clock and the calendar.
"""

from collections.abc import Mapping
from typing import Any, LiteralString

import orjson

from app.kit.db import Database
from app.kit.rounds import Rounds
from app.requests.rules import read
from app.stations.rules import Calendar
from app.stations.snapshot import load_calendar

BATCH = 500
# Items whose clock runs, of requests that go on. The request's own due date follows in the same statement.
CLOCKS: LiteralString = """
SELECT request_id, n, clock, due_at, due_provisional FROM request_item
WHERE clock IS NOT NULL AND clock ->> 'runs_from' IS NOT NULL AND status <> 'cancelled'
    AND (request_id, n) > (%(after)s::uuid, %(after_n)s::int2)
ORDER BY request_id, n LIMIT %(most)s
"""
# Only where the clock is still the one that was read: who takes a step at this moment knows the calendar better.
DUE: LiteralString = """
WITH new AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(ns)s::int2[], %(clocks)s::jsonb[], %(dues)s::timestamptz[],
        %(provisionals)s::bool[]) new (request_id, n, clock, due_at, due_provisional)
), changed AS (
    UPDATE request_item item SET due_at = new.due_at, due_provisional = new.due_provisional
    FROM new WHERE item.request_id = new.request_id AND item.n = new.n AND item.clock = new.clock
    RETURNING item.request_id, item.n, item.due_at, item.due_provisional
), dues AS (
    SELECT request_id, due_at, due_provisional FROM changed
    UNION ALL
    SELECT item.request_id, item.due_at, item.due_provisional FROM request_item item
    WHERE item.request_id IN (SELECT request_id FROM changed) AND item.due_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM changed WHERE changed.request_id = item.request_id AND changed.n = item.n)
), first AS (
    SELECT DISTINCT ON (request_id) request_id, due_at, due_provisional FROM dues ORDER BY request_id, due_at
)
UPDATE request SET due_at = first.due_at, due_provisional = first.due_provisional
FROM first WHERE request.id = first.request_id AND request.complaint IS DISTINCT FROM 'open'
RETURNING request.id
"""
FIRST = "00000000-0000-0000-0000-000000000000"


async def refresh(database: Database, calendar: Calendar) -> int:
    """Make the due dates of all running clocks anew; returns how many were others."""
    after: Mapping[str, Any] = {"after": FIRST, "after_n": 0, "most": BATCH}
    count = 0
    while rows := await database.fetch(CLOCKS, after):
        count += await _refresh(database, calendar, rows)
        after = {"after": rows[-1][0], "after_n": rows[-1][1], "most": BATCH}
    return count


async def _refresh(database: Database, calendar: Calendar, rows: list[tuple[Any, ...]]) -> int:
    others = []
    for request_id, n, clock, due_at, provisional in rows:
        deadline = read(clock)
        due = deadline.due(calendar) if deadline else None
        if due and due != (due_at, provisional):
            others.append((request_id, n, orjson.dumps(clock).decode(), *due))
    if others:
        ids, ns, clocks, dues, provisionals = (list(column) for column in zip(*others, strict=True))
        values = {"ids": ids, "ns": ns, "clocks": clocks, "dues": dues, "provisionals": provisionals}
        await database.fetch(DUE, values)
    return len(others)


class DueDates(Rounds):
    """A job: looks now and then whether the calendar has changed. Several processes may do so at once."""

    name = "due_dates_made_anew"

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._seen: Calendar | None = None

    async def look(self) -> int:
        """Make due dates anew if the calendar isn't the one that was seen last; returns how many changed."""
        calendar = await load_calendar(self._database)
        if calendar == self._seen:
            return 0
        count = await refresh(self._database, calendar)
        self._seen = calendar
        return count
