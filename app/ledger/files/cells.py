"""Cells as they stand in files, so that what begins like a formula is text for a spreadsheet and comes back the same.

In CSV an apostrophe is put before such a text, and before one that begins with an apostrophe itself; in XLSX, whose
cells say themselves that they are text, only before what would be taken for such a mark when read. One rule reads both.
"""

from app.kit.tables import DANGEROUS

MARK = "'"
MARKED = (*DANGEROUS, MARK)
BLANK = " \t\r\n\u00a0\u3000\ufeff"


def marked(text: str) -> str:
    """A text for CSV."""
    return MARK + text if text.startswith(MARKED) else text


def marked_in_workbook(text: str) -> str:
    """A text for a cell of XLSX that is text already."""
    return MARK + text if text.startswith(MARK) and text[1:].startswith(MARKED) else text


def restored(cell: str) -> str:
    """The text of a cell of either. A number that was kept as text by a formula (="00123") is that number."""
    cell = cell.strip(BLANK)
    if cell.startswith('="') and cell.endswith('"') and len(cell) > len('=""'):
        return cell[2:-1]
    return cell[1:] if cell.startswith(MARK) and cell[1:].startswith(MARKED) else cell
