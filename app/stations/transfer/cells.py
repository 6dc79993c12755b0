"""What a cell of a CSV file may hold. Each parser takes the cell's text and gives the text that PostgreSQL reads.

None stands for NULL. All raise `CellError`, whose code is one of `faults.SENTENCES` or of `kit.text`.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from app.kit.text import Line, TextError

Parse = Callable[[str], str | None]

MODES = ("station", "onsite", "online")
EAST, NORTH = (73.0, 136.0), (3.0, 54.0)
"""The country's extent in whole degrees, WGS-84: what lies outside is a slip."""
REMEMBERED = 4096

_INTEGER = re.compile(r"-?[0-9]{1,9}")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][05]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class CellError(ValueError):
    """A cell that can't be taken: a code and the data of its sentence."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


def optional(parse: Parse) -> Parse:
    """The same, but an empty cell is NULL."""
    return lambda text: parse(text) if text.strip() else None


def remembered(parse: Parse) -> Parse:
    """The same, for columns in which few values come again and again."""
    return lru_cache(maxsize=REMEMBERED)(parse)


def line(limit: int, *, blank: bool = False) -> Parse:
    """One line of text, cleaned as everywhere; empty only if `blank`."""
    cell = Line(limit, blank=blank)

    def parse(text: str) -> str:
        try:
            return cell.validate(text)
        except TextError as error:
            raise CellError(error.code, **error.context) from error

    return parse


def code(most: int = 32) -> Parse:
    pattern = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{most - 1}}}")

    def parse(text: str) -> str:
        if not pattern.fullmatch(text := text.strip()):
            raise CellError("code", most=most)
        return text

    return parse


def digits(count: int, fault: str) -> Parse:
    pattern = re.compile(rf"[0-9]{{{count}}}")

    def parse(text: str) -> str:
        if not pattern.fullmatch(text := text.strip()):
            raise CellError(fault)
        return text

    return parse


def choice(*options: str) -> Parse:
    def parse(text: str) -> str:
        if (text := text.strip()) not in options:
            raise CellError("choice", options=", ".join(options))
        return text

    return parse


def array(*options: str, blank: bool = False) -> Parse:
    """Several of the options (of any codes when there are none), separated by "|", as an array of PostgreSQL."""
    item = code()

    def parse(text: str) -> str:
        parts = [part.strip() for part in text.split("|")] if text.strip() else []
        if not (parts or blank) or len(set(parts)) != len(parts) or (options and not set(parts) <= set(options)):
            raise CellError("choices", options=", ".join(options)) if options else CellError("blank")
        return "{" + ",".join(str(part if options else item(part)) for part in parts) + "}"

    return parse


def integer(least: int, most: int) -> Parse:
    def parse(text: str) -> str:
        if not _INTEGER.fullmatch(text := text.strip()) or not least <= int(text) <= most:
            raise CellError("integer", least=least, most=most)
        return text

    return parse


def number(before: int, after: int) -> Parse:
    pattern = re.compile(rf"[0-9]{{1,{before}}}(?:\.[0-9]{{1,{after}}})?")

    def parse(text: str) -> str:
        if not pattern.fullmatch(text := text.strip()):
            raise CellError("number", digits=after)
        return text

    return parse


def degrees(extent: tuple[float, float], fault: str) -> Parse:
    parse_number = number(3, 15)

    def parse(text: str) -> str | None:
        try:
            degrees = parse_number(text)
        except CellError as error:
            raise CellError(fault) from error
        if not extent[0] <= float(text) <= extent[1]:
            raise CellError(fault)
        return degrees

    return parse


def day(text: str) -> str:
    try:
        if not _DATE.fullmatch(text := text.strip()):
            raise CellError("date")
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise CellError("date") from error


def five_minutes(text: str) -> str:
    if not _TIME.fullmatch(text := text.strip()):
        raise CellError("time")
    return text


def moment(text: str) -> str:
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise CellError("moment") from error
    if parsed.tzinfo is None:
        raise CellError("moment")
    return parsed.isoformat()


def boolean(text: str) -> str:
    if (text := text.strip()) not in ("true", "false"):
        raise CellError("boolean")
    return text


longitude = degrees(EAST, "longitude")
latitude = degrees(NORTH, "latitude")
adcode = digits(6, "adcode")
town_code = digits(9, "town_code")
