"""Lists as files for spreadsheets."""

from datetime import UTC, date, datetime

import pytest
from starlette.requests import Request

from app.kit.tables import cell, csv_bytes, wants_csv


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
