"""The table of instruments as the page of the details shows it: rows to read, and rows that are open. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.booking.questions import questions_of
from app.booking.tables import as_text, columns, row_name
from app.catalogue.labels import option_label
from app.catalogue.questions import Options, Question
from app.catalogue.rules import FormField, InputType
from app.catalogue.sheets import MOST_ROWS, read_sheet
from app.kit.i18n import gettext as _
from app.kit.i18n import pgettext, tr
from app.kit.problems import FieldError, Invalid

MOST_OPEN = 20
"""So many rows of a page are open at once; each has a field for every column."""
Answers = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell to read: its words, and what is wrong with it. `above`: the words are those of the form above."""

    name: str
    words: str
    fault: str
    above: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row, counted from 0: its cells, or where it is open the fields for them; `fault` is about the row as such."""

    n: int
    name: str
    cells: Sequence[Cell]
    fields: Sequence[Question]
    fault: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The table, without columns in which nothing stands. `full` says that no row can be added."""

    labels: Sequence[str]
    rows: Sequence[Row]
    full: bool

    @property
    def wrong(self) -> int:
        """How many rows have something wrong."""
        return sum(bool(row.fault or any(cell.fault for cell in row.cells)) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Around:
    """What the n-th table needs of the page: the answers above it, the divisions, the faults that are shown."""

    n: int
    common: Mapping[str, Any]
    regions: Options
    faults: Mapping[str, str]


def cell_faults(faults: Iterable[FieldError]) -> dict[str, str]:
    """The sentence for each cell or row, which needn't say again where it is."""
    return {each.field: str(each.data.get("fault") or each.sentence()) for each in faults if ".rows." in each.field}


def grid(asked: Sequence[FormField], table: str, around: Around, opened: Collection[int]) -> Grid | None:
    """The table as a page shows it; None where it can't be read, so that only its text can be shown.

    Rows that are `opened`, and the first that have faults, are open; a number after the last row opens
    a new one, also below no table yet.
    """
    questions = columns(asked)
    try:
        found = read_sheet(table, questions).rows if table.strip() else ()
    except Invalid:
        return None
    rows = [_row(questions, answers, n, around) for n, answers in enumerate(found)]
    wrong = [row.n for row in rows if row.fault or any(cell.fault for cell in row.cells)]
    free = [*(n for n in opened if n < len(rows)), *(n for n in wrong if n not in opened)][:MOST_OPEN]
    for n in free:
        rows[n] = replace(rows[n], fields=_fields(questions, found[n], n, around))
    new = len(rows)
    if any(n >= new for n in opened) and new < MOST_ROWS:
        rows.append(Row(new, row_name(around.n, new), (), _fields(questions, {}, new, around), ""))
    told = [
        n
        for n in range(len(questions))
        if any(row.cells and (row.cells[n].words or row.cells[n].fault) for row in rows)
    ]
    rows = [replace(row, cells=[row.cells[n] for n in told if row.cells]) for row in rows]
    return Grid([tr(questions[n], "label") for n in told], rows, len(found) >= MOST_ROWS) if rows else None


def _row(questions: Sequence[FormField], answers: Answers, n: int, around: Around) -> Row:
    cells = [_cell(each, answers, row_name(around.n, n, each.key), around) for each in questions]
    name = row_name(around.n, n)
    return Row(n, name, cells, (), around.faults.get(name, ""))


def _cell(asked: FormField, answers: Answers, name: str, around: Around) -> Cell:
    own = answers.get(asked.key, "")
    above = not own
    words = _words(asked, own or around.common.get(asked.key, ""), around.regions)
    return Cell(name, words, around.faults.get(name, ""), above and bool(words))


def _words(asked: FormField, answer: Any, regions: Options) -> str:  # noqa: ANN401 - a text, or several
    """An answer in words, or as it stands in the table where it is none of the form's."""
    if isinstance(answer, list):
        return pgettext("between options", "; ").join(_words(asked, each, regions) for each in answer)
    text = str(answer)
    if asked.type in {InputType.ENUM, InputType.MULTI_ENUM} and text in asked.options:
        return option_label(asked.key, text)
    if asked.type is InputType.BOOLEAN:
        return {"true": _("Yes"), "false": _("No")}.get(as_text(text), text)
    return dict(regions).get(text, text) if asked.type is InputType.REGION else text


def _fields(questions: Sequence[FormField], answers: Answers, n: int, around: Around) -> list[Question]:
    fields = questions_of(questions, around.regions, lambda key: row_name(around.n, n, key))
    return [
        _field(field, asked, answers.get(asked.key, ""), around) for field, asked in zip(fields, questions, strict=True)
    ]


def _field(field: Question, asked: FormField, answer: str | list[str], around: Around) -> Question:
    """As a row's field: it may be left out where the form above answers it, and says what it can't show."""
    above = _words(asked, around.common.get(asked.key, ""), around.regions)
    known = {option for option, _label in field.options} or {"true", "false"}
    chosen = asked.type in {InputType.ENUM, InputType.BOOLEAN, InputType.REGION}
    value = answer if isinstance(answer, list) else as_text(answer)
    hint = _("As above if empty: {answer}").format(answer=above) if above else field.hint
    if chosen and isinstance(value, str) and value and value not in known:
        hint = _("In the table: {answer}").format(answer=value)
    kind = "select" if field.kind == "radios" else field.kind
    return replace(field, value=value, hint=hint, required=asked.required and not above, kind=kind)
