"""What is a right answer to a question of each type, and its clean form in JSON. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app.catalogue.forms import NOT_IN_FUTURE, Circumstances, FormField, InputType
from app.kit.i18n import LazyString, lazy
from app.kit.text import Line, Paragraph, TextError, to_halfwidth

LONGEST_TEXT, LONGEST_TEXTAREA = 200, 2000
GREATEST_INTEGER, GREATEST_NUMBER = 1_000_000, 1_000_000_000
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 1, 1)

SENTENCES: Mapping[str, LazyString] = {
    "required": lazy("Please answer this; the station needs it to prepare."),
    "unknown_field": lazy("This service does not ask for “{key}”. Please check the name."),
    "not_text": lazy("Please give text."),
    "not_integer": lazy("Please enter a whole number, in digits."),
    "not_number": lazy("Please enter a number, in digits."),
    "below_minimum": lazy("Please enter {least} or more."),
    "above_maximum": lazy("Please enter {most} or less."),
    "not_an_option": lazy("Please choose one of the options: {options}."),
    "not_boolean": lazy("Please answer yes or no."),
    "not_a_date": lazy("Please enter a date that exists, such as 2026-12-01."),
    "date_out_of_range": lazy("Please enter a date between 1900 and 2099."),
    "date_in_future": lazy("This date lies in the future. Please check it."),
    "unknown_region": lazy("Please choose a county or district of this network."),
    "not_a_file": lazy("Please name the document that you will hand in."),
    "use_differs": lazy("This says another use than the question about the use. Please make them agree."),
}

TRUE, FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


class InputError(ValueError):
    """An answer that can't be taken: a code of SENTENCES or of kit.text, and the data of its sentence."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


def _text(question: FormField, value: object, _given: Circumstances) -> str | None:
    if not isinstance(value, str):
        raise InputError("not_text")
    cleaner = Paragraph(LONGEST_TEXTAREA) if question.type is InputType.TEXTAREA else Line(LONGEST_TEXT)
    try:
        return cleaner.validate(value)
    except TextError as error:
        raise InputError(error.code, **error.context) from error


def _integer(question: FormField, value: object, _given: Circumstances) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(text := to_halfwidth(value)):
        value = int(text)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError("not_integer")
    _in_range(value, question.minimum, GREATEST_INTEGER)
    return value


def _number(question: FormField, value: object, _given: Circumstances) -> float | int:
    if isinstance(value, str) and _NUMBER.fullmatch(text := to_halfwidth(value)):
        value = float(text)
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:  # noqa: PLR0124 - not a number
        raise InputError("not_number")
    _in_range(value, question.minimum, GREATEST_NUMBER)
    return int(value) if value == int(value) else value


def _in_range(value: float, least: int, most: int) -> None:
    if value < least:
        raise InputError("below_minimum", least=least)
    if value > most:
        raise InputError("above_maximum", most=most)


def _enum(question: FormField, value: object, _given: Circumstances) -> str:
    if not isinstance(value, str) or value not in question.options:
        raise InputError("not_an_option", options=", ".join(question.options))
    return value


def _multi_enum(question: FormField, value: object, given: Circumstances) -> list[str]:
    chosen = [value] if isinstance(value, str) else value
    if not isinstance(chosen, list):
        raise InputError("not_an_option", options=", ".join(question.options))
    picked = {_enum(question, option, given) for option in chosen}
    return [option for option in question.options if option in picked]


def _boolean(_question: FormField, value: object, _given: Circumstances) -> bool:
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else ""
    if word not in TRUE | FALSE:
        raise InputError("not_boolean")
    return word in TRUE


def _date(question: FormField, value: object, given: Circumstances) -> str:
    found = _DATE.fullmatch(to_halfwidth(value)) if isinstance(value, str) else None
    if found is None:
        raise InputError("not_a_date")
    try:
        day = date(*map(int, found.groups()))
    except ValueError as error:
        raise InputError("not_a_date") from error
    if not EARLIEST <= day < LATEST:
        raise InputError("date_out_of_range")
    if question.key in NOT_IN_FUTURE and day > given.today:
        raise InputError("date_in_future")
    return day.isoformat()


def _file(_question: FormField, value: object, _given: Circumstances) -> dict[str, str]:
    """A reference to a document: its name. The document itself is handed in at the appointment."""
    name = value.get("name") if isinstance(value, dict) and set(value) <= {"name", "handover"} else value
    if not isinstance(name, str):
        raise InputError("not_a_file")
    try:
        return {"name": Line(LONGEST_TEXT).validate(name), "handover": "appointment"}
    except TextError as error:
        raise InputError(error.code, **error.context) from error


def _region(_question: FormField, value: object, given: Circumstances) -> str:
    """A division's code of today; a town's nine digits stand for its county."""
    text = to_halfwidth(value).strip() if isinstance(value, str) else ""
    found = given.regions.get(text) or (given.regions.get(text[:6]) if text.isdecimal() else None)
    if found is None:
        raise InputError("unknown_region")
    return found


ANSWERS: Mapping[InputType, Callable[[FormField, Any, Circumstances], object]] = {
    InputType.TEXT: _text,
    InputType.TEXTAREA: _text,
    InputType.INTEGER: _integer,
    InputType.NUMBER: _number,
    InputType.ENUM: _enum,
    InputType.MULTI_ENUM: _multi_enum,
    InputType.BOOLEAN: _boolean,
    InputType.DATE: _date,
    InputType.FILE: _file,
    InputType.REGION: _region,
}
