"""Tables as people paste and save them, read as rows of answers."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.forms import FormField, InputType
from app.catalogue.sheets import MOST_ROWS, decoded, read_sheet, write_sheet
from app.kit.i18n import use_locale
from app.kit.problems import Invalid

NAME = FormField("instrument_name", "器具名称", "Instrument name", InputType.TEXT, True)
NUMBER = FormField("serial_no", "出厂编号", "Serial number", InputType.TEXT, True)
COUNT = FormField("quantity", "数量", "Quantity", InputType.INTEGER, True, minimum=1)
DAY = FormField("last_cert_date", "上次日期", "Last date", InputType.DATE, False)
USE = FormField("use_purpose", "用途", "Use", InputType.ENUM, False, ("medical", "other"))
URGENT = FormField("urgent", "加急", "Urgent", InputType.BOOLEAN, False)
FORM = (NAME, NUMBER, COUNT, DAY, USE, URGENT)


def code_of(text: str) -> str:
    with pytest.raises(Invalid) as refused:
        read_sheet(text, FORM)
    return refused.value.errors[0].code


@pytest.mark.parametrize(
    "text",
    [
        "器具名称\t出厂编号\t数量\r\n压力表\tA1\t2\r\n",
        "Serial Number,instrument_name,Quantity\nA1,压力表,2\n",
        "数　量；".replace("；", ";") + "＊出厂编号：;器具名称\n2;A1;压力表",
        "压力表\tA1\t2",
        "\ufeff器具名称,出厂编号,数量\n\n,,\n压力表,A1,2.0\n",
    ],
    ids=["excel", "english", "wide", "bare", "bom"],
)
def test_a_table_is_read_however_it_is_written(text: str):
    assert read_sheet(text, FORM).rows == ({"instrument_name": "压力表", "serial_no": "A1", "quantity": "2"},)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_files_come_in_several_encodings(encoding: str):
    assert decoded("器具名称,压力表".encode(encoding)).lstrip("\ufeff") == "器具名称,压力表"


def test_a_workbook_is_no_table_of_text():
    with pytest.raises(Invalid):
        decoded(b"PK\x03\x04")


@pytest.mark.parametrize(
    ("asked", "cell", "value"),
    [
        (DAY, "46027", "2026-01-05"),
        (DAY, "20260105", "2026-01-05"),
        (DAY, "2026/1/5 0:00:00", "2026/1/5"),
        (COUNT, "１，２００", "1200"),
        (COUNT, "1,20", "1,20"),
        (COUNT, "3.00", "3"),
        (USE, "医疗卫生", None),
        (USE, "Medical care", "medical"),
        (USE, "nonsense", "nonsense"),
        (URGENT, "是", "yes"),
        (URGENT, "No", "no"),
        (NUMBER, '="00123"', "00123"),
        (NUMBER, "'=cmd()", "=cmd()"),
    ],
)
def test_values_are_taken_as_people_write_them(asked: FormField, cell: str, value: str | None):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[asked.key, "extra"], [cell, ""]])
    [row] = read_sheet(text.getvalue(), FORM).rows
    if value is not None:
        assert row[asked.key] == value


def test_what_is_not_understood_is_named():
    sheet = read_sheet("器具名称,颜色,空\n压力表,红,\n表二,,,多\n", FORM)
    assert (sheet.unknown, sheet.beyond, sheet.lines) == (("颜色",), (3,), (2, 3))


def test_what_cannot_be_a_table_is_refused_by_name():
    assert code_of("") == code_of(" \n\t\n") == "table_empty"
    assert code_of("器具名称,数量\n") == "table_only_header"
    assert code_of("数量,Quantity\n1,2\n") == "table_column_twice"
    assert code_of("x" * 1_000_000) == "table_too_large"
    assert code_of("压力表\n" * (MOST_ROWS + 1)) == "table_too_long"


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).map(str.strip)


@given(st.lists(st.fixed_dictionaries({"instrument_name": CELLS, "serial_no": CELLS}), min_size=1, max_size=8))
def test_what_was_written_out_is_read_back(rows: list[dict[str, str]]):
    rows = [row for row in rows if any(row.values())] or [{"serial_no": "1"}]
    form = (NAME, NUMBER)
    expected = tuple({key: value for key, value in row.items() if _kept(value)} for row in rows)
    for language in ("zh-CN", "en"):
        with use_locale(language):
            text = write_sheet(form, rows)
        if all(expected):
            assert read_sheet(text, form).rows == expected


def _kept(value: str) -> bool:
    return bool(value.strip(" \t\r\n\u00a0\u3000\ufeff"))


@given(st.text(max_size=300))
def test_nothing_that_is_pasted_breaks_it(text: str):
    try:
        sheet = read_sheet(text, FORM)
    except Invalid:
        return  # refused by name, see above
    assert len(sheet.rows) == len(sheet.lines) <= MOST_ROWS
