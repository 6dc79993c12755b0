"""Networks as files: what an import reports and leaves, and what an export writes."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from app.kit.i18n import use_locale
from app.stations.transfer import Counts, ImportRefused, export_network, import_network
from tests.stations.transfer_files import REFERENCE, change, files_of, reference_copy

Connection = AsyncConnection[TupleRow]


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    """On the loaded reference network; whatever a test does is rolled back."""
    connecting = await psycopg.AsyncConnection.connect(database_url)
    async with connecting as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return reference_copy(tmp_path)


async def ask(connection: Connection, statement: str) -> object:
    row = await (await connection.execute(statement)).fetchone()
    assert row is not None
    return row[0]


async def clear(connection: Connection) -> None:
    await connection.execute("TRUNCATE category, division, station, service, calendar_year CASCADE")


async def test_an_empty_database_gets_everything(connection: Connection) -> None:
    await clear(connection)
    report = await import_network(connection, REFERENCE)
    assert {kind: counts.created for kind, counts in report.counts.items()} == {
        "divisions": 7,
        "division_aliases": 3,
        "towns": 79,
        "categories": 6,
        "subcategories": 11,
        "services": 193,
        "stations": 79,
        "desks": 210,
        "capabilities": 3486,
        "hours": 818,
        "closures": 0,
        "years": 8,
        "days": 290,
    }
    assert report.total() == Counts(created=5190)


async def test_an_export_has_the_very_bytes_of_the_import(connection: Connection, tmp_path: Path) -> None:
    await clear(connection)
    await import_network(connection, REFERENCE)
    await export_network(connection, tmp_path)
    files = files_of(REFERENCE)
    assert files_of(tmp_path) == files
    for name in files:
        assert (tmp_path / name).read_bytes() == (REFERENCE / name).read_bytes(), name


async def test_importing_again_changes_nothing_and_makes_no_new_version(connection: Connection) -> None:
    before = await ask(connection, "SELECT version FROM network_state")
    report = await import_network(connection, REFERENCE)
    assert report.total() == Counts(unchanged=5190)
    assert await ask(connection, "SELECT version FROM network_state") == before


@pytest.mark.parametrize(
    "case",
    [
        ("stations.csv", "张家山街道质量基础设施一站式服务站", "张家山质量服务站", "stations"),
        ("stations.csv", "WH-JH-01,\"reference", "WH-JH-03,\"reference", "stations"),
        ("catalogue.json", "通用卡尺检定/校准", "卡尺检定", "services"),
        ("catalogue.json", '"min": 1', '"min": 2', "services"),
        ("capabilities.csv", "2030-03-28", "2031-03-28", "capabilities"),
        ("desks.csv", "1号窗口", "综合窗口", "desks"),
        ("towns.csv", "118.46263", "118.5", "towns"),
        ("county_facts.csv", "488000", "489000", "divisions"),
        ("workdays.json", "Spring Festival", "Chinese New Year", "days"),
        ("division_aliases.csv", "三山区", "三山区(旧)", "division_aliases"),
    ],
)  # fmt: skip
async def test_one_changed_value_is_reported_as_one_change(
    connection: Connection, folder: Path, case: tuple[str, str, str, str]
) -> None:
    file, old, new, kind = case
    change(folder, file, old, new)
    report = await import_network(connection, folder)
    changed = {name: counts.changed for name, counts in report.counts.items() if counts.changed or counts.created}
    assert changed == {kind: 1}


async def test_a_row_put_in_between_is_one_creation_and_keeps_its_place(
    connection: Connection, folder: Path, tmp_path: Path
) -> None:
    change(folder, "desks.csv", "WH-JH-01,02,", "WH-JH-01,015,半号窗口,Desk ½,metrology,public\nWH-JH-01,02,")
    change(folder, "stations.csv", "WH-JH-02,", _station("WH-JH-99") + "WH-JH-02,")
    report = await import_network(connection, folder)
    assert report.counts["stations"] == Counts(created=1, unchanged=79)
    assert report.counts["desks"] == Counts(created=1, unchanged=210)
    await export_network(connection, tmp_path / "out")
    assert (tmp_path / "out" / "stations.csv").read_bytes() == (folder / "stations.csv").read_bytes()
    assert (tmp_path / "out" / "desks.csv").read_bytes() == (folder / "desks.csv").read_bytes()


def _station(code: str) -> str:
    return (
        f"{code},新站,New station,340202,340202,340202012,118.4,31.3,surveyed,,,park,workstation,,WH-JH-01,"
        "test network\n"
    )


async def test_a_parent_may_stand_below_its_child(connection: Connection, folder: Path) -> None:
    child = _station("WH-AA-01").replace("WH-JH-01,test", "WH-ZZ-01,test")
    change(folder, "stations.csv", "WH-JH-01,张", child + "WH-JH-01,张")
    change(folder, "stations.csv", "WH-WW-21,", _station("WH-ZZ-01") + "WH-WW-21,")
    await import_network(connection, folder)
    parent = "SELECT p.code FROM station s JOIN station p ON p.id = s.parent_id WHERE s.code = 'WH-AA-01'"
    assert await ask(connection, parent) == "WH-ZZ-01"


async def test_what_the_files_no_longer_name_is_kept(connection: Connection, folder: Path) -> None:
    _remove_station(folder, "WH-WW-21")
    report = await import_network(connection, folder)
    assert report.counts["stations"] == Counts(unchanged=78, kept=1)
    assert report.counts["desks"].kept == 2
    assert report.counts["hours"].kept > 0
    assert await ask(connection, "SELECT active FROM station WHERE code = 'WH-WW-21'") is True


async def test_what_the_files_no_longer_name_is_taken_out_of_use_when_asked(
    connection: Connection, folder: Path
) -> None:
    _remove_station(folder, "WH-WW-21")
    report = await import_network(connection, folder, deactivate_missing=True)
    assert report.counts["stations"] == Counts(unchanged=78, removed=1)
    assert report.counts["desks"].removed == 2
    assert report.counts["capabilities"].removed > 0
    assert await ask(connection, "SELECT active FROM station WHERE code = 'WH-WW-21'") is False
    again = await import_network(connection, REFERENCE)
    assert again.counts["stations"] == Counts(changed=1, unchanged=78)
    assert await ask(connection, "SELECT active FROM station WHERE code = 'WH-WW-21'") is True


def _remove_station(folder: Path, code: str) -> None:
    for name in ("stations.csv", "desks.csv", "capabilities.csv", "hours.csv"):
        lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
        (folder / name).write_text("".join(line for line in lines if not line.startswith(f"{code},")), "utf-8")


async def test_the_week_of_a_named_station_is_replaced_as_a_whole(connection: Connection, folder: Path) -> None:
    change(folder, "hours.csv", "WH-JH-01,1,08:30,12:00", "WH-JH-01,1,09:00,12:00")
    report = await import_network(connection, folder)
    assert report.counts["hours"] == Counts(created=1, unchanged=817, removed=1)
    mondays = """
        SELECT array_agg(opens::text ORDER BY opens) FROM opening_hours h JOIN station s ON s.id = h.station_id
        WHERE s.code = 'WH-JH-01' AND iso_weekday = 1
    """
    assert await ask(connection, mondays) == ["09:00:00", "14:00:00"]


async def test_a_day_that_a_notice_no_longer_has_is_an_ordinary_one_again(connection: Connection, folder: Path) -> None:
    change(folder, "workdays.json", '    "2026-10-10"\n', "")
    change(folder, "workdays.json", '"2026-09-20",', '"2026-09-20"')
    text = (folder / "workdays.json").read_text("utf-8")
    head, year = text.split('"2026": {')
    (folder / "workdays.json").write_text(head + '"2026": {' + year.replace("248", "247"), "utf-8")
    report = await import_network(connection, folder)
    assert report.counts["days"] == Counts(unchanged=289, removed=1)
    assert report.counts["years"] == Counts(changed=1, unchanged=7)


async def test_columns_that_only_some_networks_need_come_back_as_they_went(
    connection: Connection, folder: Path, tmp_path: Path
) -> None:
    add_columns(folder / "stations.csv", "active", "true")
    add_columns(folder / "desks.csv", "active", "true")
    add_columns(folder / "hours.csv", "valid_from,valid_until", "2026-01-01,2027-12-31")
    change(folder, "stations.csv", ",true", ",false")
    change(folder, "desks.csv", "public,true", "public,false")
    (folder / "closures.csv").write_text(
        "station_code,desk,starts,ends,reason_zh,reason_en\n"
        "WH-JH-01,,2026-12-10T00:00:00+08:00,2026-12-11T00:00:00+08:00,停电,Power cut\n"
        "WH-JH-01,02,2026-12-12T09:00:00+08:00,2026-12-12T10:00:00+08:00,设备检修,Maintenance\n",
        "utf-8",
    )
    report = await import_network(connection, folder)
    assert report.counts["closures"] == Counts(created=2)
    await export_network(connection, tmp_path / "out")
    for name in ("stations.csv", "desks.csv", "hours.csv", "closures.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (folder / name).read_bytes(), name
    assert (await import_network(connection, folder)).total().changed == 0


def add_columns(path: Path, names: str, cells: str) -> None:
    head, *rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{head},{names}", *(f"{row},{cells}" for row in rows)]) + "\n", "utf-8")


async def test_an_export_leaves_no_older_closures_behind(connection: Connection, tmp_path: Path) -> None:
    (tmp_path / "closures.csv").write_text("of another day", "utf-8")
    await export_network(connection, tmp_path)
    assert not (tmp_path / "closures.csv").exists()


async def test_closures_are_known_by_place_and_time(connection: Connection, folder: Path) -> None:
    head = "station_code,desk,starts,ends,reason_zh,reason_en\n"
    row = "WH-JH-01,,2026-12-10T00:00:00+08:00,2026-12-11T00:00:00+08:00,停电,Power cut\n"
    (folder / "closures.csv").write_text(head + row, "utf-8")
    await import_network(connection, folder)
    (folder / "closures.csv").write_text(head + row.replace("停电", "线路检修"), "utf-8")
    assert (await import_network(connection, folder)).counts["closures"] == Counts(changed=1)
    (folder / "closures.csv").unlink()
    assert (await import_network(connection, folder)).counts["closures"] == Counts(kept=1)


async def test_files_from_a_spreadsheet_are_read(connection: Connection, folder: Path) -> None:
    """Excel writes a byte order mark and ends lines by CR LF; columns were moved."""
    for path in (folder / name for name in files_of(folder, ".csv")):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    lines = [line.split(",") for line in (folder / "hours.csv").read_text("utf-8-sig").splitlines()]
    (folder / "hours.csv").write_text("\n".join(",".join(reversed(line)) for line in lines), "utf-8")
    assert (await import_network(connection, folder)).total() == Counts(unchanged=5190)


async def test_a_fault_in_the_last_file_leaves_nothing(private_database: str, folder: Path) -> None:
    change(folder, "stations.csv", "张家山街道质量基础设施一站式服务站", "别的名字")
    change(folder, "hours.csv", "WH-JH-01,1,08:30", "WH-JH-01,8,08:30")
    async with await psycopg.AsyncConnection.connect(private_database, autocommit=True) as connection:
        with pytest.raises(ImportRefused):
            await import_network(connection, folder)
        assert await ask(connection, "SELECT count(*) FROM station WHERE name_zh = '别的名字'") == 0
        assert await ask(connection, "SELECT count(*) FROM pg_class WHERE relname LIKE 'incoming_%'") == 0
        change(folder, "hours.csv", "WH-JH-01,8,08:30", "WH-JH-01,1,08:30")
        assert (await import_network(connection, folder)).total().changed == 1


async def test_han_characters_beyond_the_basic_plane_survive(
    connection: Connection, folder: Path, tmp_path: Path
) -> None:
    change(folder, "stations.csv", "张家山街道质量", "𠮷𡈽\\街道质量")
    await import_network(connection, folder)
    await export_network(connection, tmp_path / "out")
    assert (tmp_path / "out" / "stations.csv").read_bytes() == (folder / "stations.csv").read_bytes()


async def test_a_report_speaks_both_languages(connection: Connection, folder: Path) -> None:
    _remove_station(folder, "WH-WW-21")
    report = await import_network(connection, folder)
    with use_locale("en"):
        assert "stations: 0 created, 0 changed, 78 unchanged, 1 only in the database, kept" in str(report)
    with use_locale("zh-CN"):
        assert "服务站：新增 0，更改 0，未变 78，仅数据库中有而保留 1" in str(report)
