"""Several instruments of one service on the page of the details: a table pasted or chosen, judged row by row. Pure.

The table is kept as text, as it was pasted. The page shows its rows; those that are open there come back as fields of
their own, `items.<n>.rows.<row>.<key>`, and are written into the text. Rows are counted from 0, on pages from 1.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile

from app.catalogue.edits import edited
from app.catalogue.rules import Circumstances, FormField, InputType, validate_inputs
from app.catalogue.sheets import MOST_BYTES, decoded, read_sheet
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
CHANGED_ELSEWHERE = lazy("This table was changed in another window. Please look at it again, and change the row here.")
DEED = re.compile(r"([0-9])\.(edit|remove|add|keep|drop)\.([0-9]{1,3})")
ROW_FIELD = re.compile(r"items\.([0-9])\.rows\.([0-9]{1,3})\.([a-z0-9_]+)")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows in clean answers, the faults with their row, and the columns that nobody asked for."""

    items: tuple[Mapping[str, Any], ...] = ()
    faults: tuple[FieldError, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """What a button in the n-th table does: `edit`, `remove` or `keep` a row, `add` one, or `drop` the table."""

    n: int
    verb: str
    row: int


def table_name(n: int) -> str:
    """The name of the field for the table of the n-th service, from 0."""
    return f"items.{n}.table"


def row_name(n: int, row: int, key: str = "") -> str:
    """The name of a row of that table, or of its cell."""
    return f"items.{n}.rows.{row}.{key}".rstrip(".")


def mark_of(table: str) -> str:
    """By which a page says which table it has shown."""
    return hashlib.sha256(table.encode("utf-8", "replace")).hexdigest()[:16]


def takes_table(service: ServiceInfo) -> bool:
    """Whether the form describes a thing, so that there may be several."""
    return any(asked.key in OBJECTS for asked in service.fields)


def columns(asked: Iterable[FormField]) -> list[FormField]:
    """The questions that a row answers; documents are brought along, not written."""
    return [question for question in asked if question.type is not InputType.FILE]


def deed_of(form: FormData) -> Deed | None:
    """Which button of a table was pressed, if any."""
    found = DEED.fullmatch(str(form.get("do", "")))
    return Deed(int(found[1]), found[2], int(found[3])) if found else None


def read_tables(
    form: FormData, asked: Mapping[str, Sequence[FormField]], kept: Mapping[str, str]
) -> tuple[dict[str, str], tuple[FieldError, ...]]:
    """The tables by service code, and what couldn't be read: `asked` has each service's questions, `kept` its table.

    A file takes the place of a text, and that of the table that the page has shown; else the open rows are written
    into it.
    """
    tables: dict[str, str] = {}
    faults: list[FieldError] = []
    for n, (code, questions) in enumerate(asked.items()):
        typed, chosen = form.get(table_name(n)), form.get(f"items.{n}.file")
        text = typed if isinstance(typed, str) else ""
        try:
            if isinstance(chosen, UploadFile) and chosen.filename:
                text = decoded(chosen.file.read(MOST_BYTES + 1), table_name(n))
            elif not text.strip() and f"items.{n}.seen" in form:
                text = kept.get(code, "")
                text = _with_rows(form, n, columns(questions), text)
        except Invalid as problem:
            faults += problem.errors
        if text.strip():
            tables[code] = text[: MOST_BYTES + 1]
    return tables, tuple(faults)


def _with_rows(form: FormData, n: int, questions: Sequence[FormField], table: str) -> str:
    """The table with its open rows as they were typed. Raises Invalid when another one was shown."""
    deed = deed_of(form)
    changes = _changes(form, n, questions, table) if table or not deed else _first(form, n, questions, deed)
    gone = {deed.row} if deed and (deed.n, deed.verb) == (n, "remove") else set()
    drop = deed is not None and (deed.n, deed.verb) == (n, "drop")
    if not (changes or gone or drop):
        return table
    if form.get(f"items.{n}.seen") != mark_of(table):
        raise Invalid(errors=[FieldError(table_name(n), "table_changed", CHANGED_ELSEWHERE.msgid)])
    return "" if drop else edited(table, questions, changes, gone)


def _changes(form: FormData, n: int, questions: Sequence[FormField], table: str) -> dict[int, dict[str, str]]:
    """The cells that were typed anew, by row. An option that no field could show stays, unless another is chosen."""
    types = {each.key: each.type for each in questions}
    found: dict[int, dict[str, str]] = {}
    try:
        rows = read_sheet(table, questions).rows
    except Invalid:
        return {}
    for name in dict.fromkeys(form):
        match = ROW_FIELD.fullmatch(name)
        if match is None or int(match[1]) != n or match[3] not in types:
            continue
        row, key = int(match[2]), match[3]
        typed = ";".join(value for value in form.getlist(name) if isinstance(value, str))
        before = as_text(rows[row].get(key, "")) if row < len(rows) else ""
        chosen = types[key] in {InputType.ENUM, InputType.BOOLEAN, InputType.REGION, InputType.MULTI_ENUM}
        if typed.split() != before.split() and not (chosen and not typed):
            found.setdefault(row, {})[key] = typed
    return found


def _first(form: FormData, n: int, questions: Sequence[FormField], deed: Deed) -> dict[int, dict[str, str]]:
    """What a list begins with when somebody adds to the one instrument that the form describes."""
    if (deed.n, deed.verb) != (n, "add"):
        return {}
    given = {each.key: form.getlist(f"items.{n}.inputs.{each.key}") for each in questions}
    return {0: {key: ";".join(value for value in values if isinstance(value, str)) for key, values in given.items()}}


def as_text(answer: str | list[str]) -> str:
    """A row's answer as the page's field has it: yes and no by the names that the form gives them."""
    if isinstance(answer, list):
        return ";".join(answer)
    return {"yes": "true", "no": "false"}.get(answer, answer)


def judge_table(
    n: int,
    service: ServiceInfo,
    asked: Sequence[FormField],
    table: str,
    *,
    common: Mapping[str, Any],
    given: Circumstances,
) -> Table:
    """Every row with what the form has answered for all of them where the row says nothing.

    A fault is at its cell, `items.<n>.rows.<row>.<key>`, with the bare sentence in its data as `fault`.
    """
    questions = columns(asked)
    try:
        sheet = read_sheet(table, questions, table_name(n))
    except Invalid as problem:
        return Table(faults=tuple(problem.errors))
    labels = {question.key: tr(question, "label") for question in service.fields}
    cells = {question.key for question in questions}
    beyond = [row for row, line in enumerate(sheet.lines) if line in sheet.beyond]
    faults = [FieldError(row_name(n, row), "row_too_long", BEYOND.msgid, {"row": row + 1}) for row in beyond]
    items = []
    for row, answers in enumerate(sheet.rows):
        clean, wrong = validate_inputs(service.fields, {**common, **answers}, given)
        items.append(clean)
        for fault in wrong:
            data = {"row": row + 1, "label": labels.get(fault.field, fault.field), "fault": fault.sentence()}
            name = row_name(n, row, fault.field) if fault.field in cells else table_name(n)
            faults.append(FieldError(name, fault.code, IN_ROW.msgid, data))
    return Table(tuple(items), (*faults, *_same(n, service, items)), sheet.unknown)


def _same(n: int, service: ServiceInfo, items: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    return [
        FieldError(
            row_name(n, row),
            "instrument_repeated",
            SAME_ROW.msgid,
            {"row": row + 1, "fault": str(SAME_INSTRUMENT).format(row=first + 1)},
        )
        for row, first in repeated([(service.code, clean) for clean in items]).items()
    ]
