"""Changing single rows of a pasted table leaves everything else as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.edits import edited
from app.catalogue.forms import FormField, InputType
from app.catalogue.sheets import MOST_ROWS, read_sheet

NAME = FormField("instrument_name", "器具名称", "Instrument name", InputType.TEXT, True)
NUMBER = FormField("serial_no", "出厂编号", "Serial number", InputType.TEXT, True)
PLACE = FormField("install_location", "安装地点", "Where it is", InputType.TEXT, False)
FORM = (NAME, NUMBER, PLACE)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20).map(
    lambda text: " ".join(text.strip("\ufeff\u3000\u00a0 ").split()) or "x"
)


@pytest.mark.parametrize(
    ("text", "changes", "removed", "result"),
    [
        ("出厂编号,颜色\nA1,红\nA2,蓝\n", {1: {"serial_no": "B2"}}, (), "出厂编号\t颜色\nA1\t红\nB2\t蓝\n"),
        ("出厂编号,颜色\nA1,红\nA2,蓝\n", {}, (0,), "出厂编号\t颜色\nA2\t蓝\n"),
        ("serial_no\nA1\n", {0: {"instrument_name": "表"}}, (), "serial_no\t器具名称\nA1\t表\n"),
        (
            "serial_no,x\nA1,1,beyond\n",
            {0: {"install_location": "库"}},
            (),
            "serial_no\tx\t安装地点\nA1\t1\t库\tbeyond\n",
        ),
        ("表\tA1\n", {1: {"serial_no": "A2"}}, (), "器具名称\t出厂编号\t安装地点\n表\tA1\n\tA2\n"),
        ("serial_no\nA1\n", {0: {"serial_no": "=1+1"}}, (), "serial_no\n'=1+1\n"),
        ("serial_no\nA1\n", {1: {"serial_no": " "}}, (), "serial_no\nA1\n"),
        ("serial_no\nA1\n", {}, (0,), ""),
        ("", {0: {"serial_no": "A1"}, 1: {"serial_no": "A2"}}, (), "器具名称\t出厂编号\t安装地点\n\tA1\n\tA2\n"),
        ("serial_no\nA1\nA2\n", {0: {"serial_no": ""}}, (), "serial_no\nA2\n"),
    ],
    ids=["cell", "removed", "column", "beyond", "added", "formula", "blank", "last", "first", "emptied"],
)
def test_a_table_after_a_change(
    text: str, changes: dict[int, dict[str, str]], removed: tuple[int, ...], result: str
) -> None:
    assert edited(text, FORM, changes, removed) == result


@given(
    st.lists(st.fixed_dictionaries({"serial_no": TEXTS, "install_location": TEXTS}), min_size=1, max_size=8),
    st.data(),
)
def test_what_was_changed_is_read_back_and_the_rest_stays(rows: list[dict[str, str]], data: st.DataObject) -> None:
    text = edited("", FORM, dict(enumerate(rows)))
    assert [dict(row) for row in read_sheet(text, FORM).rows] == rows
    n = data.draw(st.integers(0, len(rows) - 1))
    value = data.draw(TEXTS)
    gone = data.draw(st.sets(st.integers(0, len(rows) - 1), max_size=len(rows) - 1))
    changed = [row | {"serial_no": value} if place == n else row for place, row in enumerate(rows)]
    found = read_sheet(edited(text, FORM, {n: {"serial_no": value}}, gone), FORM).rows
    assert [dict(row) for row in found] == [row for place, row in enumerate(changed) if place not in gone]


def test_a_table_may_grow_to_what_a_request_takes() -> None:
    text = edited("", FORM, {n: {"serial_no": f"A{n}"} for n in range(MOST_ROWS)})
    assert len(read_sheet(text, FORM).rows) == MOST_ROWS
