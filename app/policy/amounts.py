"""Numbers that are set, as people read and type them: their names, ranges, units, and what is wrong with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.kit.formats import duration
from app.kit.i18n import LazyString, lazy, ngettext
from app.kit.i18n import gettext as _
from app.policy.booking import RANGES, Rule, largest_unit
from app.policy.rules import LEAST_DAYS, MOST_DAYS, Kind, Setting, number_of

NAMES: Mapping[str, LazyString] = {
    Rule.STEP: lazy("Time between starts"),
    Rule.LEAD: lazy("Notice before a visit"),
    Rule.HORIZON: lazy("Days that can be booked"),
    Rule.HOLD: lazy("Time to confirm"),
}
HINTS: Mapping[str, LazyString] = {
    Rule.STEP: lazy("Visits begin at these steps, counted from the full hour."),
    Rule.LEAD: lazy("How long before a visit one can still book it."),
    Rule.HORIZON: lazy("How many days ahead times are offered."),
    Rule.HOLD: lazy("How long a chosen time is kept while the request is filled in. What is kept already stays so."),
}
UNITS: Mapping[str, LazyString] = {"min": lazy("minutes"), "hour": lazy("hours"), "day": lazy("days")}
UNIT_OF: Mapping[str, str] = {Rule.STEP: "min", Rule.HORIZON: "day", Rule.HOLD: "min"}
RANGE = lazy("Enter a whole number from {least} to {most}.")
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Field:
    """How a number is asked for: by `choices`, else typed, in a `unit` or in one of `units`."""

    label: str
    hint: str
    number: str
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    chosen_unit: str = ""


def rule_words(rule: Rule, number: int) -> str:
    """A value of a rule of booking: "every 15 minutes", "3 days", "1 h 30 min"."""
    if rule is Rule.STEP:
        return _("every {n} minutes").format(n=number)
    if rule is Rule.HORIZON:
        return ngettext("{n} day", "{n} days", number).format(n=number)
    if rule is Rule.LEAD and not number:
        return _("none, until the visit begins")
    several, unit = largest_unit(number)
    return ngettext("{n} day", "{n} days", several).format(n=several) if unit == "day" else duration(number)


def judged_number(setting: Setting, number: int, unit: str) -> tuple[Mapping[str, Any], str]:
    """What the history keeps of a number that was typed, and what is wrong with it, or nothing."""
    if setting.kind is Kind.DEADLINE:
        wrong = "" if LEAST_DAYS <= number <= MOST_DAYS else RANGE.format(least=LEAST_DAYS, most=MOST_DAYS)
        return {"days": number}, wrong
    rule = Rule(setting.key)
    allowed = RANGES[rule]
    kept = allowed.kept(number, unit)
    return {"number": kept}, "" if allowed.allows(kept) else _range(rule)


def _range(rule: Rule) -> str:
    if rule is Rule.STEP:
        return _("Choose one of the list.")
    if rule is Rule.LEAD:
        return _("Enter a time from 0 minutes to 14 days.")
    return RANGE.format(least=RANGES[rule].least, most=RANGES[rule].most)


def number_field(setting: Setting, value: Mapping[str, Any] | None, given: Mapping[str, str] = NOTHING) -> Field:
    """The field for a setting's number, with what was typed, else with its value."""
    number = number_of(value)
    if setting.kind is Kind.DEADLINE:
        hint = _("From {least} to {most}.").format(least=LEAST_DAYS, most=MOST_DAYS)
        return Field(_("Working days"), hint, given.get("number", "" if number is None else str(number)))
    rule = Rule(setting.key)
    allowed, unit = RANGES[rule], UNIT_OF.get(rule, "min")
    if number is not None and allowed.units:
        number, unit = largest_unit(number)
    return Field(
        str(NAMES[rule]),
        f"{HINTS[rule]} {_limits(rule)}".strip(),
        given.get("number", "" if number is None else str(number)),
        "" if allowed.units else str(UNITS[unit]),
        tuple((str(each), rule_words(rule, each)) for each in allowed.choices),
        tuple((each, str(UNITS[each])) for each in allowed.units),
        given.get("unit", unit),
    )


def _limits(rule: Rule) -> str:
    allowed = RANGES[rule]
    if allowed.choices:
        return ""
    if allowed.units:
        return _("From 0 minutes to 14 days.")
    return _("From {least} to {most}.").format(least=allowed.least, most=allowed.most)
