"""Measured values as typed tables: which columns a service's result has, and what follows from what was read. Pure.

Values stay as they were read, digit by digit: "1.60" says more than 1.6. What can be computed from them is, so that
nobody computes it by hand. Which values are good enough is the institution's to say, by the rule that it works by.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.catalogue.deliverables import ResultKind
from app.kit.i18n import lazy
from app.kit.problems import FieldError
from app.kit.text import MESSAGES, Line, TextError, to_halfwidth

MOST_ROWS = 200
TEXT_LENGTH = 200
NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?", re.ASCII)
Row = Mapping[str, str]
Derive = Callable[[Mapping[str, Decimal]], Decimal | None]

_SENTENCES = {
    "no_number": lazy("Write the value as a number with a point, such as 1.60."),
    "unknown_column": lazy("This table has no column “{key}”. Its columns are {columns}."),
    "computed_column": lazy("This value is computed from the others; leave it out."),
    "value_missing": lazy("This value is missing."),
    "too_many_rows": lazy("At most {most} rows fit. Send the rest as a report file."),
    "unit_unknown": lazy("Choose one of these units: {units}."),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column. A `derived` one is computed from the numbers of its row, if they are there."""

    key: str
    label_zh: str
    label_en: str
    number: bool = True
    required: bool = True
    derived: Derive | None = None


@dataclass(frozen=True, slots=True)
class TableKind:
    """What is measured: its units, the first of them the usual one (none where each row has its own), and columns."""

    key: str
    units: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column | None:
        return next((each for each in self.columns if each.key == key), None)


def _less(one: str, other: str) -> Derive:
    def derive(row: Mapping[str, Decimal]) -> Decimal | None:
        return row[one] - row[other] if one in row and other in row else None

    return derive


def _worst_of_pressure(row: Mapping[str, Decimal]) -> Decimal | None:
    """Of the errors up and down the one further from zero."""
    errors = [row[key] - row["point"] for key in ("up", "down") if key in row and "point" in row]
    return max(errors, key=abs, default=None)


def _hysteresis(row: Mapping[str, Decimal]) -> Decimal | None:
    return abs(row["up"] - row["down"]) if "up" in row and "down" in row else None


UNCERTAINTY = Column("uncertainty", "扩展不确定度 U (k=2)", "Expanded uncertainty U (k=2)", required=False)
PRESSURE = TableKind(
    "pressure",
    ("MPa", "kPa", "Pa", "kgf/cm²"),
    (
        Column("point", "检定点", "Point"),
        Column("up", "升压示值", "Reading, rising"),
        Column("down", "降压示值", "Reading, falling", required=False),
        Column("error", "示值误差", "Error of indication", derived=_worst_of_pressure),
        Column("hysteresis", "回程误差", "Hysteresis", derived=_hysteresis),
        UNCERTAINTY,
    ),
)
WEIGHING = TableKind(
    "weighing",
    ("kg", "g", "mg", "t"),
    (
        Column("load", "载荷", "Load"),
        Column("indication", "示值", "Indication"),
        Column("error", "示值误差", "Error of indication", derived=_less("indication", "load")),
        UNCERTAINTY,
    ),
)
TEMPERATURE = TableKind(
    "temperature",
    ("℃", "K", "%RH"),
    (
        Column("standard", "标准值", "Standard value"),
        Column("indication", "示值", "Indication"),
        Column("correction", "修正值", "Correction", derived=_less("standard", "indication")),
        UNCERTAINTY,
    ),
)
LENGTH = TableKind(
    "length",
    ("mm", "μm", "m"),
    (
        Column("nominal", "受检点", "Nominal value"),
        Column("indication", "示值", "Indication"),
        Column("error", "示值误差", "Error of indication", derived=_less("indication", "nominal")),
        UNCERTAINTY,
    ),
)
GENERIC = TableKind(
    "generic",
    (),
    (
        Column("item", "项目", "Item", number=False),
        Column("standard", "标准值", "Standard value", number=False, required=False),
        Column("result", "测得值", "Measured value", number=False),
        Column("unit", "单位", "Unit", number=False, required=False),
        Column("uncertainty", "扩展不确定度 U (k=2)", "Expanded uncertainty U (k=2)", number=False, required=False),
    ),
)
TESTED = TableKind(
    "tested",
    (),
    (
        Column("item", "检验项目", "Item", number=False),
        Column("requirement", "技术要求", "Requirement", number=False, required=False),
        Column("result", "检验结果", "Result", number=False),
        Column("unit", "单位", "Unit", number=False, required=False),
    ),
)
TABLES: Mapping[str, TableKind] = {
    each.key: each for each in (PRESSURE, WEIGHING, TEMPERATURE, LENGTH, GENERIC, TESTED)
}
# By the words of a service's name, since every network numbers its services in its own way.
_BY_NAME: tuple[tuple[re.Pattern[str], TableKind], ...] = (
    (re.compile("血压|胎压"), GENERIC),
    (re.compile("压力表|压力计|压力变送器|真空表"), PRESSURE),
    (re.compile("秤|汽车衡|天平|砝码"), WEIGHING),
    (re.compile("体温计|温湿度|温度计|热电|热电阻|热电偶|恒温"), TEMPERATURE),
    (re.compile("卡尺|千分尺|指示表|量块|卷尺|直尺|测厚仪"), LENGTH),
)


