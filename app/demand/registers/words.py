"""What is wrong with a file or a row, and what to do about it, in words."""

from collections.abc import Mapping
from typing import Any

from app.demand.registers.errors import FileError
from app.kit.formats import number
from app.kit.geo import MESSAGES
from app.kit.i18n import LazyString, gettext, lazy

COLUMNS: Mapping[str, LazyString] = {
    "uscc": lazy("Credit code"),
    "county": lazy("County or district"),
    "town": lazy("Town"),
    "lon": lazy("Longitude"),
    "lat": lazy("Latitude"),
    "crs": lazy("Coordinate system"),
    "weight": lazy("Employees or weight"),
    "industry": lazy("Industry"),
}
FAULTS: Mapping[str, LazyString] = {
    "place_missing": lazy("Give longitude and latitude, or a town."),
    "half_point": lazy("Give both longitude and latitude, or neither and a town."),
    "number": lazy("This must be a number, such as 118.376."),
    "crs": lazy("Write wgs84, gcj02 or bd09; left empty, it means wgs84."),
    "town": lazy("There is no such town in this network. Write its code of nine digits, or its full name."),
    "town_twice": lazy("Several towns have this name. Write the town's code, or its county too."),
    "weight": lazy("This must be more than 0 and at most {most}."),
    "industry": lazy("Please shorten this to {most} characters."),
    "uscc_length": lazy("A credit code has 18 characters. Compare it with the licence, or leave it empty."),
    "uscc_character": lazy("A credit code never has this character. Compare it with the licence, or leave it empty."),
    "uscc_check_digit": lazy("The check digits don't fit. Compare the code with the licence, or leave it empty."),
    "twice": lazy("The same credit code stands in row {first} too. Please keep one of the two."),
}
UNREADABLE: Mapping[str, LazyString] = {
    "missing": lazy("Please choose a file."),
    "bytes": lazy("The file is larger than {most} MiB. Leave out columns that aren't needed, or split it."),
    "rows": lazy("The file has more than {most} rows. Please split it into several registers."),
    "encoding": lazy("This file is no text in UTF-8 or GB 18030. Please save it as CSV UTF-8 or as .xlsx."),
    "csv": lazy("A cell in this CSV is not closed, or is far too long. Please save it anew, as CSV UTF-8 or as .xlsx."),
    "old_workbook": lazy("This is a workbook of the old kind (.xls). Please save it as .xlsx or as CSV UTF-8."),
    "workbook": lazy("This workbook can't be read. Please save it anew as .xlsx, or as CSV UTF-8."),
    "unpacked": lazy("There is too much in this workbook. Please keep only the sheet with the register."),
    "column_twice": lazy("“{first}” and “{second}” mean the same. Please keep one of these columns."),
    "no_place": lazy(
        "The first row must name the columns, and some must say where enterprises are: longitude and latitude, or the"
        " town. Known columns: {columns}."
    ),
    "empty": lazy("There are no rows below the names of the columns. Please add one for each enterprise."),
}


def fault_words(code: str, data: Mapping[str, Any]) -> str:
    """What is to be done about a row."""
    own = FAULTS.get(code)
    return gettext(MESSAGES[code]) if own is None else own.format(**_written(data))


def file_words(error: FileError) -> str:
    """What is to be done about a file."""
    return UNREADABLE[error.code].format(**_written(error.data))


def _written(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: number(value) if isinstance(value, int) else value for name, value in data.items()}
