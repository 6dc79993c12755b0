"""The columns of a register, by the names that people give them. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.demand.registers.errors import FileError
from app.kit.text import to_halfwidth

NAMES: Mapping[str, tuple[str, ...]] = {
    "uscc": ("uscc", "统一社会信用代码", "社会信用代码", "信用代码", "creditcode"),
    "county": ("county", "区县", "所属区县", "县区", "县市区", "区县代码", "行政区划代码"),
    "town": ("town", "乡镇", "街道", "乡镇街道", "镇街", "所属乡镇", "乡镇代码", "乡镇街道代码"),
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "crs": ("crs", "坐标系", "坐标系统", "coordinatesystem"),
    "weight": ("weight", "权重", "employees", "从业人数", "从业人员", "职工人数", "员工人数"),
    "industry": ("industry", "行业", "行业类别", "所属行业"),
}
"""What is read. Names, addresses and everything else may stand in the file; they are not looked at."""
HEADS: Mapping[str, str] = {
    "uscc": "统一社会信用代码", "county": "区县", "town": "乡镇", "lon": "经度", "lat": "纬度", "crs": "坐标系",
    "weight": "从业人数", "industry": "行业",
}  # fmt: skip
"""As the template has them."""
_BY_NAME = {name: key for key, names in NAMES.items() for name in names}
_IN_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]")
MOST_NAMED, LONGEST_NAME = 12, 24


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each known column stands in a row, from 0; and the names of those that are not looked at."""

    places: Mapping[str, int]
    ignored: tuple[str, ...]

    @property
    def used(self) -> tuple[str, ...]:
        return tuple(self.places)


def columns_of(header: Sequence[str]) -> Columns:
    """Raises FileError: a column twice, or nothing that says where an enterprise is."""
    found = [(place, _BY_NAME.get(_folded(name), "")) for place, name in enumerate(header)]
    places: dict[str, int] = {}
    for place, key in found:
        if key in places:
            raise FileError("column_twice", first=header[places[key]], second=header[place])
        if key:
            places[key] = place
    if not ({"lon", "lat"} <= set(places) or "town" in places):
        raise FileError("no_place", columns=" · ".join(HEADS.values()))
    ignored = [header[place][:LONGEST_NAME] for place, key in found if not key and header[place]]
    return Columns(places, tuple(ignored[:MOST_NAMED]))


def _folded(name: str) -> str:
    """A name without what people change in it: width, capitals, blanks, stars, what stands in brackets."""
    plain = _IN_BRACKETS.sub("", to_halfwidth(name).casefold())
    return re.sub(r"[\s*:_/、·-]+", "", plain)
