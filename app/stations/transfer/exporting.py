"""Giving a network out as the files that the import reads, byte for byte where nothing was changed."""

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, LiteralString

from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from app.kit.clock import LOCAL
from app.stations.transfer.catalogue_file import FILE as CATALOGUE
from app.stations.transfer.other_files import COUNTIES, WORKDAYS
from app.stations.transfer.sheets import (
    ALIASES,
    CAPABILITIES,
    CLOSURES,
    COUNTY_FACTS,
    DESKS,
    HOURS,
    STATIONS,
    TOWNS,
    Column,
    Sheet,
)
from app.stations.transfer.statements import Connection, count, execute

BATCH = 5000
Row = dict[str, Any]

STATEMENTS: tuple[tuple[Sheet, LiteralString], ...] = (
    (
        COUNTY_FACTS,
        """
        SELECT adcode, name_zh, name_en, population_2020, area_km2, facts->>'source' AS source,
            facts->>'population_later' AS population_later, facts->>'population_later_source' AS population_later_source
        FROM division WHERE facts::jsonb <> '{}' ORDER BY position, adcode
        """,
    ),
    (
        TOWNS,
        """
        SELECT t.code, t.county_adcode, d.name_zh AS county_zh, t.name_zh AS town_zh, t.name_en AS town_en,
            t.unit_type, t.nbs_division, t.lon, t.lat, t.coord_class, t.precision
        FROM town t JOIN division d ON d.adcode = t.county_adcode ORDER BY t.position, t.code
        """,
    ),
    (ALIASES, "SELECT adcode, name_zh, now FROM division_alias ORDER BY adcode"),
    (
        STATIONS,
        """
        SELECT t.code, t.name_zh, t.name_en, t.county_adcode, t.division_code, t.town_code, t.lon, t.lat, t.coord_class,
            t.coord_precision, t.address_zh, t.model, t.level, t.key_industry, p.code AS parent_code, t.provenance,
            t.active
        FROM station t LEFT JOIN station p ON p.id = t.parent_id ORDER BY t.position, t.code
        """,
    ),
    (
        DESKS,
        """
        SELECT s.code AS station_code, t.code AS desk, t.name_zh, t.name_en, t.categories, t.channel, t.active
        FROM desk t JOIN station s ON s.id = t.station_id ORDER BY s.position, s.code, t.code
        """,
    ),
    (
        CAPABILITIES,
        """
        SELECT s.code AS station_code, v.code AS service_code, t.modes, t.designated, t.marks AS mark, t.valid_from,
            t.valid_until
        FROM capability t JOIN station s ON s.id = t.station_id JOIN service v ON v.id = t.service_id
        ORDER BY s.position, s.code, v.position, v.code
        """,
    ),
    (
        HOURS,
        """
        SELECT s.code AS station_code, t.iso_weekday, to_char(t.opens, 'HH24:MI') AS opens,
            to_char(t.closes, 'HH24:MI') AS closes, t.valid_from, t.valid_until
        FROM opening_hours t JOIN station s ON s.id = t.station_id
        ORDER BY s.position, s.code, t.iso_weekday, t.valid_from NULLS FIRST, t.opens
        """,
    ),
    (
        CLOSURES,
        """
        SELECT s.code AS station_code, d.code AS desk, t.starts, t.ends, t.reason_zh, t.reason_en
        FROM closure t JOIN station s ON s.id = t.station_id LEFT JOIN desk d ON d.id = t.desk_id
        ORDER BY s.position, s.code, t.starts, d.code NULLS FIRST
        """,
    ),
)


