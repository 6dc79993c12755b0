"""What an import refuses: every fault by its place, with a sentence that says what to do."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from app.kit.i18n import use_locale
from app.stations.transfer import Fault, ImportRefused, import_network
from app.stations.transfer.faults import MOST_FAULTS, SENTENCES
from tests.stations.transfer_files import change, reference_copy

Connection = AsyncConnection[TupleRow]
JH1 = '"reference network: real place, illustrative station"\n'


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    connecting = await psycopg.AsyncConnection.connect(database_url)
    async with connecting as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return reference_copy(tmp_path)


async def faults_of(connection: Connection, folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(ImportRefused) as refused:
        await import_network(connection, folder)
    return refused.value.faults


VALUES = [
    ("stations.csv", "WH-JH-02,方", "WH JH 02,方", "code", "code"),
    ("stations.csv", ",方村街道质量基础设施一站式服务站,", ",,", "name_zh", "text_blank"),
    ("stations.csv", "方村街道质量", "方村\x07街道质量", "name_zh", "text_control_character"),
    ("stations.csv", "方村街道质量", "方" * 201, "name_zh", "text_too_long"),
    ("stations.csv", "340202,340202,340202012", "34020,340202,340202012", "county_adcode", "adcode"),
    ("stations.csv", "340202,340202,340202012", "340299,340202,340202012", "county_adcode", "county_unknown"),
    ("stations.csv", "340202,340202,340202012", "340207,340202,340202012", "county_adcode", "town_county"),
    ("stations.csv", "340202,340202,340202012", "340202,340202,340202999", "town_code", "town_unknown"),
    ("stations.csv", "118.46263,31.24124", "31.24124,31.24124", "lon", "longitude"),
    ("stations.csv", "118.46263,31.24124", "118.46263,118.46263", "lat", "latitude"),
    ("stations.csv", "118.46263,31.24124", "118.46263,1_0", "lat", "latitude"),
    ("stations.csv", ",comprehensive,", ",large,", "model", "choice"),
    ("stations.csv", ",WH-ET-01,", ",WH-XX-99,", "parent_code", "parent_unknown"),
    ("stations.csv", "WH-JH-02,方", "WH-JH-01,方", "code", "twice"),
    ("towns.csv", "镜湖区,方村", "镜湖,方村", "county_zh", "county_name"),
    ("towns.csv", "340202012,", "34020201,", "code", "town_code"),
    ("county_facts.csv", "镜湖区,Jinghu", "镜湖区,Mirror Lake", "name_zh", "county_name"),
    ("county_facts.csv", ",115.5,", ",116.5,", "area_km2", "county_area"),
    ("county_facts.csv", ",115.5,", ",115.55,", "area_km2", "number"),
    ("county_facts.csv", ",344016,", ",344016.5,", "population_2020", "integer"),
    ("division_aliases.csv", "340208,三山区,340209", "340208,三山区,340208", "now", "county_unknown"),
    ("division_aliases.csv", "340208,三山区,340209", "340207,三山区,340209", "adcode", "county_current"),
    ("desks.csv", "WH-JH-01,02,", "WH-JH-01,01,", "desk", "twice"),
    ("desks.csv", "WH-JH-01,02,", "WH-XX-01,02,", "station_code", "station_unknown"),
    ("desks.csv", "certification|metrology|testing,", "certification|magic|testing,", "categories", "category_unknown"),
    ("desks.csv", "certification|metrology|testing,", ",", "categories", "blank"),
    ("desks.csv", "testing,public", "testing,private", "channel", "choice"),
    ("capabilities.csv", "WH-JH-01,MET-GEO-005", "WH-JH-01,MET-GEO-001", "service_code", "twice"),
    ("capabilities.csv", "WH-JH-01,MET-GEO-005", "WH-JH-01,MET-NIL-005", "service_code", "service_unknown"),
    ("capabilities.csv", "WH-JH-01,MET-GEO-005", "WH-XX-01,MET-GEO-005", "station_code", "station_unknown"),
    ("capabilities.csv", "MET-GEO-001,station,", "MET-GEO-001,station|online,", "modes", "mode_not_offered"),
    ("capabilities.csv", "MET-GEO-001,station,", "MET-GEO-001,station|station,", "modes", "choices"),
    ("capabilities.csv", "station,false,,2030-03-28", "station,no,,2030-03-28", "designated", "boolean"),
    ("capabilities.csv", "2030-03-28", "2030-02-29", "valid_until", "date"),
    ("hours.csv", "WH-JH-01,1,08:30", "WH-JH-01,0,08:30", "iso_weekday", "integer"),
    ("hours.csv", "WH-JH-01,1,08:30", "WH-JH-01,1,8:30", "opens", "time"),
    ("hours.csv", "WH-JH-01,1,08:30", "WH-JH-01,1,08:32", "opens", "time"),
    ("hours.csv", "WH-JH-01,1,08:30", "WH-JH-01,1,12:00", "opens", "hours_order"),
    ("hours.csv", "WH-JH-01,1,14:00", "WH-JH-01,1,11:00", "opens", "hours_overlap"),
    ("hours.csv", "WH-JH-01,1,08:30", "WH-XX-01,1,08:30", "station_code", "station_unknown"),
]  # fmt: skip


@pytest.mark.parametrize("case", VALUES, ids=lambda case: f"{case[0]}-{case[4]}")
async def test_a_wrong_cell_is_named_by_file_line_and_column(
    connection: Connection, folder: Path, case: tuple[str, str, str, str, str]
) -> None:
    file, old, new, column, code = case
    line = change(folder, file, old, new)
    found = await faults_of(connection, folder)
    assert [(fault.file, fault.line, fault.column, fault.code) for fault in found] == [(file, line, column, code)]


DOCUMENTS = [
    ("catalogue.json", '"duration_min": 30', '"duration_min": 32', "items[0].duration_min", "duration"),
    ("catalogue.json", '"duration_min": 30', '"duration_min": "30"', "items[0].duration_min", "int_type"),
    ("catalogue.json", '"category": "metrology"', '"category": "magic"', "items[0].category", "category_unknown"),
    ("catalogue.json", '"subcategory": "GEO"', '"subcategory": "NIL"', "items[0].subcategory", "subcategory_unknown"),
    ("catalogue.json", '"subcategory": "GEO"', '"subcategory": null', "items[0].subcategory", "subcategory_needed"),
    ("catalogue.json", '"MET-GEO-002"', '"MET-GEO-001"', "items[1].code", "value_twice"),
    ("catalogue.json", '"confidence": "medium"', '"confidence": "sure"', "items[0].confidence", "literal_error"),
    ("catalogue.json", '"mandatory": false', '"mandatry": false', "items[0].mandatry", "extra_forbidden"),
    ("catalogue.json", '"required": true', '"required": 1', "items[0].inputs[0].required", "bool_type"),
    ("catalogue.json", '"type": "text"', '"type": "enum"', "items[0].inputs[0]", "options_needed"),
    ("catalogue.json", '"key": "model_spec"', '"key": "instrument_name"', "items[0].inputs[1].key", "value_twice"),
    ("catalogue.json", '"THE"', '"GEO"', "categories[0].subcategories[1].code", "value_twice"),
    ("counties.geojson", '"id":"340202"', '"id":"340203"', "features[0].id", "county_id"),
    ("counties.geojson", '"MultiPolygon"', '"Point"', "features[0].geometry", "coordinates"),
    ("counties.geojson", "118.446882", "18.446882", "features[0].geometry", "coordinates"),
    ("workdays.json", '"2019-02-03"', '"2019-02-02"', "years.2019.makeup_workdays[1]", "day_twice"),
    ("workdays.json", '"2019-02-02"', '"2019-02-01"', "years.2019.makeup_workdays[0]", "makeup_weekday"),
    ("workdays.json", '"2019-02-04"', '"2019-02-30"', "years.2019.holidays[1].date", "date"),
    ("workdays.json", '"workday_count": 250', '"workday_count": 251', "years.2019.workday_count", "workday_count"),
    ("workdays.json", '"2019": {', '"19": {', "years.19", "year"),
]  # fmt: skip


@pytest.mark.parametrize("case", DOCUMENTS, ids=lambda case: f"{case[3]}-{case[4]}")
async def test_a_wrong_value_in_json_is_named_by_file_line_and_path(
    connection: Connection, folder: Path, case: tuple[str, str, str, str, str]
) -> None:
    file, old, new, column, code = case
    line = change(folder, file, old, new)
    found = {(fault.column, fault.code): fault for fault in await faults_of(connection, folder)}
    assert (column, code) in found
    assert found[column, code].file == file
    if code not in ("options_needed", "coordinates"):  # these stand at the beginning of what is wrong as a whole
        assert found[column, code].line == line


SHAPES: list[tuple[str, Callable[[bytes], bytes], int, str, str]] = [
    ("hours.csv", lambda raw: raw.replace(b"opens", b"open", 1), 1, "open", "column_unknown"),
    ("hours.csv", lambda raw: raw.replace(b"opens", b"closes", 1), 1, "closes", "column_twice"),
    ("hours.csv", lambda _: b"", 1, "", "header_missing"),
    ("hours.csv", lambda raw: raw.replace(b"12:00\n", b"12:00,x\n", 1), 2, "", "cells"),
    ("hours.csv", lambda raw: raw.replace(b"12:00\n", b'"12:00\n', 1), 819, "", "csv"),
    ("stations.csv", lambda raw: raw.decode().encode("gb18030"), 2, "", "encoding"),
    ("catalogue.json", lambda raw: raw.replace(b'"name_zh"', b"name_zh", 1), 18, "4", "json"),
    ("catalogue.json", lambda raw: raw.replace(b'"name_en"', b'"name_zh"', 1), 19, "name_zh", "json_twice"),
    ("catalogue.json", lambda _: b"[]", 1, "", "model_type"),
    ("workdays.json", lambda raw: raw.replace("春".encode(), b"", 1) + b"\n\xff", 1074, "", "encoding"),
    ("catalogue.json", lambda raw: raw.replace(b": 30,", b": NaN,", 1), 1, "", "json"),
]  # fmt: skip


@pytest.mark.parametrize("case", SHAPES, ids=lambda case: f"{case[0]}-{case[4]}")
async def test_a_file_of_the_wrong_shape_is_named_where_it_breaks(
    connection: Connection, folder: Path, case: tuple[str, Callable[[bytes], bytes], int, str, str]
) -> None:
    file, alter, line, column, code = case
    (folder / file).write_bytes(alter((folder / file).read_bytes()))
    first = (await faults_of(connection, folder))[0]
    assert (first.file, first.line, first.column, first.code) == (file, line, column, code)


@pytest.mark.parametrize("file", ["stations.csv", "hours.csv", "catalogue.json", "counties.geojson", "workdays.json"])
async def test_a_missing_file_is_the_only_fault(connection: Connection, folder: Path, file: str) -> None:
    (folder / file).unlink()
    found = await faults_of(connection, folder)
    assert [(fault.file, fault.code) for fault in found] == [(file, "file_missing")]


async def test_a_missing_column_is_named(connection: Connection, folder: Path) -> None:
    lines = (folder / "hours.csv").read_text("utf-8").splitlines()
    (folder / "hours.csv").write_text("\n".join(line.rpartition(",")[0] for line in lines), "utf-8")
    found = await faults_of(connection, folder)
    assert [(fault.place, fault.code) for fault in found] == [("hours.csv:1:closes", "column_missing")]


async def test_stations_whose_parents_form_a_ring_are_all_named(connection: Connection, folder: Path) -> None:
    change(folder, "stations.csv", f",WH-ET-01,{JH1}", f",WH-JH-02,{JH1}")
    found = await faults_of(connection, folder)
    assert {(fault.line, fault.code) for fault in found} == {(2, "parent_cycle"), (3, "parent_cycle")}


async def test_windows_of_different_seasons_may_overlap(connection: Connection, folder: Path) -> None:
    lines = (folder / "hours.csv").read_text("utf-8").splitlines()
    rows = [f"{lines[0]},valid_from,valid_until", *(f"{line},,2026-05-31" for line in lines[1:])]
    summer = [f"{line},2026-06-01," for line in lines[1:]]
    (folder / "hours.csv").write_text("\n".join(rows + summer), "utf-8")
    assert (await import_network(connection, folder)).counts["hours"].created == 2 * 818
    (folder / "hours.csv").write_text("\n".join([*rows, summer[0].replace("06-01", "05-31")]), "utf-8")
    found = await faults_of(connection, folder)
    assert [(fault.code, fault.data["first"]) for fault in found] == [("hours_overlap", 2)]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("WH-JH-01,,2026-12-10T00:00:00,2026-12-11T00:00:00+08:00,停电,Power cut", "starts", "moment"),
        ("WH-JH-01,,2026-12-12T00:00:00+08:00,2026-12-11T00:00:00+08:00,停电,Power cut", "starts", "closure_order"),
        ("WH-JH-01,99,2026-12-10T00:00:00+08:00,2026-12-11T00:00:00+08:00,停电,Power cut", "desk", "desk_unknown"),
        ("WH-XX-01,,2026-12-10T00:00:00Z,2026-12-11T00:00:00Z,停电,Power cut", "station_code", "station_unknown"),
    ],
)  # fmt: skip
async def test_a_wrong_closure_is_named(connection: Connection, folder: Path, row: str, column: str, code: str) -> None:
    (folder / "closures.csv").write_text(f"station_code,desk,starts,ends,reason_zh,reason_en\n{row}\n", "utf-8")
    found = await faults_of(connection, folder)
    assert (found[0].place, found[0].code) == (f"closures.csv:2:{column}", code)


async def test_a_line_inside_a_quoted_cell_does_not_shift_the_count(connection: Connection, folder: Path) -> None:
    change(folder, "county_facts.csv", "zh.wikipedia 湾沚区,", "zh.wikipedia\n湾沚区,")
    change(folder, "county_facts.csv", ",817997,", ",many,")
    found = await faults_of(connection, folder)
    assert [(fault.line, fault.column) for fault in found] == [(5, "source"), (9, "population_2020")]


async def test_faults_of_all_files_come_together(connection: Connection, folder: Path) -> None:
    change(folder, "stations.csv", ",comprehensive,", ",large,")
    change(folder, "hours.csv", "WH-JH-01,1,08:30", "WH-JH-01,0,08:30")
    change(folder, "workdays.json", "2019-02-04", "2019-02-31")
    found = await faults_of(connection, folder)
    assert {fault.file for fault in found} == {"stations.csv", "hours.csv", "workdays.json"}


async def test_the_first_hundred_faults_are_shown_and_all_are_counted(connection: Connection, folder: Path) -> None:
    text = (folder / "hours.csv").read_text("utf-8")
    (folder / "hours.csv").write_text(text.replace("08:30", "8.30"), "utf-8")
    with pytest.raises(ImportRefused) as refused:
        await import_network(connection, folder)
    assert len(refused.value.faults) == MOST_FAULTS
    assert refused.value.data["count"] == text.count("08:30") > MOST_FAULTS
    assert refused.value.body()["count"] == text.count("08:30")


def test_every_fault_has_a_sentence_in_both_languages() -> None:
    for code, sentence in SENTENCES.items():
        with use_locale("en"):
            english = str(sentence)
        with use_locale("zh-CN"):
            assert str(sentence) != english, code


async def test_a_fault_reads_as_place_value_and_what_to_do(connection: Connection, folder: Path) -> None:
    change(folder, "catalogue.json", '"duration_min": 30', '"duration_min": 32')
    with pytest.raises(ImportRefused) as refused:
        await import_network(connection, folder)
    with use_locale("en"):
        assert str(refused.value).splitlines() == [
            "Nothing was imported. Faults found: 1. Please correct them and import again.",
            "catalogue.json:118:items[0].duration_min: “32” Give minutes in steps of 5, from 5 to 480.",
        ]
    with use_locale("zh-CN"):
        assert "“32” 请填写 5 至 480 分钟，以 5 分钟为单位。" in str(refused.value)
    assert json.loads(json.dumps(refused.value.body()))["code"] == "import_refused"
