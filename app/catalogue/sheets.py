"""Reading a table that was pasted from a spreadsheet, or a CSV: rows of answers to one service's form. Pure.

The first row may name the columns by their labels in Chinese or English, or by the keys of the form, in any order; a
table without such a row has them in the form's order. Values are taken as people write them. Nothing is dropped
silently: what isn't understood is named.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.catalogue.forms import FormField, InputType
from app.catalogue.labels import OPTIONS, option_label
from app.kit.i18n import lazy, tr, use_locale
from app.kit.problems import FieldError, Invalid
from app.kit.text import to_halfwidth

MOST_ROWS = 200
MOST_BYTES = 400_000
LONGEST_CELL = 2000
ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = "\t,;"
YES = frozenset({"是", "有", "对", "真", "yes", "y", "true", "1", "on", "√", "✓"})
NO = frozenset({"否", "无", "不", "假", "no", "n", "false", "0", "off", "×", "x"})
SERIAL_DAY_ZERO = date(1899, 12, 30)
"""Day 0 of a spreadsheet's serial numbers of days, from 1 March 1900 on (ECMA-376, 18.17.4.1)."""
SERIAL_DAY = re.compile("[2-7][0-9]{4}")
DIGITS_OF_DAY = re.compile("((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
MIDNIGHT = re.compile(r"[ T]0?0:00(:00)?(\.0+)?$")
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
LANGUAGES = "zh-CN", "en"

SENTENCES = {
    "table_empty": lazy("The table has no rows. Please paste at least one row, or choose a file."),
    "table_only_header": lazy("The table has only the names of its columns. Please add a row for each instrument."),
    "table_too_long": lazy("The table has {count} rows; one request takes up to {most}. Please split it."),
    "table_too_large": lazy("The table is too large. Please leave out everything but the rows with instruments."),
    "table_unreadable": lazy("This file is not a table of text. Please save it as CSV and choose it again."),
    "table_column_twice": lazy("Two columns are called “{label}”. Please keep one of them."),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as read: its rows of raw answers by the keys of the form, as the form's own fields would have them.

    `lines` are the rows' numbers in the table, from 1, the header counted. `unknown` are names of columns that the
    form doesn't ask for, with something in them; `beyond` the numbers of rows with more cells than there are columns.
    """

    rows: tuple[Mapping[str, str | list[str]], ...]
    lines: tuple[int, ...]
    unknown: tuple[str, ...] = ()
    beyond: tuple[int, ...] = field(default=())


def decoded(content: bytes, name: str = "table") -> str:
    """The text of a file. Raises Invalid when it is none, or too large; `name` is the field at fault."""
    if len(content) > MOST_BYTES:
        raise _refused(name, "table_too_large")
    if content[:2] in (b"PK", b"\xd0\xcf"):  # a workbook instead of a CSV
        raise _refused(name, "table_unreadable")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(name, "table_unreadable")


def read_sheet(text: str, fields: Sequence[FormField], name: str = "table") -> Sheet:
    """The rows of a table. Raises Invalid naming the field `name`: nothing in it, too much, or a column twice."""
    if len(text) > MOST_BYTES:
        raise _refused(name, "table_too_large")
    lines = [(n, cells) for n, cells in enumerate(lines_of(text, name), start=1) if any(cells)]
    if not lines:
        raise _refused(name, "table_empty")
    columns = header_of(lines[0][1], fields)
    if columns is None:
        columns = [asked.key for asked in fields]
        unknown: list[tuple[int, str]] = []
    else:
        unknown = [(n, cell) for n, cell in enumerate(lines[0][1]) if columns[n] is None and cell]
        lines = lines[1:]
    if not lines:
        raise _refused(name, "table_only_header")
    if len(lines) > MOST_ROWS:
        raise _refused(name, "table_too_long", count=len(lines), most=MOST_ROWS)
    _refuse_twice(columns, fields, name)
    by_key = {asked.key: asked for asked in fields}
    return Sheet(
        tuple(_row(cells, columns, by_key) for _n, cells in lines),
        tuple(n for n, _cells in lines),
        tuple(cell for n, cell in unknown if any(n < len(cells) and cells[n] for _line, cells in lines)),
        tuple(n for n, cells in lines if any(cells[len(columns) :])),
    )


def write_sheet(fields: Sequence[FormField], rows: Iterable[Mapping[str, str]]) -> str:
    """A CSV with the labels in the language of the moment as its first row. Read again, it gives the same rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([tr(asked, "label") for asked in fields])
    writer.writerows([defused(row.get(asked.key, "")) for asked in fields] for row in rows)
    return text.getvalue()


def _refused(name: str, code: str, **data: object) -> Invalid:
    return Invalid(errors=[FieldError(name, code, SENTENCES[code].msgid, data)])


def lines_of(text: str, name: str) -> list[list[str]]:
    """The cells of each line, cleaned; quoted cells may hold line breaks."""
    text = text.lstrip("\ufeff").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), skipinitialspace=True)
    try:
        return [[_clean(cell) for cell in line] for line in reader]
    except csv.Error as error:  # a cell longer than the module takes
        raise _refused(name, "table_too_large") from error