async def export_network(connection: Connection, folder: Path) -> None:
    """Write the network's files into `folder`, which is made if need be. One state of the database, whatever happens.

    Optional columns are written when some row needs them; optional files when they have rows.
    """
    _make(folder)
    own = connection.info.transaction_status is TransactionStatus.IDLE
    async with connection.transaction():
        if own:  # else the caller's transaction has its level already
            await execute(connection, SQL("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        for sheet, statement in STATEMENTS:
            await _write_sheet(connection, folder, sheet, SQL(statement))
        about = (await _rows(connection, "SELECT documents FROM network_state"))[0]["documents"]
        await _write_catalogue(connection, folder / CATALOGUE, about.get(CATALOGUE, {"meta": {}}))
        await _write_counties(connection, folder / COUNTIES, about.get(COUNTIES, {"type": "FeatureCollection"}))
        await _write_workdays(connection, folder / WORKDAYS, about.get(WORKDAYS, {}))


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


async def _rows(connection: Connection, statement: LiteralString) -> list[Row]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL(statement), prepare=False)
        return await cursor.fetchall()


async def _write_sheet(connection: Connection, folder: Path, sheet: Sheet, statement: SQL) -> None:
    path = folder / sheet.file
    if not sheet.required and not await count(connection, SQL("SELECT count(*) FROM ({}) x").format(statement)):
        path.unlink(missing_ok=True)
        return
    names = [column.name for column in sheet.columns if await _needed(connection, statement, column)]
    columns = SQL(", ").join(map(Identifier, names))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        async with connection.cursor("rows") as cursor:
            await cursor.execute(SQL("SELECT {} FROM ({}) x").format(columns, statement))
            while rows := await cursor.fetchmany(BATCH):
                writer.writerows([_cell(value) for value in row] for row in rows)


async def _needed(connection: Connection, statement: SQL, column: Column) -> bool:
    if column.absent is None:
        return True
    said = SQL("NOT {}" if column.kind == "boolean" else "{} IS NOT NULL").format(Identifier(column.name))
    return bool(await count(connection, SQL("SELECT count(*) FROM ({}) x WHERE {}").format(statement, said)))


def _cell(value: object) -> str:
    """As the import reads it; a float in the fewest digits that give it back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "|".join(value)
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


async def _write_catalogue(connection: Connection, path: Path, about: Row) -> None:
    branches: dict[str, list[Row]] = {}
    for row in await _rows(
        connection, "SELECT category_code, code, name_zh, name_en FROM subcategory ORDER BY position, code"
    ):
        branches.setdefault(row.pop("category_code"), []).append(row)
    categories = []
    for row in await _rows(
        connection, "SELECT code, name_zh, name_en, has_subcategories FROM category ORDER BY position, code"
    ):
        if row.pop("has_subcategories"):
            row["subcategories"] = branches.get(row["code"], [])
        categories.append(row)
    items = [_item(row) for row in await _rows(connection, "SELECT * FROM service ORDER BY position, code")]
    document = {**about, "categories": categories, "items": items}
    _write(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def _item(row: Row) -> Row:
    """A service in the file's own order of names."""
    item = {
        "code": row["code"],
        "category": row["category_code"],
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "keywords_zh": row["keywords_zh"],
        "mode": row["modes"],
        **_pick(row, ("duration_min", "deliverable_zh", "deliverable_en", "inputs", "validity_months", "mandatory")),
        "reference": row["reference"],
        "subcategory": row["subcategory_code"],
        "confidence": row["confidence"],
        **row["notes"],
        **_pick(row, ("source", "designation_required")),
    }
    return item if row["active"] else {**item, "active": False}


async def _write_counties(connection: Connection, path: Path, about: Row) -> None:
    features = []
    for row in await _rows(
        connection,
        """
        SELECT * FROM division WHERE geometry IS NOT NULL OR label_lon IS NOT NULL OR facts::jsonb = '{}'
        ORDER BY position, adcode
        """,
    ):
        properties = _pick(row, ("adcode", "name_zh", "name_en"))
        properties["area_km2"] = None if row["area_km2"] is None else float(row["area_km2"])
        properties |= _pick(row, ("label_lon", "label_lat"))
        features.append({"type": "Feature", "id": row["adcode"], "properties": properties, "geometry": row["geometry"]})
    document = {**about, "features": features}
    _write(path, json.dumps(document, ensure_ascii=False, separators=(",", ":")))


async def _write_workdays(connection: Connection, path: Path, about: Row) -> None:
    days: dict[int, list[Row]] = {}
    for row in await _rows(connection, "SELECT * FROM calendar_day ORDER BY day"):
        days.setdefault(row["year"], []).append(row)
    years = {
        str(row["year"]): _year(row, days.get(row["year"], []))
        for row in await _rows(connection, "SELECT * FROM calendar_year ORDER BY position, year")
    }
    _write(path, json.dumps({**about, "years": years}, ensure_ascii=False, indent=1))


def _year(row: Row, days: Sequence[Row]) -> Row:
    year: Row = {
        "holidays": [_holiday(day) for day in days if day["kind"] == "holiday"],
        "makeup_workdays": [day["day"].isoformat() for day in days if day["kind"] == "makeup"],
    }
    if row["workday_count"] is not None:
        year["workday_count"] = row["workday_count"]
    return {**year, **row["facts"]}


def _holiday(day: Row) -> Row:
    names = {name: day[name] for name in ("name_en", "name_zh") if day[name] is not None}
    return {"date": day["day"].isoformat(), **names}


def _pick(row: Row, names: Sequence[str]) -> Row:
    return {name: row[name] for name in names}
