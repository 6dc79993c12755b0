"""What the files must be to each other, asked of the temporary tables in sets.

A check's statement gives `line`, `value` and the data of its sentence for each row at fault. It is asked only when
the files that it compares have no fault of their own, since else it would find second-hand ones.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Identifier

from app.stations.transfer.faults import MOST_FAULTS, Fault, Faults

STATIONS, TOWNS, COUNTIES, ALIASES = "stations.csv", "towns.csv", "county_facts.csv", "division_aliases.csv"
DESKS, CAPABILITIES, HOURS, CLOSURES = "desks.csv", "capabilities.csv", "hours.csv", "closures.csv"
CATALOGUE, BOUNDARIES = "catalogue.json", "counties.geojson"


@dataclass(frozen=True, slots=True)
class Check:
    """`files[0]` is the one at fault, `column` the one that is shown."""

    code: str
    files: tuple[str, ...]
    column: str
    statement: Composable


def _twice(file: str, table: str, key: tuple[str, ...]) -> Check:
    statement = SQL(
        "SELECT line, {column} AS value, first FROM ("
        "SELECT *, min(line) OVER (PARTITION BY {key}) AS first FROM {table}) x WHERE line > first"
    )
    names = {"column": Identifier(key[-1]), "key": SQL(", ").join(map(Identifier, key)), "table": Identifier(table)}
    return Check("twice", (file,), key[-1], statement.format(**names))


def _unknown(code: str, file: str, table: str, column: str, known: tuple[str, SQL, tuple[str, ...]]) -> Check:
    known_file, select, more = known
    statement = SQL(
        "SELECT i.line, i.{column} AS value FROM {table} i"
        " WHERE i.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM ({known}) k (code) WHERE k.code = i.{column})"
    ).format(column=Identifier(column), table=Identifier(table), known=select)
    return Check(code, (file, known_file, *more), column, statement)


COUNTY = (COUNTIES, SQL("SELECT adcode FROM incoming_county UNION SELECT adcode FROM incoming_boundary"), (BOUNDARIES,))
TOWN = (TOWNS, SQL("SELECT code FROM incoming_town"), ())
STATION = (STATIONS, SQL("SELECT code FROM incoming_station"), ())
SERVICE = (CATALOGUE, SQL("SELECT code FROM incoming_service"), ())

CHECKS = (
    _twice(COUNTIES, "incoming_county", ("adcode",)),
    Check("county_name", (COUNTIES, BOUNDARIES), "name_zh", SQL("""
        SELECT i.line, i.name_zh || ' ' || i.name_en AS value, i.adcode, b.name_zh || ' ' || b.name_en AS known
        FROM incoming_county i JOIN incoming_boundary b USING (adcode)
        WHERE (i.name_zh, i.name_en) <> (b.name_zh, b.name_en)""")),
    Check("county_area", (COUNTIES, BOUNDARIES), "area_km2", SQL("""
        SELECT i.line, i.area_km2 AS value, b.area_km2 AS known
        FROM incoming_county i JOIN incoming_boundary b USING (adcode) WHERE i.area_km2 <> b.area_km2""")),
    _twice(TOWNS, "incoming_town", ("code",)),
    _unknown("county_unknown", TOWNS, "incoming_town", "county_adcode", COUNTY),
    Check("county_name", (TOWNS, COUNTIES, BOUNDARIES), "county_zh", SQL("""
        SELECT i.line, i.county_zh AS value, i.county_adcode AS adcode, c.name_zh AS known FROM incoming_town i
        JOIN (SELECT adcode, name_zh FROM incoming_county UNION SELECT adcode, name_zh FROM incoming_boundary) c
          ON c.adcode = i.county_adcode
        WHERE i.county_zh <> c.name_zh""")),
    _twice(ALIASES, "incoming_alias", ("adcode",)),
    _unknown("county_unknown", ALIASES, "incoming_alias", "now", COUNTY),
    Check("county_current", (ALIASES, COUNTIES, BOUNDARIES), "adcode", SQL("""
        SELECT line, adcode AS value FROM incoming_alias WHERE adcode IN (
            SELECT adcode FROM incoming_county UNION SELECT adcode FROM incoming_boundary)""")),
    _twice(STATIONS, "incoming_station", ("code",)),
    _unknown("county_unknown", STATIONS, "incoming_station", "county_adcode", COUNTY),
    _unknown("town_unknown", STATIONS, "incoming_station", "town_code", TOWN),
    Check("town_county", (STATIONS, TOWNS), "county_adcode", SQL("""
        SELECT i.line, i.county_adcode AS value, t.county_adcode AS known
        FROM incoming_station i JOIN incoming_town t ON t.code = i.town_code
        WHERE t.county_adcode <> i.county_adcode AND i.county_adcode IN (
            SELECT adcode FROM incoming_county UNION SELECT adcode FROM incoming_boundary)""")),
    _unknown("parent_unknown", STATIONS, "incoming_station", "parent_code", STATION),
    Check("parent_cycle", (STATIONS, STATIONS), "parent_code", SQL("""
        WITH RECURSIVE up (line, start, at) AS (
            SELECT line, code, parent_code FROM incoming_station WHERE parent_code IS NOT NULL
            UNION
            SELECT up.line, up.start, s.parent_code FROM up JOIN incoming_station s ON s.code = up.at
            WHERE up.at <> up.start AND s.parent_code IS NOT NULL)
        SELECT up.line, i.parent_code AS value FROM up JOIN incoming_station i USING (line) WHERE at = start""")),
    _twice(DESKS, "incoming_desk", ("station_code", "desk")),
    _unknown("station_unknown", DESKS, "incoming_desk", "station_code", STATION),
    Check("category_unknown", (DESKS, CATALOGUE), "categories", SQL("""
        SELECT DISTINCT line, category AS value, category,
            (SELECT string_agg(code, ', ' ORDER BY line) FROM incoming_category) AS known
        FROM incoming_desk CROSS JOIN unnest(categories) category
        WHERE category NOT IN (SELECT code FROM incoming_category)""")),
    _twice(CAPABILITIES, "incoming_capability", ("station_code", "service_code")),
    _unknown("station_unknown", CAPABILITIES, "incoming_capability", "station_code", STATION),
    _unknown("service_unknown", CAPABILITIES, "incoming_capability", "service_code", SERVICE),
    Check("mode_not_offered", (CAPABILITIES, CATALOGUE), "modes", SQL("""
        SELECT i.line, array_to_string(i.modes, '|') AS value, array_to_string(s.modes, ', ') AS offered
        FROM incoming_capability i JOIN incoming_service s ON s.code = i.service_code
        WHERE NOT i.modes <@ s.modes""")),
    Check("dates_order", (CAPABILITIES,), "valid_from", SQL("""
        SELECT line, valid_from AS value, valid_until AS until FROM incoming_capability
        WHERE valid_from > valid_until""")),
    _unknown("station_unknown", HOURS, "incoming_hours", "station_code", STATION),
    Check("hours_order", (HOURS,), "opens", SQL("""
        SELECT line, to_char(opens, 'HH24:MI') AS value, to_char(closes, 'HH24:MI') AS closes
        FROM incoming_hours WHERE opens >= closes""")),
    Check("dates_order", (HOURS,), "valid_from", SQL("""
        SELECT line, valid_from AS value, valid_until AS until FROM incoming_hours
        WHERE valid_from > valid_until""")),
    Check("hours_overlap", (HOURS,), "opens", SQL("""
        SELECT b.line, to_char(b.opens, 'HH24:MI') || '-' || to_char(b.closes, 'HH24:MI') AS value,
            min(a.line) AS first
        FROM incoming_hours a JOIN incoming_hours b USING (station_code, iso_weekday)
        WHERE a.line < b.line AND a.opens < b.closes AND b.opens < a.closes
          AND coalesce(a.valid_from, '-infinity') <= coalesce(b.valid_until, 'infinity')
          AND coalesce(b.valid_from, '-infinity') <= coalesce(a.valid_until, 'infinity')
        GROUP BY b.line, b.opens, b.closes""")),
    _twice(CLOSURES, "incoming_closure", ("station_code", "desk", "ends", "starts")),
    _unknown("station_unknown", CLOSURES, "incoming_closure", "station_code", STATION),
    Check("desk_unknown", (CLOSURES, STATIONS, DESKS), "desk", SQL("""
        SELECT line, desk AS value FROM incoming_closure c WHERE desk IS NOT NULL AND NOT EXISTS (
            SELECT FROM incoming_desk d WHERE d.station_code = c.station_code AND d.desk = c.desk)""")),
    Check("closure_order", (CLOSURES,), "starts", SQL("""
        SELECT line, starts AS value, ends FROM incoming_closure WHERE starts >= ends""")),
)  # fmt: skip


async def check_files(connection: AsyncConnection[Any], faults: Faults) -> None:
    """Run every check whose own file could be read as a whole and whose other files are not broken."""
    readable = [check for check in CHECKS if faults.clean(check.files)]
    async with connection.cursor(row_factory=dict_row) as cursor:
        for check in readable:
            if not faults.clean(check.files[1:]):
                continue
            statement = SQL("{} ORDER BY line LIMIT {}").format(check.statement, MOST_FAULTS)
            await cursor.execute(statement, prepare=False)
            for row in await cursor.fetchall():
                line, value = row.pop("line"), str(row.pop("value"))
                fault = Fault(check.files[0], line, check.column, value, check.code, row)
                faults.add(fault, breaks=check.code == "twice")
