"""What somebody has found, judged before it is kept: dates, a verdict where there is one, values or a file. Pure."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from app.catalogue.deliverables import ResultKind
from app.kit.i18n import lazy
from app.kit.problems import FieldError
from app.results.rules.tables import TableKind, read_rows

MONTHS = 12
LONGEST_YEARS = 20
NOTES = ("basis", "equipment", "environment", "remarks", "conclusion")
"""What is said in words: the rule worked by, what was measured with, the surroundings, and anything else."""

_SENTENCES = {
    "day_ahead": lazy("This day has not come yet."),
    "before_request": lazy("The request was sent on {day}. What was done before can't be its result."),
    "verdict_missing": lazy("Say whether the instrument has passed its verification."),
    "no_verdict": lazy("A calibration states results, never whether something has passed; a report says so in words."),
    "failed_not_valid": lazy("What has not passed is not valid until any day. Leave this empty."),
    "ends_before": lazy("This lies before the day of the work."),
    "too_far": lazy("This is more than {years} years away. Please compare the year."),
    "nothing_found": lazy("Enter at least one row of values, or add the report as a file."),
    "conclusion_of_report": lazy("Only a report has a conclusion in words."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found. `rows` are as typed, `has_file` says that a report file comes with them.

    `passed` is said of verifications only; `valid_until` where the document's own day differs from the usual one.
    """

    done_on: date
    passed: bool | None = None
    valid_until: date | None = None
    unit: str = ""
    rows: Sequence[Mapping[str, object]] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    has_file: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What is kept of a finding: the values in columns, in words what else was said, and until when it holds."""

    passed: bool | None
    valid_until: date | None
    table: dict[str, Any] | None
    notes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Setting:
    """Against what a finding is judged: the kind and table of its service, its months of validity, and two days."""

    kind: ResultKind
    table: TableKind
    months: int | None
    asked_on: date
    today: date


def judge(found: Finding, setting: Setting) -> tuple[Judged, list[FieldError]]:
    """What is kept, and every fault by its field. What is faulty isn't kept."""
    rows, errors = read_rows(setting.table, found.rows, found.unit)
    errors += _days(found, setting) + _verdict(found, setting)
    if not rows and not found.has_file and not any(each.field.startswith("rows") for each in errors):
        errors.append(_fault("rows", "nothing_found"))
    if found.notes.get("conclusion") and setting.kind is not ResultKind.REPORT:
        errors.append(_fault("conclusion", "conclusion_of_report"))
    notes = {key: found.notes[key] for key in NOTES if found.notes.get(key)}
    until = found.valid_until or usually_until(found.done_on, setting.months, passed=found.passed)
    return Judged(found.passed, until, _kept(setting.table, rows, found.unit) if rows else None, notes), errors


def usually_until(done_on: date, months: int | None, *, passed: bool | None) -> date | None:
    """The last day on which it holds: so many months later, minus one day; None where the service has no interval.

    A month that is shorter ends it on its last day: 31 August and six months is 28 February, minus one day.
    """
    if months is None or passed is False:
        return None
    place = done_on.year * MONTHS + done_on.month - 1 + months
    year, month = divmod(place, MONTHS)
    day = min(done_on.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)


def _days(found: Finding, setting: Setting) -> list[FieldError]:
    errors = []
    if found.done_on > setting.today:
        errors.append(_fault("done_on", "day_ahead"))
    elif found.done_on < setting.asked_on:
        errors.append(_fault("done_on", "before_request", day=setting.asked_on.isoformat()))
    if found.valid_until is None:
        return errors
    if found.passed is False:
        errors.append(_fault("valid_until", "failed_not_valid"))
    elif found.valid_until < found.done_on:
        errors.append(_fault("valid_until", "ends_before"))
    elif found.valid_until.year - found.done_on.year > LONGEST_YEARS:
        errors.append(_fault("valid_until", "too_far", years=LONGEST_YEARS))
    return errors


def _verdict(found: Finding, setting: Setting) -> list[FieldError]:
    if setting.kind is ResultKind.VERIFICATION:
        return [] if found.passed is not None else [_fault("passed", "verdict_missing")]
    return [] if found.passed is None else [_fault("passed", "no_verdict")]


def _kept(table: TableKind, rows: Sequence[Mapping[str, str]], unit: str) -> dict[str, Any]:
    """The table with its own heads: a document says the same in years, whatever becomes of the columns here."""
    used = [each for each in table.columns if any(row[each.key] for row in rows)]
    return {
        "kind": table.key,
        "unit": unit if table.units else "",
        "columns": [[each.key, each.label_zh, each.label_en] for each in used],
        "rows": [[row[each.key] for each in used] for row in rows],
    }


def _fault(name: str, code: str, **data: object) -> FieldError:
    return FieldError(name, code, _SENTENCES[code].msgid, data)
