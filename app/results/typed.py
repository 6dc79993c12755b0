"""A result as it is typed into the form of a page, and what of it stands in the fields again."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.datastructures import FormData, UploadFile

from app.kit.i18n import gettext as _
from app.kit.problems import FieldError, Invalid
from app.kit.schemas import DATE
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.models import REASON_LENGTH
from app.requests.service.planning import Given
from app.results.models import Result
from app.results.rules import MOST_ROWS, NOTES, Finding, TableKind

ROW = re.compile(r"rows\.(\d{1,3})\.([a-z_]{1,40})", re.ASCII)
VERDICTS = {"yes": True, "no": False}
FIRST_ROWS, MORE_ROWS = 5, 5


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: texts by field, the rows of values, and the report file if one was chosen."""

    texts: Mapping[str, str] = field(default_factory=dict)
    rows: Sequence[Mapping[str, str]] = ()
    upload: UploadFile | None = None
    wants_rows: bool = False

    def finding(self) -> Finding:
        """Raises Invalid for what can't be read at all; the rest is judged with what the service asks for."""
        errors = list[FieldError]()
        done_on = _day(self.texts.get("done_on", ""), "done_on", errors, required=True)
        until = _day(self.texts.get("valid_until", ""), "valid_until", errors, required=False)
        notes = {key: _words(self.texts.get(key, ""), key, errors) for key in NOTES}
        if errors or done_on is None:
            raise Invalid(errors=errors)
        return Finding(
            done_on,
            VERDICTS.get(self.texts.get("passed", "")),
            until,
            self.texts.get("unit", ""),
            self.rows,
            notes,
            has_file=self.upload is not None,
        )

    def given(self) -> Given:
        """Raises Invalid."""
        errors = list[FieldError]()
        reason, late_reason = [_words(self.texts.get(name, ""), name, errors) for name in ("reason", "late_reason")]
        if errors:
            raise Invalid(errors=errors)
        return Given(reason, late_reason)

    def padded(self, table: TableKind) -> list[Mapping[str, str]]:
        """The rows with some empty ones to type into."""
        filled = len(self.rows)
        wanted = max(FIRST_ROWS, filled + (MORE_ROWS if self.wants_rows else 0))
        empty = {column.key: "" for column in table.columns}
        return [*self.rows, *([empty] * (min(wanted, MOST_ROWS) - filled))]


def typed_of(form: FormData) -> Typed:
    """What a browser has sent. Rows keep their place, so that a fault is named where it was typed."""
    texts, rows = dict[str, str](), dict[int, dict[str, str]]()
    upload = None
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            upload = value if name == "file" and (value.filename or value.size) else upload
        elif place := ROW.fullmatch(name):
            rows.setdefault(int(place[1]), {})[place[2]] = value.strip()
        else:
            texts[name] = value.strip()
    last = max((n for n, row in rows.items() if any(row.values())), default=-1)
    return Typed(texts, [rows.get(n, {}) for n in range(last + 1)], upload, "more_rows" in texts)


def again(result: Result | None, today: date, unit: str) -> Typed:
    """The form before anything was typed: empty, or what was entered before and is to be corrected."""
    if result is None:
        return Typed({"done_on": today.isoformat(), "unit": unit})
    measured: Mapping[str, Any] = result.measured or {"columns": [], "rows": [], "unit": unit}
    keys = [key for key, _zh, _en in measured["columns"]]
    texts = {
        "done_on": result.done_on.isoformat(),
        "valid_until": result.valid_until.isoformat() if result.valid_until else "",
        "passed": {True: "yes", False: "no"}.get(result.passed, "") if result.passed is not None else "",
        "unit": measured["unit"] or unit,
        **result.notes,
    }
    return Typed(texts, [dict(zip(keys, row, strict=True)) for row in measured["rows"]])


def without_computed(typed: Typed, table: TableKind) -> Typed:
    """The same without the columns that are computed."""
    own = {column.key for column in table.columns if column.derived is None}
    rows = [{key: value for key, value in row.items() if key in own} for row in typed.rows]
    return Typed(typed.texts, rows, typed.upload, typed.wants_rows)


def sentences(problem: Invalid) -> dict[str, str]:
    """A sentence for each field at fault; of a table's cells with their row, as people count."""
    found = {}
    for error in problem.errors:
        row = ROW.fullmatch(error.field)
        words = error.sentence()
        found[error.field] = _("Row {n}: {words}").format(n=int(row[1]) + 1, words=words) if row else words
    return found


def _day(text: str, name: str, errors: list[FieldError], *, required: bool) -> date | None:
    if not text:
        if required:
            errors.append(FieldError(name, "required", "Give the day of the work."))
        return None
    with suppress(ValueError):
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
    errors.append(FieldError(name, "date_parsing", "Write the day as year-month-day, such as 2026-12-01."))
    return None


def _words(text: str, name: str, errors: list[FieldError]) -> str:
    try:
        return Paragraph(REASON_LENGTH, blank=True).validate(text)
    except TextError as error:
        errors.append(FieldError(name, error.code, MESSAGES[error.code], error.context))
        return ""