def table_for(kind: ResultKind, name_zh: str) -> TableKind:
    """The table of a service of this name."""
    if kind is ResultKind.REPORT:
        return TESTED
    return next((table for words, table in _BY_NAME if words.search(name_zh)), GENERIC)


def read_rows(
    table: TableKind, rows: Sequence[Mapping[str, object]], unit: str
) -> tuple[list[dict[str, str]], list[FieldError]]:
    """The rows as they are kept, computed values included, and every fault, as `rows.<n>.<column>` from 0.

    Rows in which nothing stands are left out. `unit` is one of the table's, where it has any.
    """
    errors = []
    clean = []
    if len(rows) > MOST_ROWS:
        errors.append(_fault("rows", "too_many_rows", most=MOST_ROWS))
    for n, row in enumerate(rows[:MOST_ROWS]):
        kept, faults = _read_row(table, row, f"rows.{n}")
        errors += faults
        if kept:
            clean.append(kept)
    if table.units and clean and unit not in table.units:
        errors.append(_fault("unit", "unit_unknown", units=", ".join(table.units)))
    return clean, errors


def _read_row(table: TableKind, row: Mapping[str, object], path: str) -> tuple[dict[str, str], list[FieldError]]:
    errors, texts = list[FieldError](), dict[str, str]()
    for key, value in row.items():
        column = table.column(key)
        if column is None:
            columns = ", ".join(each.key for each in table.columns if each.derived is None)
            errors.append(_fault(f"{path}.{key[:40]}", "unknown_column", key=key[:40], columns=columns))
            continue
        try:
            texts[key] = _read(column, value)
        except TextError as error:
            errors.append(FieldError(f"{path}.{key}", error.code, MESSAGES[error.code], error.context))
        except _CellError as error:
            errors.append(_fault(f"{path}.{key}", error.code))
    if errors or not any(texts.values()):
        return {}, errors
    missing = [each for each in table.columns if each.required and each.derived is None and not texts.get(each.key)]
    errors += [_fault(f"{path}.{each.key}", "value_missing") for each in missing]
    return _whole(table, texts), errors


class _CellError(ValueError):
    """A value that can't stand in its column; `code` is a key of the sentences."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _read(column: Column, value: object) -> str:
    """A value as it is kept. Raises TextError, _CellError."""
    text = Line(TEXT_LENGTH, blank=True).validate("" if value is None or isinstance(value, bool) else str(value))
    if column.derived is not None and text:
        raise _CellError("computed_column")
    if column.number and text:
        text = to_halfwidth(text).replace("\u2212", "-").replace(" ", "")
        if not NUMBER.fullmatch(text):
            raise _CellError("no_number")
    return text


def _whole(table: TableKind, texts: Row) -> dict[str, str]:
    """The row in the order of its columns, with what follows from its numbers."""
    numbers = {each.key: Decimal(texts[each.key]) for each in table.columns if each.number and texts.get(each.key)}
    whole = {}
    for column in table.columns:
        if column.derived is None:
            whole[column.key] = texts.get(column.key, "")
        else:
            value = column.derived(numbers)
            whole[column.key] = "" if value is None else f"{value:f}"
    return whole


def _fault(field: str, code: str, **data: object) -> FieldError:
    return FieldError(field, code, _SENTENCES[code].msgid, data)
