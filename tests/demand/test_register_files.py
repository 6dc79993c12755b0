"""Registers as files: every encoding and kind that people hand in, and those that only want to do harm."""

import io
import zipfile
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app.demand.registers import reading, workbooks
from app.demand.registers.checking import Checked, check
from app.demand.registers.errors import FileError
from app.demand.registers.reading import rows_of
from app.demand.registers.words import UNREADABLE, fault_words, file_words
from app.kit.geo import Crs, Point, from_wgs84
from app.kit.i18n import use_locale
from app.kit.tables import xlsx_bytes
from app.kit.uscc import check as check_code
from app.stations.atlas import Atlas
from tests.demand.nasty import CODES, HEAD, ONE, POINT, cell, raw_workbook, table, workbook

pytestmark = pytest.mark.anyio
KEY = b"k" * 32


@pytest.fixture
async def atlas(app: FastAPI) -> Atlas:
    found: Atlas = (await app.state.directory.current()).atlas
    return found


def refused(data: bytes, atlas: Atlas) -> str:
    with pytest.raises(FileError) as caught:
        check(data, atlas, KEY)
    assert file_words(caught.value)
    return caught.value.code


def faults(checked: Checked) -> list[tuple[int, str, str]]:
    found = [(fault.line, fault.column, fault.code) for fault in checked.faults]
    for language in ("zh-CN", "en"):
        with use_locale(language):
            assert all(fault_words(fault.code, fault.data) for fault in checked.faults)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_a_csv_is_read_in_the_encodings_that_spreadsheets_write(
    atlas: Atlas, encoding: str, delimiter: str
) -> None:
    row = {"企业名称": "芜湖𠮷祥有限公司", **ONE, "从业人数（人）": "1,200", "所属行业": "通用设备制造业"}
    checked = check(table(row, {}, {**row, "从业人数（人）": ""}, encoding=encoding, delimiter=delimiter), atlas, KEY)
    good = checked.good
    assert (good.line, good.weight, good.industry[0]) == ([2, 4], [1200, 1], "通用设备制造业")
    assert (good.lon, good.lat, good.county) == ([118.376] * 2, [31.334] * 2, ["340202"] * 2)
    assert checked.columns.ignored == ("企业名称",)
    assert faults(checked) == []


async def test_a_workbook_is_read_as_another_reader_does(atlas: Atlas) -> None:
    rows = [
        {**ONE, "经度": 118.376, "纬度": 31.334, "uscc": CODES[0], "weight": 12.0, "note": "=1+1"},
        {"note": "甲\n乙"},
    ]
    data = workbook(*rows)
    theirs = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    ours = list(workbooks.workbook_rows(data))
    as_text = [[str(int(each)) if each == 12 else str(each) for each in line] for line in theirs]
    assert [cells + [""] * (5 - len(cells)) for _line, cells in ours] == as_text
    assert check(data, atlas, KEY).good.weight == [12]


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.integers(-(10**12), 10**12),
                st.floats(-1e9, 1e9, allow_nan=False),
                st.text(
                    st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=20
                ),
            ),
            min_size=3,
            max_size=3,
        ),
        max_size=8,
    )
)
def test_any_workbook_is_read_as_another_reader_does(lines: list[list[Any]]) -> None:
    columns = ["a", "b", "c"]
    data = xlsx_bytes(columns, [dict(zip(columns, line, strict=True)) for line in lines])
    theirs = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    for (_row, ours), other in zip(workbooks.workbook_rows(data), theirs, strict=True):
        for mine, your in zip(ours, other, strict=True):
            assert mine == your if isinstance(your, str) else float(mine) == your


