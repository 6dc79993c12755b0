"""Several instruments of one service on the page of the details: a table pasted or chosen, judged row by row. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile

from app.catalogue.rules import Circumstances, FormField, InputType, validate_inputs
from app.catalogue.sheets import MOST_BYTES, Sheet, decoded, read_sheet
from app.catalogue.snapshot import ServiceInfo
from app.kit.i18n import lazy, tr
from app.kit.problems import FieldError, Invalid
from app.requests.intake import SAME_INSTRUMENT
from app.requests.many import repeated

OBJECTS = frozenset({"instrument_name", "sample_name"})
"""Questions of forms that describe a thing, of which there may be several."""
IN_ROW = lazy("Row {row}, {label}: {fault}")
SAME_ROW = lazy("Row {row}: {fault}")
BEYOND = lazy("Row {row} has more cells than there are columns. Please look whether a cell has slipped.")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows in clean answers, the faults with their row, and the columns that nobody asked for."""

    items: tuple[Mapping[str, Any], ...] = ()
    faults: tuple[FieldError, ...] = ()
    ignored: tuple[str, ...] = ()


def table_name(n: int) -> str:
    """The name of the field for the table of the n-th service, from 0."""
    return f"items.{n}.table"


def takes_table(service: ServiceInfo) -> bool:
    """Whether the form describes a thing, so that there may be several."""
    return any(asked.key in OBJECTS for asked in service.fields)


def columns(asked: Iterable[FormField]) -> list[FormField]:
    """The questions that a row answers; documents are brought along, not written."""
    return [question for question in asked if question.type is not InputType.FILE]


def read_tables(form: FormData, codes: Sequence[str]) -> tuple[dict[str, str], tuple[FieldError, ...]]:
    """The tables by service code, a file instead of the text where one was chosen; and what couldn't be read."""
    tables: dict[str, str] = {}
    faults: list[FieldError] = []
    for n, code in enumerate(codes):
        typed, chosen = form.get(table_name(n)), form.get(f"items.{n}.file")
        text = typed if isinstance(typed, str) else ""
        if isinstance(chosen, UploadFile) and chosen.filename:
            try:
                text = decoded(chosen.file.read(MOST_BYTES + 1), table_name(n))
            except Invalid as problem:
                faults += problem.errors
        if text.strip():
            tables[code] = text[: MOST_BYTES + 1]
    return tables, tuple(faults)


def judge_table(
    n: int,
    service: ServiceInfo,
    asked: Sequence[FormField],
    table: str,
    *,
    common: Mapping[str, Any],
    given: Circumstances,
) -> Table:
    """Every row with what the form has answered for all of them where the row says nothing."""
    name = table_name(n)
    try:
        sheet = read_sheet(table, columns(asked), name)
    except Invalid as problem:
        return Table(faults=tuple(problem.errors))
    items, faults = [], [FieldError(name, "row_too_long", BEYOND.msgid, {"row": row}) for row in sheet.beyond]
    labels = {question.key: tr(question, "label") for question in service.fields}
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        clean, wrong = validate_inputs(service.fields, {**common, **row}, given)
        items.append(clean)
        for fault in wrong:
            data = {"row": line, "label": labels.get(fault.field, fault.field), "fault": fault.sentence()}
            faults.append(FieldError(name, fault.code, IN_ROW.msgid, data))
    return Table(tuple(items), (*faults, *_same(name, service, items, sheet)), sheet.unknown)


def _same(name: str, service: ServiceInfo, items: Sequence[Mapping[str, Any]], sheet: Sheet) -> list[FieldError]:
    return [
        FieldError(
            name,
            "instrument_repeated",
            SAME_ROW.msgid,
            {"row": sheet.lines[n], "fault": str(SAME_INSTRUMENT).format(row=sheet.lines[first])},
        )
        for n, first in repeated([(service.code, clean) for clean in items]).items()
    ]
