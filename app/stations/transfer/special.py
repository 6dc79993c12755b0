"""What does not merge by a key of its own: parents, weekly hours, closures, days of a notice, and what is missing."""

from dataclasses import replace

from psycopg.sql import SQL, Identifier

from app.stations.transfer.report import Counts
from app.stations.transfer.statements import Connection, count, execute, one_row

PARENTS = SQL("""
    UPDATE station t SET parent_id = p.id
    FROM incoming_station i LEFT JOIN station p ON p.code = i.parent_code
    WHERE t.code = i.code AND t.parent_id IS DISTINCT FROM p.id
""")
PARENTS_MOVED = SQL("""
    SELECT count(*) FROM station t JOIN incoming_station i USING (code) LEFT JOIN station p ON p.code = i.parent_code
    WHERE t.parent_id IS DISTINCT FROM p.id
""")

HOURS_SOURCE = SQL("""
    SELECT i.line, s.id AS station_id, i.iso_weekday, i.opens, i.closes, i.valid_from, i.valid_until
    FROM incoming_hours i JOIN station s ON s.code = i.station_code
""")
SAME_HOURS = SQL("""
    (t.station_id, t.iso_weekday, t.opens, t.closes) = (i.station_id, i.iso_weekday, i.opens, i.closes)
    AND t.valid_from IS NOT DISTINCT FROM i.valid_from AND t.valid_until IS NOT DISTINCT FROM i.valid_until
""")
CLOSURE_SOURCE = SQL("""
    SELECT i.line, s.id AS station_id, d.id AS desk_id, i.starts, i.ends, i.reason_zh, i.reason_en
    FROM incoming_closure i JOIN station s ON s.code = i.station_code
    LEFT JOIN desk d ON d.station_id = s.id AND d.code = i.desk
""")
SAME_CLOSURE = SQL("""
    (t.station_id, t.starts, t.ends) = (i.station_id, i.starts, i.ends) AND t.desk_id IS NOT DISTINCT FROM i.desk_id
""")
OTHER_REASON = SQL("(t.reason_zh, t.reason_en) <> (i.reason_zh, i.reason_en)")


async def set_parents(connection: Connection) -> None:
    """A parent may stand below its children in the file, so parents are set when all are there."""
    if await count(connection, PARENTS_MOVED):
        await execute(connection, PARENTS)


async def merge_hours(connection: Connection) -> Counts:
    """The file says all of the week of a station that it names; weeks of other stations are kept."""
    facts = {"source": HOURS_SOURCE, "same": SAME_HOURS}
    of_named = SQL("t.station_id IN (SELECT s.id FROM incoming_hours i JOIN station s ON s.code = i.station_code)")
    total, unchanged = await one_row(
        connection,
        SQL("SELECT count(*), count(t.id) FROM ({source}) i LEFT JOIN opening_hours t ON {same}").format(**facts),
    )
    gone = SQL("{named} AND NOT EXISTS (SELECT FROM ({source}) i WHERE {same})").format(named=of_named, **facts)
    removed = await count(connection, SQL("SELECT count(*) FROM opening_hours t WHERE {}").format(gone))
    if removed:
        await execute(connection, SQL("DELETE FROM opening_hours t WHERE {}").format(gone))
    if total > unchanged:
        await execute(
            connection,
            SQL("""
                INSERT INTO opening_hours (station_id, iso_weekday, opens, closes, valid_from, valid_until)
                SELECT station_id, iso_weekday, opens, closes, valid_from, valid_until FROM ({source}) i
                WHERE NOT EXISTS (SELECT FROM opening_hours t WHERE {same}) ORDER BY line
            """).format(**facts),
        )
    kept = await count(connection, SQL("SELECT count(*) FROM opening_hours t WHERE NOT {}").format(of_named))
    return Counts(created=total - unchanged, unchanged=unchanged, kept=kept, removed=removed)


async def merge_closures(connection: Connection) -> Counts:
    """By station, desk and time. Closures that only the database has are kept: staff enter them day by day."""
    facts = {"source": CLOSURE_SOURCE, "same": SAME_CLOSURE, "other": OTHER_REASON}
    total, known, changed = await one_row(
        connection,
        SQL("""
            SELECT count(*), count(t.id), count(t.id) FILTER (WHERE {other})
            FROM ({source}) i LEFT JOIN closure t ON {same}
        """).format(**facts),
    )
    if changed:
        await execute(
            connection,
            SQL("""
                UPDATE closure t SET reason_zh = i.reason_zh, reason_en = i.reason_en FROM ({source}) i
                WHERE {same} AND {other}
            """).format(**facts),
        )
    if total > known:
        await execute(
            connection,
            SQL("""
                INSERT INTO closure (station_id, desk_id, starts, ends, reason_zh, reason_en)
                SELECT station_id, desk_id, starts, ends, reason_zh, reason_en FROM ({source}) i
                WHERE NOT EXISTS (SELECT FROM closure t WHERE {same}) ORDER BY line
            """).format(**facts),
        )
    kept = await count(connection, SQL("SELECT count(*) FROM closure")) - total
    return Counts(total - known, changed, known - changed, kept)


async def remove_days(connection: Connection, counts: Counts) -> Counts:
    """The file says all of a year that it names, so a day that its notice no longer has is an ordinary one again."""
    gone = SQL("t.year IN (SELECT year FROM incoming_year) AND t.day NOT IN (SELECT day FROM incoming_day)")
    removed = await count(connection, SQL("SELECT count(*) FROM calendar_day t WHERE {}").format(gone))
    if removed:
        await execute(connection, SQL("DELETE FROM calendar_day t WHERE {}").format(gone))
    return replace(counts, kept=counts.kept - removed, removed=removed)


MISSING = {
    "services": ("service", SQL("NOT EXISTS (SELECT FROM incoming_service i WHERE i.code = t.code)")),
    "stations": ("station", SQL("NOT EXISTS (SELECT FROM incoming_station i WHERE i.code = t.code)")),
    "desks": (
        "desk",
        SQL(
            "NOT EXISTS (SELECT FROM incoming_desk i JOIN station s ON s.code = i.station_code"
            " WHERE s.id = t.station_id AND i.desk = t.code)"
        ),
    ),
}
LOST_CAPABILITIES = SQL("""
    DELETE FROM capability t WHERE NOT EXISTS (
        SELECT FROM incoming_capability i JOIN station s ON s.code = i.station_code
        JOIN service v ON v.code = i.service_code WHERE s.id = t.station_id AND v.id = t.service_id)
""")


async def deactivate_missing(connection: Connection, counts: dict[str, Counts]) -> None:
    """Take stations, desks and services out of use that the files don't name, and withdraw such capabilities."""
    for kind, (table, missing) in MISSING.items():
        statement = SQL("UPDATE {} t SET active = false WHERE active AND {}").format(Identifier(table), missing)
        counts[kind] = _taken(counts[kind], await execute(connection, statement))
    counts["capabilities"] = _taken(counts["capabilities"], await execute(connection, LOST_CAPABILITIES))


def _taken(counts: Counts, removed: int) -> Counts:
    return replace(counts, kept=counts.kept - removed, removed=removed)
