"""Words for what a ledger keeps by code: why a due date is what it is, how near it is, what became of an instrument."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.catalogue.snapshot import Catalogue
from app.kit.formats import day_month_year
from app.kit.i18n import LazyString, lazy, ngettext, pgettext, tr
from app.kit.i18n import gettext as _
from app.ledger.fields import BY_KEY, DELIVERIES, DELIVERY, REGION, USES
from app.ledger.rules.dues import SOON, DueFrom, When
from app.stations.atlas import Atlas

REASONS: Mapping[DueFrom, LazyString] = {
    DueFrom.CERTIFICATE: lazy("by the date on its certificate"),
    DueFrom.OWN_INTERVAL: lazy("by your own interval of {months} months"),
    DueFrom.SERVICE: lazy("by the usual interval of {months} months"),
}
WHENS: Mapping[When, LazyString] = {
    When.OVERDUE: lazy("Overdue"),
    When.DAYS_7: lazy("Within 7 days, or overdue"),
    When.DAYS_30: lazy("Within 30 days, or overdue"),
    When.DAYS_60: lazy("Within 60 days, or overdue"),
    When.NONE: lazy("Without a date"),
}
KINDS: Mapping[str, LazyString] = {
    "added": lazy("Added"),
    "imported": lazy("Taken in from a file"),
    "updated": lazy("Changed by a file: {fields}"),
    "changed": lazy("Changed: {fields}"),
    "retired": lazy("Put out of use"),
    "restored": lazy("Put to use again"),
    "booked": lazy("Booked: {reference}"),
    "certified": lazy("Certificate {number} issued; good until {until}"),
    "calibrated": lazy("Certificate {number} issued"),
    "corrected": lazy("Certificate {number} corrected, version {version}; good until {until}"),
    "failed": lazy("Notice of result {number}: it did not pass"),
    "withdrawn": lazy("Certificate {number} withdrawn; the due date stays as it is"),
}
INTERVAL = lazy("Due on {until} now, {reason}: the interval was changed")
NO_INTERVAL = lazy("No due date any more: the service has no usual interval now")
TURNED_BACK = lazy("Certificate {number} withdrawn; due on {until} now, {reason}")
TURNED_TO_NOTHING = lazy("Certificate {number} withdrawn; no due date is known without it")
NOTHING = "—"


def due_tag(on: date | None, today: date) -> tuple[str, str]:
    """How near it is, in words, and the tone of the tag."""
    if on is None:
        return _("No date"), "plain"
    days = (on - today).days
    if days < 0:
        return ngettext("{num} day overdue", "{num} days overdue", -days).format(num=-days), "wrong"
    words = ngettext("{num} day left", "{num} days left", days).format(num=days) if days else _("Last day today")
    return words, "attention" if days <= SOON[1] else "good"


def reason_of(due_from: str | None, own_months: int | None, service_months: int | None) -> str:
    """How the due date came about; empty without one."""
    if due_from is None:
        return ""
    reason = DueFrom(due_from)
    return REASONS[reason].format(months=own_months if reason is DueFrom.OWN_INTERVAL else service_months)


def value_words(key: str, value: object, atlas: Atlas, catalogue: Catalogue) -> str:
    """A value of an instrument for people, "" where there is none."""
    if value is None:
        return ""
    if key in {"use_purpose", DELIVERY}:
        return str((USES if key == "use_purpose" else DELIVERIES)[str(value)])
    if key == REGION:
        division = atlas.division_by_code.get(str(value))
        return tr(division, "name") if division else str(value)
    if key == "service_id":
        service = catalogue.by_id.get(int(str(value)))
        return tr(service, "name") if service else ""
    return day_month_year(value) if isinstance(value, date) else str(value)


def label(key: str) -> str:
    """What a column is called."""
    return tr(BY_KEY["service_code" if key == "service_id" else key], "label")


def step_words(kind: str, data: Mapping[str, Any]) -> str:
    """A step of the history as a sentence; the reason of who put it out of use stands beside it."""
    words = _of_dates(kind, data) if kind == "interval" or data.get("turned") else KINDS.get(kind)
    if words is None:
        return kind
    fields = pgettext("between names", ", ").join(label(key) for key in data.get("fields", ()))
    until = data.get("until")
    day = day_month_year(date.fromisoformat(until)) if until else NOTHING
    known = {name: data.get(name, "") for name in ("number", "version", "reference")}
    reason = reason_of(data.get("due_from"), data.get("months"), data.get("months"))
    return words.format(fields=fields, until=day, reason=reason, **known)


def _of_dates(kind: str, data: Mapping[str, Any]) -> LazyString:
    """Of what moves the due date without a certificate."""
    known = bool(data.get("until"))
    if kind == "interval":
        return INTERVAL if known else NO_INTERVAL
    return TURNED_BACK if known else TURNED_TO_NOTHING
