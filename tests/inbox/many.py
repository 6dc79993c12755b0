"""Many requests at once: copies of a booked one, each with a state and dates of its own, written straight as rows."""

from datetime import datetime, timedelta

import orjson
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import new_reference
from tests.requests.booking import Json

COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = :name AND is_generated = 'NEVER'"


async def copies(session: AsyncSession, booked: Json, rows: list[Json]) -> list[str]:
    """Copies of the request; each row says what is different. Their references, in order."""
    references = [new_reference("ZT") for _row in rows]
    given = [{"reference": reference, **row} for reference, row in zip(references, rows, strict=True)]
    await session.execute(text(WANTED), {"rows": orjson.dumps(given).decode()})
    for table, own in PARTS.items():
        await _copy(session, table, own, booked["reference"])
    await session.execute(text("DROP TABLE wanted"))
    return references


KINDS = {
    "reference": "text",
    "status": "text",
    "organisation_name": "text",
    "due_at": "timestamptz",
    "created_at": "timestamptz",
    "complaint": "text",
    "mode": "text",
    "later": "int",
}
WANTED = f"""
    CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS
    SELECT gen_random_uuid() AS new_id, gen_random_uuid() AS place, given.*
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given ({", ".join(" ".join(kind) for kind in KINDS.items())})
"""  # noqa: S608 - names of ours
# What a copy has of its own; an absent `later` (ticks) leaves the time as it is, which then isn't active.
PARTS: dict[str, dict[str, str]] = {
    "reservation": {"id": "wanted.place", "starts": "source.starts + coalesce(wanted.later, 0)", "active": "false"},
    "request": {
        "id": "wanted.new_id",
        "reservation_id": "wanted.place",
        "reference": "wanted.reference",
        "status": "coalesce(wanted.status, source.status)",
        "organisation_name": "coalesce(wanted.organisation_name, source.organisation_name)",
        "due_at": "wanted.due_at",
        "created_at": "coalesce(wanted.created_at, source.created_at)",
        "complaint": "wanted.complaint",
        "mode": "coalesce(wanted.mode, source.mode)",
    },
    "request_item": {"request_id": "wanted.new_id", "status": "coalesce(wanted.status, source.status)"},
    "request_event": {"request_id": "wanted.new_id"},
}
SOURCES = {
    "reservation": "id = (SELECT reservation_id FROM request WHERE reference = :reference)",
    "request": "reference = :reference",
    "request_item": "request_id = (SELECT id FROM request WHERE reference = :reference)",
    "request_event": "request_id = (SELECT id FROM request WHERE reference = :reference)",
}


async def _copy(session: AsyncSession, table: str, own: dict[str, str], reference: str) -> None:
    names = list(await session.scalars(text(COLUMNS), {"name": table}))
    values = ", ".join(own.get(name, f"source.{name}") for name in names)
    source = f"(SELECT * FROM {table} WHERE {SOURCES[table]}) source"  # noqa: S608 - tables of ours
    copied = f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM wanted CROSS JOIN {source}"  # noqa: S608
    await session.execute(text(copied), {"reference": reference})


async def more(app: FastAPI, booked: Json, *rows: Json) -> list[str]:
    async with app.state.database.writer() as session:
        references = await copies(session, booked, list(rows))
        await session.commit()
    return references


def in_days(now: datetime, days: float) -> str:
    return (now + timedelta(days=days)).isoformat()
