"""A ledger as a file: out and in again by real spreadsheet libraries, checked row by row, taken in whole or not."""

import csv
import io
from datetime import date
from typing import Any

import httpx
import openpyxl
import pytest
import xlsxwriter
from fastapi import FastAPI
from python_calamine import CalamineWorkbook

from app.ledger.fields import FIELDS
from tests.enterprise.support import code_of
from tests.ledger.support import Json, Keeper, caliper, gauge, keeper_of
from tests.support.people import People

pytestmark = pytest.mark.anyio
HEADS = [
    "器具名称",
    "型号规格",
    "测量范围",
    "准确度等级",
    "出厂编号",
    "生产厂家",
    "使用地点",
    "行政区划",
    "数量",
    "用途",
    "送检方式",
]
ROW = [
    "弹性元件式一般压力表",
    "Y-100",
    "(0~1.6) MPa",
    "1.6级",
    "A-1",
    "红旗仪表",
    "锅炉房",
    "镜湖区",
    "1",
    "安全防护",
    "送检",
]
NASTY = ["=1+1", "+86", "-40~60℃", "@SUM(A1)", "'=x", "''", "'a", "＝1", '=HYPERLINK("http://x","y")', 'a\u00b2,"b"']


def table(rows: list[list[Any]], heads: list[str] = HEADS, encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([heads, *rows])
    return text.getvalue().encode(encoding)


def workbook(rows: list[list[Any]], heads: list[str] = HEADS) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate([heads, *rows]):
            sheet.write_row(n, 0, row)
    return out.getvalue()


async def hand_in(keeper: Keeper, data: bytes, name: str = "台账.csv", **headers: str) -> httpx.Response:
    files = {"file": (name, data)}
    return await keeper.client.post(f"{keeper.api}/imports", files=files, headers={**keeper.who.bearer, **headers})


async def looked_at(keeper: Keeper, data: bytes) -> Json:
    answer = await hand_in(keeper, data)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def take_in(keeper: Keeper, data: bytes) -> Json:
    found = await looked_at(keeper, data)
    answer = await keeper.post(f"/imports/{found['id']}/take-in", {})
    assert answer.status_code == 200, answer.text
    taken: Json = answer.json()
    return taken


def test_the_columns_are_those_of_the_national_ledger_in_its_order():
    assert [field.label_zh for field in FIELDS] == HEADS


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_what_goes_out_comes_in_again_and_says_nothing_new(keeper: Keeper, kind: str):
    for n, nasty in enumerate(NASTY):
        said = dict.fromkeys(("model_spec", "measuring_range", "manufacturer", "install_location"), nasty)
        await keeper.add(gauge(f"{nasty}{n}", **said, instrument_name=f"{nasty} 表", last_cert_no=nasty))
    before = (await keeper.get()).json()
    for columns in ("standard", "all"):
        out = await keeper.get(format=kind, columns=columns)
        assert out.headers["content-disposition"].endswith(f'.{kind}"')
        taken = await take_in(keeper, out.content)
        assert taken == {"added": 0, "changed": 0, "same": len(NASTY), "left_out": 0}
    assert (await keeper.get()).json() == before


async def test_no_cell_of_a_file_is_a_formula(keeper: Keeper):
    for n, nasty in enumerate(NASTY):
        await keeper.add(gauge(n, instrument_name=nasty, install_location=nasty))
    lines = list(csv.reader(io.StringIO((await keeper.get(format="csv")).content.decode("utf-8-sig"))))
    assert lines[0] == HEADS
    assert not [cell for line in lines for cell in line if cell[:1] in "=+-@＝＋－＠" and cell]
    data = (await keeper.get(format="xlsx")).content
    book = openpyxl.load_workbook(io.BytesIO(data)).active
    assert book is not None
    assert [cell.value for cell in book[1]] == HEADS
    cells = [cell for line in book.iter_rows(min_row=2) for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert {cell.value for cell in cells if cell.column == 1} >= {"=1+1", "-40~60℃", "@SUM(A1)"}
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows[0] == HEADS
    assert "=1+1" in {row[0] for row in rows}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_csv_is_read_in_the_encodings_that_are_written_here(keeper: Keeper, encoding: str):
    assert (await take_in(keeper, table([ROW], encoding=encoding)))["added"] == 1
    [made] = (await keeper.get()).json()["items"]
    assert (made["instrument_name"], made["manufacturer"]) == (ROW[0], "红旗仪表")
    assert (made["use_purpose"], made["delivery"], made["use_region_code"]) == (
        "safety_protection",
        "station",
        "340202",
    )
    assert made["service_code"] == "MET-MEC-015"  # the one that its name fits


async def test_a_workbook_may_have_a_title_dates_numbers_and_other_columns(keeper: Keeper):
    heads = ["序号", *HEADS, "上次检定日期", "检定周期（月）"]
    data = workbook(
        [
            ["强检计量器具台账"],
            heads,
            [1, *ROW[:4], 20240001, *ROW[5:8], 2, *ROW[9:], date(2026, 6, 1), 12],
            [],
            [2, *ROW[:4], "0042", *ROW[5:], "2026.6.2", "6"],
        ],
        heads=["某某公司"],
    )
    found = await looked_at(keeper, data)
    assert (found["new"], found["bad"], found["ignored"]) == (2, 0, ["序号"])
    await keeper.post(f"/imports/{found['id']}/take-in", {})
    first, second = sorted((await keeper.get()).json()["items"], key=lambda each: str(each["last_cert_date"]))
    assert (first["serial_no"], first["quantity"], first["due_on"]) == ("20240001", 2, "2027-05-31")
    assert (second["serial_no"], second["due_on"]) == ("0042", "2026-12-01")


async def test_every_fault_of_every_row_is_told_at_once_and_nothing_changes_before(keeper: Keeper):
    bad = ["", "Y", "", "", "A-2", "", "", "杭州市", "零", "玩", "寄"]
    data = table([ROW, bad, ROW, [*ROW[:4], "A-3", *ROW[5:7], "芜湖县", *ROW[8:]]])
    chinese, english = await hand_in(keeper, data), await hand_in(keeper, data, **{"Accept-Language": "en"})
    found = english.json()
    assert (found["rows"], found["new"], found["bad"]) == (4, 2, 2)
    faults = [(fault["row"], fault["field"]) for fault in found["faults"]]
    keys = ("instrument_name", "use_region_code", "quantity", "use_purpose", "delivery")
    assert sorted(faults) == sorted([*((3, key) for key in keys), (4, "serial_no")])
    for ours, theirs in zip(chinese.json()["faults"], found["faults"], strict=True):
        assert ours["message"] != theirs["message"]
    assert await keeper.names() == []
    answer = await keeper.post(f"/imports/{found['id']}/take-in", {})
    assert answer.json() == {"added": 2, "changed": 0, "same": 0, "left_out": 2}
    assert await keeper.names(sort="name") == ["A-1", "A-3"]
    again = await keeper.post(f"/imports/{found['id']}/take-in", {})
    assert again.json()["code"] == "import_taken"


async def test_a_second_file_changes_by_serial_number_instead_of_doubling(keeper: Keeper):
    made = await keeper.add(gauge(ecqs_record_no="BA-1"))
    taken = await take_in(keeper, table([[*ROW[:6], "二号锅炉房", *ROW[7:]], [*ROW[:4], "A-9", *ROW[5:]]]))
    assert taken == {"added": 1, "changed": 1, "same": 0, "left_out": 0}
    now = (await keeper.get(f"/{made['id']}")).json()
    assert (now["install_location"], now["version"], now["ecqs_record_no"]) == ("二号锅炉房", 2, "BA-1")
    assert (now["due_on"], now["last_cert_date"]) == (made["due_on"], made["last_cert_date"])
    assert [step["kind"] for step in now["history"]] == ["updated", "added"]
    late = await keeper.change(made, quantity=7)
    assert late.status_code == 409  # who had it open before learns of the file


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_no_names"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "file_old_workbook"),
        (b"PK\x03\x04 no workbook", "file_workbook"),
        ("一,二,三\n1,2,3".encode(), "file_no_names"),
        (table([]), "file_empty"),
        (table([ROW], heads=[*HEADS[:10], "型号"]), "file_column_twice"),
        (b"\0\1\2", "file_encoding"),
    ],
)
async def test_what_is_no_table_of_instruments_is_told(keeper: Keeper, data: bytes, code: str):
    answer = await hand_in(keeper, data)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("file", code)
    assert "{" not in error["message"]


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(keeper: Keeper):
    assert (await hand_in(keeper, b"x" * (8 * 1024 * 1024 + 100))).status_code == 422
    assert (await hand_in(keeper, b"x" * (9 * 1024 * 1024))).status_code == 413


