"""Cells that begin like formulas are harmless in a file and come back as they were, by whichever way they go."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as some

from app.kit.tables import DANGEROUS
from app.ledger.files.cells import BLANK, marked, marked_in_workbook, restored

NASTY = some.text(some.sampled_from("'=+-@＝＋－＠\t\r\n\"a1, "), max_size=6).map(lambda text: text.strip(BLANK))


@given(NASTY)
def test_every_text_comes_back_from_csv_and_from_a_workbook(text: str):
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        return  # how spreadsheets keep a number as text; checked below
    assert restored(marked(text)) == text
    assert restored(marked_in_workbook(text)) == text


@given(NASTY)
def test_no_cell_of_a_csv_begins_like_a_formula(text: str):
    out = io.StringIO(newline="")
    csv.writer(out).writerow([marked(text)])
    [[cell]] = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert not cell.startswith(DANGEROUS)


def test_a_number_that_is_kept_as_text_is_that_number():
    assert restored('="00123"') == "00123"
    assert restored(marked('="00123"')) == '="00123"'
    assert restored("'00123") == "'00123"
    assert restored("\u3000 A-1\t") == "A-1"
