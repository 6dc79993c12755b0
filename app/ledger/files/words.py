"""What is wrong with a file of instruments, and what to do about it, in words."""

from collections.abc import Mapping
from typing import Any

from app.demand.registers.errors import FileError
from app.demand.registers.words import UNREADABLE as OF_TABLES
from app.kit.formats import number
from app.kit.i18n import LazyString, lazy
from app.ledger.entries import fault

UNREADABLE: Mapping[str, LazyString] = {
    "rows": lazy("The file has more than {most} rows. Please split it."),
    "unpacked": lazy("There is too much in this workbook. Please keep only the sheet with the instruments."),
    "no_names": lazy("No row names the columns. One of the first ten must, such as: {columns}."),
    "empty": lazy("There are no rows below the names of the columns. Please add one for each instrument."),
}
"""What differs from what is said of other tables."""


def file_words(error: FileError) -> str:
    """What is to be done about a file."""
    words = UNREADABLE.get(error.code) or OF_TABLES[error.code]
    return words.format(
        **{key: number(value) if isinstance(value, int) else value for key, value in error.data.items()}
    )


def fault_words(kept: Mapping[str, Any]) -> str:
    """What is to be done about a cell, from how its fault is kept."""
    return fault(kept["field"], kept["code"], **kept["data"]).sentence()