async def test_a_file_is_its_organisations_own(app: FastAPI, client: httpx.AsyncClient, people: People):
    mine = await keeper_of(app, client, people)
    found = await looked_at(mine, table([ROW]))
    other = await keeper_of(app, client, people, uscc=code_of(5), name="别家公司")
    assert (await other.get(f"/imports/{found['id']}")).json()["code"] == "import_unknown"
    assert (await other.post(f"/imports/{found['id']}/take-in", {})).status_code == 404
    path = f"{mine.api}/imports/{found['id']}/take-in"
    assert (await client.post(path, json={}, headers=other.who.bearer)).status_code == 404


async def test_the_pages_show_what_a_file_would_do_and_take_it_in(keeper: Keeper):
    browser = keeper.browser()
    assert "模板" in (await browser.get(f"{keeper.pages}/import")).text
    for kind in ("csv", "xlsx"):
        template = (await browser.get(f"{keeper.pages}/template", params={"kind": kind})).content
        assert (await looked_at(keeper, template))["new"] == 1
    wrong = await browser.post(f"{keeper.pages}/import", files={"file": ("x.csv", b"a,b")})
    assert wrong.status_code == 422
    assert "列名" in wrong.text
    bad = [*ROW[:8], "零", *ROW[9:]]
    sent = await browser.post(f"{keeper.pages}/import", files={"file": ("x.csv", table([ROW, bad]))})
    page = (await browser.get(sent.headers["location"])).text
    assert "尚未作任何改动" in page
    assert "第 3 行，数量" in page
    faults = await browser.get(f"{sent.headers['location']}/faults", params={"kind": "csv"})
    assert faults.content.decode("utf-8-sig").splitlines()[1].startswith("3,数量,")
    taken = await browser.post(f"{sent.headers['location']}/take-in")
    assert "新增器具" in (await browser.get(taken.headers["location"])).text
    assert await keeper.names() == ["A-1"]
    again = await browser.post(f"{sent.headers['location']}/take-in")
    assert again.status_code == 409
    out = await browser.get(f"{keeper.pages}/export", params={"kind": "csv", "q": "没有"})
    assert len(out.content.decode("utf-8-sig").splitlines()) == 1
    other = await browser.post(f"{keeper.pages}/import", files={"file": ("x.csv", table([ROW]))})
    gone = await browser.post(f"{other.headers['location']}/forget")
    assert gone.headers["location"].endswith("?done=forgotten")
    assert (await browser.get(other.headers["location"])).status_code == 404


async def test_two_instruments_of_other_kinds_keep_their_services(keeper: Keeper):
    await keeper.add(caliper())
    out = await keeper.get(format="csv", columns="all")
    line = out.content.decode("utf-8-sig").splitlines()[1]
    assert "MET-GEO-001" in line
    assert (await take_in(keeper, out.content))["same"] == 1
