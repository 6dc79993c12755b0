"""Taking a network in: read and check all files, then merge them, all in one transaction."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from psycopg.sql import SQL, Identifier
from psycopg.types.json import Json

from app.stations.transfer import catalogue_file as catalogue
from app.stations.transfer import other_files as others
from app.stations.transfer.checks import check_files
from app.stations.transfer.documents import CatalogueFile, CountiesFile, WorkdaysFile
from app.stations.transfer.faults import Faults
from app.stations.transfer.jsonfiles import read_document
from app.stations.transfer.merging import MERGES, merge
from app.stations.transfer.reading import Cells, copy_lines, read_sheet
from app.stations.transfer.report import NAMES, Counts, Report
from app.stations.transfer.sheets import SHEETS
from app.stations.transfer.special import deactivate_missing as take_out_of_use
from app.stations.transfer.special import merge_closures, merge_hours, remove_days, set_parents
from app.stations.transfer.statements import Connection, execute

JSON_TABLES = {
    "incoming_category": catalogue.CATEGORY_COLUMNS,
    "incoming_subcategory": catalogue.SUBCATEGORY_COLUMNS,
    "incoming_service": catalogue.SERVICE_COLUMNS,
    "incoming_boundary": others.BOUNDARY_COLUMNS,
    "incoming_year": others.YEAR_COLUMNS,
    "incoming_day": others.DAY_COLUMNS,
}


async def import_network(connection: Connection, folder: Path, *, deactivate_missing: bool = False) -> Report:
    """Take in the files of `folder` (as in `app/data/reference`), all or nothing.

    Rows are recognised by their codes: new ones are created, those that differ changed, others left alone; what only
    the database has is kept, unless `deactivate_missing`. Who is named in a file is in use, unless its column
    `active` says otherwise. Weekly hours of a named station and days of a named year are replaced as a whole.
    Raises ImportRefused with every fault found (the first hundred by place), having changed nothing.
    """
    faults = Faults()
    async with connection.transaction():
        await _make_tables(connection)
        documents = await _read_documents(connection, folder, faults)
        for sheet in SHEETS:
            await _fill(connection, sheet.table, read_sheet(folder, sheet, faults))
        await _analyze(connection)
        await check_files(connection, faults)
        faults.refuse()
        counts = await _merge(connection)
        if deactivate_missing:
            await take_out_of_use(connection, counts)
        await _keep_documents(connection, documents)
        await _drop_tables(connection)
    return Report({kind: counts[kind] for kind in NAMES})


async def _make_tables(connection: Connection) -> None:
    await _drop_tables(connection)
    for sheet in SHEETS:
        columns = SQL(", ").join(SQL("{} " + column.kind).format(Identifier(column.name)) for column in sheet.columns)
        await _make_table(connection, sheet.table, columns.as_string())
    for table, declared in JSON_TABLES.items():
        await _make_table(connection, table, declared)


async def _make_table(connection: Connection, table: str, columns: str) -> None:
    statement = SQL("CREATE TEMP TABLE {} (line integer, {}) ON COMMIT DROP")
    await execute(connection, statement.format(Identifier(table), SQL(columns)))


async def _drop_tables(connection: Connection) -> None:
    tables = [*(sheet.table for sheet in SHEETS), *JSON_TABLES]
    names = SQL(", ").join(Identifier("pg_temp", table) for table in tables)
    await execute(connection, SQL("DROP TABLE IF EXISTS {}").format(names))


async def _analyze(connection: Connection) -> None:
    for sheet in SHEETS:
        await execute(connection, SQL("ANALYZE {}").format(Identifier("pg_temp", sheet.table)))


async def _read_documents(connection: Connection, folder: Path, faults: Faults) -> dict[str, object]:
    """The JSON files into their tables; returned is what they say of themselves, for the export."""
    services = read_document(folder, catalogue.FILE, CatalogueFile, faults)
    counties = read_document(folder, others.COUNTIES, CountiesFile, faults)
    workdays = read_document(folder, others.WORKDAYS, WorkdaysFile, faults)
    about: dict[str, object] = {}
    if services:
        catalogue.check_catalogue(services, faults)
        await _fill(connection, "incoming_category", _numbered(catalogue.category_rows(services)))
        await _fill(connection, "incoming_subcategory", _numbered(catalogue.subcategory_rows(services)))
        await _fill(connection, "incoming_service", _numbered(catalogue.service_rows(services)))
        about[catalogue.FILE] = {"meta": services.parts.meta}
    if counties:
        others.check_counties(counties, faults)
        await _fill(connection, "incoming_boundary", _numbered(others.boundary_rows(counties)))
        about[others.COUNTIES] = {name: value for name, value in counties.raw.items() if name != "features"}
    if workdays:
        others.check_workdays(workdays, faults)
        if faults.clean([others.WORKDAYS]):
            await _fill(connection, "incoming_year", _numbered(others.year_rows(workdays)))
            await _fill(connection, "incoming_day", _numbered(others.day_rows(workdays)))
        about[others.WORKDAYS] = {name: value for name, value in workdays.raw.items() if name != "years"}
    return about


def _numbered(rows: Iterable[Cells]) -> Iterator[tuple[int, Cells]]:
    return enumerate(rows, start=1)


async def _fill(connection: Connection, table: str, rows: Iterator[tuple[int, Cells]]) -> None:
    async with (
        connection.cursor() as cursor,
        cursor.copy(SQL("COPY {} FROM STDIN").format(Identifier("pg_temp", table))) as copy,
    ):
        for block in copy_lines(rows):
            await copy.write(block)


async def _merge(connection: Connection) -> dict[str, Counts]:
    counts: dict[str, Counts] = {}
    for plan in MERGES:
        counts[plan.kind] = await merge(connection, plan)
        if plan.kind == "stations":
            await set_parents(connection)
    counts["hours"] = await merge_hours(connection)
    counts["closures"] = await merge_closures(connection)
    counts["days"] = await remove_days(connection, counts["days"])
    return counts


async def _keep_documents(connection: Connection, documents: dict[str, object]) -> None:
    await connection.execute("UPDATE network_state SET documents = %s", (Json(documents),), prepare=False)