async def test_what_is_wrong_is_told_row_by_row_and_the_rest_is_good(atlas: Atlas) -> None:
    rows = [
        {**ONE, "统一社会信用代码": CODES[0]},
        {"经度": ONE["纬度"], "纬度": ONE["经度"]},
        {"经度": "11.837", "纬度": "31.334"},
        {"经度": "118.376", "纬度": ""},
        {"经度": "一百", "纬度": "31.334"},
        {"坐标系": "utm", **ONE},
        {"乡镇": "没有这个镇"},
        {},
        {"行业": "只有行业"},
        {**ONE, "统一社会信用代码": CODES[0].lower()},
        {**ONE, "统一社会信用代码": "91110000600037341X", "从业人数": "-3", "行业": "很" * 41},
        {**ONE, "统一社会信用代码": "9111"},
        {"经度": "nan", "纬度": "inf"},
        {"经度": "118.376", "纬度": "95"},
    ]
    checked = check(table(*rows), atlas, KEY)
    assert checked.good.line == [2]
    assert faults(checked) == [
        (3, "lon", "point_swapped"),
        (4, "lon", "point_outside_country"),
        (5, "lat", "half_point"),
        (6, "lon", "number"),
        (7, "crs", "crs"),
        (8, "town", "town"),
        (10, "lon", "place_missing"),
        (11, "uscc", "twice"),
        (12, "weight", "weight"),
        (12, "industry", "industry"),
        (12, "uscc", "uscc_check_digit"),
        (13, "uscc", "uscc_length"),
        (14, "lon", "number"),
        (15, "lon", "point_out_of_range"),
    ]
    assert (checked.bad, checked.all_faults) == (12, 14)
    assert all(check_code(code).ok for code in CODES[:2])


async def test_points_of_all_three_systems_come_to_the_same_place(atlas: Atlas) -> None:
    point = Point(118.3764, 31.3339)
    rows = [{"lon": lon, "lat": lat, "crs": crs.value.upper()} for crs in Crs for lon, lat in [from_wgs84(point, crs)]]
    good = check(table(*rows), atlas, KEY).good
    assert set(zip(good.lon, good.lat, strict=True)) == {(118.376, 31.334)}


async def test_a_town_gives_a_row_without_a_point_its_place(atlas: Atlas) -> None:
    town = next(each for each in atlas.towns if each.county_adcode == "340210")
    former = next(each for each in atlas.former if each.now == town.county_adcode)
    rows = [
        {"乡镇": town.code}, {"乡镇": town.name_zh, "区县": "湾沚区"}, {"乡镇": f"{town.code}001"},
        {"乡镇": former.adcode + town.code[6:]},
    ]  # fmt: skip
    good = check(table(*rows), atlas, KEY).good
    assert set(zip(good.lon, good.lat, good.approximate, strict=True)) == {
        (round(town.lon, 3), round(town.lat, 3), True)
    }
    assert len(good.line) == 4


async def test_a_point_elsewhere_than_stated_is_noted_but_counts_where_it_lies(atlas: Atlas) -> None:
    checked = check(table({**ONE, "区县": "湾沚区"}, {"经度": "116.4", "纬度": "39.9"}), atlas, KEY)
    assert checked.good.county == ["340202", None]
    assert (checked.told["elsewhere"], checked.told["outside"]) == (1, 1)