def _delimiter(text: str) -> str:
    """That of the first line with something in it: a tab whenever there is one, as a paste from a spreadsheet has."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if "\t" in first:
        return "\t"
    return max(DELIMITERS, key=first.count)


def _clean(cell: str) -> str:
    """Without blanks around it, and without what makes a spreadsheet's text of a formula."""
    cell = cell.strip(" \t\r\n\u00a0\u3000\ufeff")
    if cell.startswith('="') and cell.endswith('"'):  # how a number is kept as text: ="00123"
        cell = cell[2:-1]
    if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t\r'":
        cell = cell[1:]
    return cell[: LONGEST_CELL + 1]


def defused(value: str) -> str:
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "'") else value


def _folded(name: str) -> str:
    """A column's name without what people change in it: width, capitals, blanks, a star or a colon."""
    return "".join(to_halfwidth(name).split()).casefold().strip("*:")


def header_of(cells: Sequence[str], fields: Sequence[FormField]) -> list[str | None] | None:
    """The key of each column, None where it isn't known; None altogether when this is no header."""
    names = {_folded(name): asked.key for asked in fields for name in (asked.key, asked.label_zh, asked.label_en)}
    found = [names.get(_folded(cell)) for cell in cells]
    return found if any(found) else None


def _refuse_twice(columns: Sequence[str | None], fields: Sequence[FormField], name: str) -> None:
    known = [key for key in columns if key]
    for asked in fields:
        if known.count(asked.key) > 1:
            raise _refused(name, "table_column_twice", label=asked.label_zh)


def _row(
    cells: Sequence[str], columns: Sequence[str | None], by_key: Mapping[str, FormField]
) -> dict[str, str | list[str]]:
    return {
        key: value_of(by_key[key], cell) for key, cell in zip(columns, cells, strict=False) if key is not None and cell
    }


def value_of(asked: FormField, cell: str) -> str | list[str]:
    """A cell as the form's own field would give it; what isn't understood stays, and is judged like typed text."""
    match asked.type:
        case InputType.ENUM:
            return _option(asked, cell)
        case InputType.MULTI_ENUM:
            return [_option(asked, part.strip()) for part in to_halfwidth(cell).replace("、", ";").split(";")]
        case InputType.BOOLEAN:
            return _yes_or_no(cell)
        case InputType.INTEGER | InputType.NUMBER:
            return _number(cell)
        case InputType.DATE:
            return _day(cell)
        case _other:
            return cell


def _option(asked: FormField, cell: str) -> str:
    """The option whose code or words these are; the words may be shortened to what stands before a colon or bracket."""
    wanted = _folded(cell)
    for option in asked.options:
        if wanted == _folded(option) or wanted in _words(asked.key, option):
            return option
    return cell


def _words(key: str, option: str) -> set[str]:
    found = set()
    for language in LANGUAGES if (key, option) in OPTIONS else LANGUAGES[:1]:
        with use_locale(language):
            words = to_halfwidth(option_label(key, option))
        found |= {_folded(words), _folded(words.split(":")[0]), _folded(words.split("(")[0])}
    return found


def _yes_or_no(cell: str) -> str:
    word = _folded(cell)
    return "yes" if word in YES else "no" if word in NO else cell


def _number(cell: str) -> str:
    """Digits without separators of thousands; 3.0 is 3, as spreadsheets write it."""
    text = to_halfwidth(cell).replace(" ", "").replace("\u00a0", "")
    if THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    whole, point, rest = text.partition(".")
    return whole if point and whole and not rest.strip("0") else text


def _day(cell: str) -> str:
    """A date; a spreadsheet's serial number of a day becomes the date, a time of midnight after it goes."""
    text = to_halfwidth(cell).strip()
    if SERIAL_DAY.fullmatch(text):
        return (SERIAL_DAY_ZERO + timedelta(days=int(text))).isoformat()
    if found := DIGITS_OF_DAY.fullmatch(text):
        return "-".join(found.groups())
    return MIDNIGHT.sub("", text)
