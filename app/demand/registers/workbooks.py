"""XLSX read row by row (ECMA-376, 18.3), within limits that hold for any file.

python-calamine reads workbooks faster, but makes a grid as large as the two cells that lie farthest apart: a file of
5 kB with a cell in A1 and one in XFD1048576 takes the process down. Here nothing is made that isn't in the file; it is
unpacked as a stream that ends at MOST_UNPACKED; what defines entities, or nests without end, is refused.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import IO
from xml.parsers import expat

from app.demand.registers.errors import FileError

MOST_UNPACKED = 192 * 1024 * 1024
MOST_STRINGS = 3_000_000
MOST_COLUMNS = 64
"""Cells in columns farther to the right are not looked at."""
LONGEST_CELL = 500
PART = 256 * 1024
DEEPEST, LONGEST_TAG, MOST_SHEETS = 32, 4 * 1024 * 1024, 5000
END_OF_LIST, MOST_LISTED = b"PK\x05\x06", 256 * 1024
LETTERS, DIGITS = re.compile("[A-Z]{1,3}"), "0123456789"
BOOK, RELATIONS, STRINGS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, expat.ExpatError, ValueError, IndexError,
)  # fmt: skip
"""What zipfile and expat raise over a file that is damaged, locked, packed in an unknown way, or no workbook inside."""
Row = tuple[int, list[str]]


def workbook_rows(data: bytes) -> Iterator[Row]:
    """The rows of the first sheet that hold anything, each with its number and its cells as text.

    A formula is what it last came to, an error its name. Raises FileError.
    """
    _refuse_a_long_list(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sheet = _first_sheet(archive)
            strings = _Strings().read(archive, STRINGS) if STRINGS in archive.namelist() else []
            yield from _Sheet(strings).rows(archive, sheet)
    except FileError:
        raise
    except BROKEN as error:
        raise FileError("workbook") from error


def _refuse_a_long_list(data: bytes) -> None:
    """The list of what is in the archive is read wholly before anything else: millions of names are no workbook."""
    end = data.rfind(END_OF_LIST)
    if end < 0 or int.from_bytes(data[end + 12 : end + 16], "little") > MOST_LISTED:
        raise FileError("workbook")


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The path of the first sheet in the archive."""
    sheets = _Attributes("sheet").read(archive, BOOK)
    wanted = next(value for name, value in sheets[0].items() if name.endswith(":id"))
    for relation in _Attributes("Relationship").read(archive, RELATIONS):
        if relation.get("Id") == wanted:
            target = relation["Target"]
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise FileError("workbook")


class _Reader:
    """A part of the archive, parsed as it is unpacked."""

    depth = 0

    def parse(self, archive: zipfile.ZipFile, path: str) -> Iterator[None]:
        """Comes back after each piece that was read."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = partial(self._begin, parser)
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = self._refuse
        unpacked = 0
        with archive.open(path) as part:
            while piece := _piece(part):
                unpacked += len(piece)
                if unpacked > MOST_UNPACKED:
                    raise FileError("unpacked")
                parser.Parse(piece, False)
                if unpacked - parser.CurrentByteIndex > LONGEST_TAG:
                    raise FileError("workbook")
                yield
        parser.Parse(b"", True)
        yield

    def _begin(self, parser: expat.XMLParserType, name: str, attributes: dict[str, str]) -> None:
        """The first element: where it has a prefix, all have, and it is cut off."""
        cut = len(name.rpartition(":")[0]) + 1 if ":" in name else 0
        if cut:
            parser.StartElementHandler = lambda name, attributes: self.start(name[cut:], attributes)
            parser.EndElementHandler = lambda name: self.end(name[cut:])
        else:
            parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        self.start(name[cut:], attributes)

    def _refuse(self, *_declared: object) -> None:
        raise FileError("workbook")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; `depth` counts how many have not ended."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise FileError("workbook")

    def end(self, _name: str) -> None:
        self.depth -= 1

    def text(self, data: str) -> None: ...


def _piece(part: IO[bytes]) -> bytes:
    return part.read(PART)


class _Attributes(_Reader):
    """The attributes of all elements of one name."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._found: list[dict[str, str]] = []

    def read(self, archive: zipfile.ZipFile, path: str) -> list[dict[str, str]]:
        for _piece_read in self.parse(archive, path):
            if len(self._found) > MOST_SHEETS:
                raise FileError("workbook")
        return self._found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FileError("workbook")
        if name == self._wanted:
            self._found.append(attributes)


class _Strings(_Reader):
    """The texts that cells refer to by number; how Chinese is read (`rPh`) is left out."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._parts: list[str] = []
        self._takes = False
        self._reading = 0

    def read(self, archive: zipfile.ZipFile, path: str) -> list[str]:
        for _piece_read in self.parse(archive, path):
            if len(self._found) > MOST_STRINGS:
                raise FileError("unpacked")
        return self._found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FileError("workbook")
        if name == "t":
            self._takes = not self._reading
        elif name == "rPh":
            self._reading += 1
        elif name == "si":
            self._parts = []

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == "t":
            self._takes = False
        elif name == "rPh":
            self._reading -= 1
        elif name == "si":
            self._found.append("".join(self._parts)[:LONGEST_CELL])

    def text(self, data: str) -> None:
        if self._takes:
            self._parts.append(data)


class _Sheet(_Reader):
    """The rows of a sheet, as far as they were read."""

    def __init__(self, strings: list[str]) -> None:
        self._strings = strings
        self._ready: list[Row] = []
        self._row = self._column = 0
        self._cells: dict[int, str] = {}
        self._kind = ""
        self._takes = False
        self._parts: list[str] = []

    def rows(self, archive: zipfile.ZipFile, path: str) -> Iterator[Row]:
        for _piece_read in self.parse(archive, path):
            yield from self._ready
            self._ready = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FileError("workbook")
        if name == "c":
            self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
            self._kind = attributes.get("t", "n")
            self._parts = []
        elif name in {"v", "t"}:
            self._takes = True
        elif name == "row":
            self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
            self._column, self._cells = 0, {}

    def text(self, data: str) -> None:
        if self._takes:
            self._parts.append(data)

    def end(self, name: str) -> None:
        self.depth -= 1
        if name in {"v", "t"}:
            self._takes = False
        elif name == "c":
            if self._parts and 0 < self._column <= MOST_COLUMNS:
                self._cells[self._column] = self._value("".join(self._parts))
        elif name == "row" and self._cells:
            cells = [self._cells.get(column, "") for column in range(1, max(self._cells) + 1)]
            self._ready.append((self._row, cells))

    def _value(self, raw: str) -> str:
        if self._kind == "s":
            return self._strings[int(raw)]
        if self._kind == "n" and ("E" in raw or "." in raw):
            number = float(raw)
            return str(int(number)) if number.is_integer() else repr(number)
        return raw[:LONGEST_CELL]


def _column(reference: str) -> int:
    """The number of a column, from 1, of a reference such as AB12."""
    return _number(reference.rstrip(DIGITS))


@lru_cache(1024)
def _number(letters: str) -> int:
    if not LETTERS.fullmatch(letters):
        raise FileError("workbook")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