async def test_formulas_and_codes_kept_as_text_are_only_text(atlas: Atlas) -> None:
    rows = [{**ONE, "行业": "=HYPERLINK(1)", "uscc": f'="{CODES[0]}"'}, {**ONE, "行业": "'=cmd|' /C calc'!A0"}]
    good = check(table(*rows), atlas, KEY).good
    assert good.industry == ["=HYPERLINK(1)", "=cmd|' /C calc'!A0"]
    assert good.code_hash[0] == check(table({**ONE, "uscc": CODES[0]}), atlas, KEY).good.code_hash[0]
    assert good.code_hash[0] != check(table({**ONE, "uscc": CODES[0]}), atlas, b"other" * 8).good.code_hash[0]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_place"),
        (table({"名称": "甲", "地址": "乙"}), "no_place"),
        (table({**ONE, "longitude": "1"}), "column_twice"),
        ("经度,纬度\n".encode(), "empty"),
        ("经度,纬度\n1,2\n".encode("utf-16"), "encoding"),
        (b"\xff\xd8\xff\xe0 a picture \x81", "encoding"),
        ("经度,纬度\n1,\"".encode() + b"x" * 200_000, "csv"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "old_workbook"),
        (b"PK\x03\x04 and nothing else", "workbook"),
        (workbook(ONE)[:-400], "workbook"),
        (raw_workbook(HEAD + POINT, prolog='<!DOCTYPE x [<!ENTITY a "aaaa">]>'), "workbook"),
        (raw_workbook(HEAD + "<row r='x'>"), "workbook"),
        (raw_workbook(HEAD + "<row " + "".join(f"a{n}='' " for n in range(900_000)) + "/>" + POINT), "workbook"),
        (raw_workbook(HEAD + "<row>" + "<c>" * 100 + "</c>" * 100 + "</row>" + POINT), "workbook"),
        (raw_workbook(HEAD + "<row r='2'><c r='A2' t='s'><v>9</v></c></row>"), "workbook"),
    ],
    ids=range(15),
)  # fmt: skip
async def test_a_file_that_is_no_table_is_refused_with_what_to_do(atlas: Atlas, data: bytes, code: str) -> None:
    assert refused(data, atlas) == code


async def test_a_cell_at_the_far_corner_makes_no_grid(atlas: Atlas) -> None:
    """With a reader of grids such a file of 5 kB asks for 550 GB, and ends the process."""
    far = f"<row r='1048576'>{cell('XFD1048576', 'x')}</row>"
    checked = check(raw_workbook(HEAD + POINT + far), atlas, KEY)
    assert (checked.good.line, checked.bad) == ([2], 0)


async def test_a_bomb_is_unpacked_only_as_far_as_it_is_allowed_to_go(
    atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 2_000_000)
    bomb = raw_workbook(HEAD + "<row r='2'>" + " " * 30_000_000 + "</row>")
    assert len(bomb) < 50_000
    assert refused(bomb, atlas) == "unpacked"
    strings = "<sst>" + "<si><t/></si>" * 400_000 + "</sst>"
    assert refused(raw_workbook(HEAD + POINT, strings=strings), atlas) == "unpacked"


async def test_an_archive_of_very_many_names_is_not_even_listed(atlas: Atlas) -> None:
    many = raw_workbook(HEAD + POINT, more=[(f"{n:060}", b"") for n in range(3000)])
    assert refused(many, atlas) == "workbook"


async def test_an_archive_that_lies_about_its_sizes_is_read_no_further_than_it_says(atlas: Atlas) -> None:
    data = raw_workbook(HEAD + POINT + "<row/>" * 1000)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    assert refused(data.replace(size.to_bytes(4, "little"), (200).to_bytes(4, "little")), atlas) == "workbook"


async def test_a_sheet_with_prefixes_is_read_too(atlas: Atlas) -> None:
    plain = raw_workbook(HEAD + POINT)
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    parts["xl/worksheets/sheet1.xml"] = sheet.replace("xmlns=", "xmlns:x=")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    assert check(buffer.getvalue(), atlas, KEY).good.lon == [118.376]


async def test_too_many_rows_and_bytes_are_refused(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    assert len(check(table(*[ONE] * 3), atlas, KEY).good.line) == 3
    assert refused(table(*[ONE] * 4), atlas) == "rows"
    monkeypatch.setattr(reading, "MOST_BYTES", 20)
    assert refused(table(ONE), atlas) == "bytes"


def test_a_row_is_numbered_as_a_spreadsheet_does() -> None:
    data = '\r\n经度,备注\r\n\r\n1,"两\n行"\r\n2,\r\n'.encode()
    assert [(line, cells[0]) for line, cells in rows_of(data)] == [(2, "经度"), (4, "1"), (5, "2")]


def test_every_reason_for_refusing_a_file_has_words() -> None:
    for language in ("zh-CN", "en"):
        with use_locale(language):
            for code in UNREADABLE:
                assert file_words(FileError(code, most=1, first="a", second="b", columns="c"))
