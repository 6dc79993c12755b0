"""Lists as files for spreadsheets."""

import io
from datetime import UTC, date, datetime

import pytest
from python_calamine import CalamineWorkbook
from starlette.requests import Request

from app.kit.tables import XLSX, cell, csv_bytes, file_kind, file_response, wants_csv


def request(accept: str | None) -> Request:
    headers = [] if accept is None else [(b"accept", accept.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (-3, "-3"),
        (0.1, "0.1"),
        (date(2026, 12, 1), "2026-12-01"),
        (datetime(2026, 12, 1, 1, tzinfo=UTC), "2026-12-01T09:00:00+08:00"),
        (["station", "onsite"], "station|onsite"),
        ((), ""),
        ("𠮷", "𠮷"),
    ],
)
def test_a_value_becomes_a_plain_cell(value: object, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A", ["=1", "b"]]
)
def test_what_could_be_a_formula_is_made_text(formula: object) -> None:
    assert cell(formula).startswith("'")


def test_a_file_opens_in_excel_with_chinese_intact() -> None:
    raw = csv_bytes(("name", "note"), [{"name": "压力表", "note": 'a,"b"\nc', "more": 1}])
    assert raw == b'\xef\xbb\xbfname,note\r\n\xe5\x8e\x8b\xe5\x8a\x9b\xe8\xa1\xa8,"a,""b""\nc"\r\n'


@pytest.mark.parametrize(
    ("accept", "asked", "csv"),
    [
        (None, None, False),
        ("*/*", None, False),
        ("text/csv", None, True),
        ("text/csv;q=0.9, text/html", None, True),
        ("text/csv, application/json", None, False),
        ("text/csv", "json", False),
        ("application/json", "csv", True),
    ],
)
def test_a_file_is_sent_to_who_asks_for_one(accept: str | None, asked: str | None, *, csv: bool) -> None:
    assert wants_csv(request(accept), asked) is csv


def opened(body: bytes) -> list[list[object]]:
    """The rows of the one sheet, as a spreadsheet library reads them."""
    return CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()


def test_a_workbook_keeps_numbers_days_and_chinese_and_runs_nothing() -> None:
    rows = [
        {"name": "=1+1", "km": 3.5, "n": 7, "day": date(2026, 12, 1), "some": ["a", "=b"], "none": None, "yes": True},
        {"name": "方村街道", "km": -1, "n": 0, "day": None, "some": [], "none": "", "yes": False},
        {"name": "https://x.invalid", "km": 0.1, "n": 1, "day": None, "some": (), "none": None, "yes": None},
    ]
    columns = {"name": "名称 Name", "km": "km", "n": "n", "day": "day", "some": "some", "none": "none", "yes": "yes"}
    answer = file_response("xlsx", "list", columns, rows)
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["content-disposition"] == 'attachment; filename="list.xlsx"'
    read = opened(bytes(answer.body))
    assert read[0] == list(columns.values())
    assert read[1] == ["=1+1", 3.5, 7, date(2026, 12, 1), "a|=b", "", "true"]
    assert read[2] == ["方村街道", -1, 0, "", "", "", "false"]
    assert read[3] == ["https://x.invalid", 0.1, 1, "", "", "", ""]
    assert b"<f>" not in bytes(answer.body)


def test_a_workbook_without_rows_has_its_head() -> None:
    assert opened(bytes(file_response("xlsx", "list", {"a": "A", "b": "B"}, []).body)) == [["A", "B"]]


@pytest.mark.parametrize(
    ("accept", "asked", "kind"),
    [
        (None, None, None),
        (None, "xlsx", "xlsx"),
        (None, "csv", "csv"),
        ("text/csv", "json", None),
        ("text/csv", None, "csv"),
        (XLSX, None, "xlsx"),
        ("*/*", None, None),
    ],
)
def test_the_kind_of_file_is_asked_for_by_format_or_accept(accept: str | None, asked: str | None, kind: str) -> None:
    assert file_kind(request(accept), asked) == kind
