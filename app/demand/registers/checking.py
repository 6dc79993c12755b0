"""A register looked at row by row: what of it can be taken in, and what is wrong where. Pure but for its file."""

import hmac
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np

from app.demand.boundaries import county_codes
from app.demand.models import INDUSTRY_LENGTH
from app.demand.registers.columns import Columns, columns_of
from app.demand.registers.errors import FileError
from app.demand.registers.reading import rows_of
from app.kit import uscc
from app.kit.geo import Crs, Floats, PointError, in_country_many, locate, to_wgs84_many
from app.kit.text import to_halfwidth
from app.stations.atlas import Atlas, TownFacts

T = TypeVar("T")
Cells = Mapping[str, str]
Place = tuple[float, float, Crs | None]
HEAVIEST = 1_000_000
DECIMALS = 3
"""A point is kept to a thousandth of a degree, about a hundred metres: distances stay true, a front door isn't told."""
MOST_FAULTS = 10_000
PURPOSE = b"onestop register code\0"
HASH_BYTES = 16
COUNTY_DIGITS, TOWN_DIGITS = 6, 9
NOWHERE: Place = (math.nan, math.nan, None)
SYSTEMS: Mapping[str, Crs] = {
    "": Crs.WGS84, "wgs84": Crs.WGS84, "wgs-84": Crs.WGS84, "epsg:4326": Crs.WGS84, "cgcs2000": Crs.WGS84,
    "gcj02": Crs.GCJ02, "gcj-02": Crs.GCJ02, "火星坐标": Crs.GCJ02, "高德": Crs.GCJ02, "腾讯": Crs.GCJ02,
    "bd09": Crs.BD09, "bd-09": Crs.BD09, "百度": Crs.BD09,
}  # fmt: skip
"""CGCS2000 differs from WGS-84 by centimetres."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: its number, the column, a code of `words.FAULTS` and what fills its sentence."""

    line: int
    column: str
    code: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Good:
    """The rows [n] that can be taken in. Degrees of WGS-84; `county` is where they lie, `stated` what they say."""

    line: list[int]
    lon: list[float]
    lat: list[float]
    weight: list[float]
    county: list[str | None]
    approximate: list[bool]
    industry: list[str]
    code_hash: list[bytes | None]
    stated: list[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole file. Of the `faults` the first MOST_FAULTS are here; `bad` rows have some."""

    good: Good
    faults: Sequence[Fault]
    all_faults: int
    bad: int
    columns: Columns

    @property
    def told(self) -> dict[str, Any]:
        """What is said of it: rows by kind, and the sum of the weights."""
        good = self.good
        places = zip(good.stated, good.county, strict=True)
        return {
            "good": len(good.line),
            "bad": self.bad,
            "faults": self.all_faults,
            "weight": math.fsum(good.weight),
            "approximate": sum(good.approximate),
            "outside": good.county.count(None),
            "elsewhere": sum(bool(stated) and stated != county for stated, county in places),
            "columns": list(self.columns.used),
            "ignored": list(self.columns.ignored),
        }


class RowError(ValueError):
    """One fault of a row."""

    def __init__(self, column: str, code: str, **data: object) -> None:
        super().__init__(code)
        self.column = column
        self.code = code
        self.data = data


class Row(NamedTuple):
    """A row as it was read. `system` is None at a town's point, and where there is no point at all (NaN)."""

    line: int
    lon: float
    lat: float
    system: Crs | None
    weight: float
    industry: str
    code_hash: bytes | None
    stated: str


def check(data: bytes, atlas: Atlas, key: bytes) -> Checked:
    """Look at a file. `key` is the installation's, for the hashes of credit codes. Raises FileError."""
    rows = rows_of(data)
    _line, header = next(rows, (0, []))
    columns = columns_of(header)
    checker = Checker(atlas, columns, key)
    for line, cells in rows:
        checker.look_at(line, cells)
    if not checker.rows:
        raise FileError("empty")
    return checker.checked()


class Checker:
    """Looks at one row after the other; where their points lie, at all of them at once in the end."""

    def __init__(self, atlas: Atlas, columns: Columns, key: bytes) -> None:
        self.rows: list[Row] = []
        self._faults: list[Fault] = []
        self._all_faults = 0
        self._bad: set[int] = set()
        self._atlas = atlas
        self._columns = columns
        self._places = columns.places
        self._key = key
        self._lines: dict[bytes, int] = {}
        self._former = {division.adcode: division.now for division in atlas.former}
        self._counties: dict[str, str] = {}
        self._towns: dict[str, list[TownFacts]] = {}
        for town in atlas.towns:
            self._towns.setdefault(town.name_zh, []).append(town)

    def look_at(self, line: int, cells: Sequence[str]) -> None:
        """Every column of it, so that all its faults are told at once."""
        row = {key: cells[place] if place < len(cells) else "" for key, place in self._places.items()}
        place = self._read(line, self._place, row) or NOWHERE
        weight = self._read(line, _weight, row) or 1.0
        industry = self._read(line, _industry, row) or ""
        code_hash = self._read(line, self._code_hash, row)
        if code_hash is not None and (first := self._lines.setdefault(code_hash, line)) != line:
            self._refuse(Fault(line, "uscc", "twice", {"first": first}))
        self.rows.append(Row(line, *place, weight, industry, code_hash, self._county(row)))

    def _read(self, line: int, read: Callable[[Cells], T], row: Cells) -> T | None:
        """What it reads, None where it finds a fault."""
        try:
            return read(row)
        except RowError as error:
            self._refuse(Fault(line, error.column, error.code, error.data))
            return None

    def _refuse(self, fault: Fault) -> None:
        self._bad.add(fault.line)
        self._all_faults += 1
        if len(self._faults) < 2 * MOST_FAULTS:  # those of points come last, and are put in their place
            self._faults.append(fault)

    def checked(self) -> Checked:
        """All that was looked at."""
        lons, lats = self._located()
        good = [n for n, row in enumerate(self.rows) if row.line not in self._bad]
        kept, lon, lat = [self.rows[n] for n in good], np.round(lons[good], DECIMALS), np.round(lats[good], DECIMALS)
        found = Good(
            line=[row.line for row in kept],
            lon=lon.tolist(),
            lat=lat.tolist(),
            weight=[row.weight for row in kept],
            county=county_codes(self._atlas, lon, lat),
            approximate=[row.system is None for row in kept],
            industry=[row.industry for row in kept],
            code_hash=[row.code_hash for row in kept],
            stated=[row.stated for row in kept],
        )
        faults = sorted(self._faults, key=lambda fault: fault.line)[:MOST_FAULTS]
        return Checked(found, faults, self._all_faults, len(self._bad), self._columns)

    def _located(self) -> tuple[Floats, Floats]:
        """The rows' points in WGS-84; who is nowhere in the country is refused."""
        lons = np.array([row.lon for row in self.rows], np.float64)
        lats = np.array([row.lat for row in self.rows], np.float64)
        for crs in Crs:
            given = np.flatnonzero(np.array([row.system is crs for row in self.rows], np.bool_))
            there = given[in_country_many(lons[given], lats[given])]
            shifted = to_wgs84_many(lons[there], lats[there], crs)
            for n in np.setdiff1d(given, there[in_country_many(*shifted)]).tolist():
                self._refuse_place(self.rows[n])
            lons[there], lats[there] = shifted
        return lons, lats

    def _refuse_place(self, row: Row) -> None:
        """With the reason, which is found one by one."""
        try:
            locate(row.lon, row.lat, row.system or Crs.WGS84)
        except PointError as error:
            self._refuse(Fault(row.line, "lon", error.code))

    def _county(self, row: Cells) -> str:
        """The code of the county that the row states; empty when it states none, or none of this network."""
        words = row.get("county", "")
        if words not in self._counties:
            division = self._atlas.county(words) if words else None
            self._counties[words] = division.adcode if division else ""
        return self._counties[words]

    def _place(self, row: Cells) -> Place:
        """Degrees as they are given, with their system; else the town's point."""
        lon, lat = row.get("lon", ""), row.get("lat", "")
        if not lon and not lat:
            town = self._town(row)
            return town.lon, town.lat, None
        system = SYSTEMS.get(row.get("crs", "").casefold().replace(" ", ""))
        if system is None:
            raise RowError("crs", "crs")
        return _degrees("lon", lon), _degrees("lat", lat), system

    def _town(self, row: Cells) -> TownFacts:
        """By its code of nine digits (or more: of a village), or by its name if that is only one town's."""
        words = to_halfwidth(row.get("town", "")).strip()
        if not words:
            raise RowError("lon" if "lon" in self._places else "town", "place_missing")
        if words.isdecimal():
            return self._by_code(words)
        county = self._county(row)
        named = [each for each in self._towns.get(words, ()) if not county or each.county_adcode == county]
        if len(named) != 1:
            raise RowError("town", "town_twice" if named else "town")
        return named[0]

    def _by_code(self, code: str) -> TownFacts:
        now = self._former.get(code[:COUNTY_DIGITS], "") + code[COUNTY_DIGITS:TOWN_DIGITS]
        town = self._atlas.town_by_code.get(code[:TOWN_DIGITS]) or self._atlas.town_by_code.get(now)
        if town is None:
            raise RowError("town", "town")
        return town

    def _code_hash(self, row: Cells) -> bytes | None:
        """Keyed, since all codes that there are could be hashed in an afternoon."""
        text = row.get("uscc", "")
        if not text:
            return None
        result = uscc.check(text)
        if result.problem is not None:
            raise RowError("uscc", result.problem.value)
        return hmac.digest(self._key, PURPOSE + result.code.encode(), "sha256")[:HASH_BYTES]


def _weight(row: Cells) -> float:
    text = row.get("weight", "")
    if not text:
        return 1.0
    weight = _number(text)
    if weight is None:
        raise RowError("weight", "number")
    if not 0 < weight <= HEAVIEST:
        raise RowError("weight", "weight", most=HEAVIEST)
    return weight


def _industry(row: Cells) -> str:
    text = " ".join(row.get("industry", "").split())
    if len(text) > INDUSTRY_LENGTH:
        raise RowError("industry", "industry", most=INDUSTRY_LENGTH)
    return text


def _degrees(column: str, text: str) -> float:
    number = _number(text)
    if number is None:
        raise RowError(column, "number" if text else "half_point")
    return number


def _number(text: str) -> float | None:
    try:
        number = float((text if text.isascii() else to_halfwidth(text)).replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def copied(good: Good) -> Iterator[tuple[object, ...]]:
    """The rows as they are kept, in the order of `service.COPY`."""
    columns = good.line, good.lon, good.lat, good.weight, good.county, good.approximate, good.industry, good.code_hash
    return zip(*columns, strict=True)
