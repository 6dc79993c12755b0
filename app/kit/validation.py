"""Pydantic's findings as field errors: a dotted path, a stable code, a sentence that says what to do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.kit.i18n import LazyString, lazy
from app.kit.problems import FieldError, Invalid
from app.kit.text import MESSAGES

ModelT = TypeVar("ModelT", bound=BaseModel)

SENTENCES: Mapping[str, LazyString] = {
    "missing": lazy("Please give this; it is required."),
    "extra_forbidden": lazy("This name is not known here. Please check the spelling."),
    "string_too_short": lazy("Please enter at least {min_length} characters."),
    "string_too_long": lazy("Please enter at most {max_length} characters."),
    "string_type": lazy("Please give text."),
    "string_pattern_mismatch": lazy("This does not have the form that is expected."),
    "string_unicode": lazy("This text cannot be read. Please enter it again."),
    "int_parsing": lazy("Please enter a whole number, in digits."),
    "int_parsing_size": lazy("This number is too large."),
    "int_type": lazy("Please give a whole number."),
    "int_from_float": lazy("Please give a whole number."),
    "float_parsing": lazy("Please enter a number, in digits."),
    "float_type": lazy("Please give a number."),
    "finite_number": lazy("Please enter a number, in digits."),
    "greater_than": lazy("Please enter a number greater than {gt}."),
    "greater_than_equal": lazy("Please enter {ge} or more."),
    "less_than": lazy("Please enter a number less than {lt}."),
    "less_than_equal": lazy("Please enter {le} or less."),
    "bool_parsing": lazy("Please answer true or false."),
    "bool_type": lazy("Please answer true or false."),
    "enum": lazy("Please choose one of: {expected}."),
    "literal_error": lazy("Please choose one of: {expected}."),
    "date_parsing": lazy("Please give a date that exists, as YYYY-MM-DD."),
    "date_from_datetime_parsing": lazy("Please give a date that exists, as YYYY-MM-DD."),
    "date_from_datetime_inexact": lazy("Please give a date only, as YYYY-MM-DD."),
    "date_type": lazy("Please give a date that exists, as YYYY-MM-DD."),
    "datetime_parsing": lazy("Please give a time with its offset, such as 2026-12-01T09:00:00+08:00."),
    "datetime_from_date_parsing": lazy("Please give a time with its offset, such as 2026-12-01T09:00:00+08:00."),
    "datetime_type": lazy("Please give a time with its offset, such as 2026-12-01T09:00:00+08:00."),
    "datetime_object_invalid": lazy("Please give a time with its offset, such as 2026-12-01T09:00:00+08:00."),
    "timezone_aware": lazy("Please give a time with its offset, such as 2026-12-01T09:00:00+08:00."),
    "uuid_parsing": lazy("This is not an identifier that we gave out."),
    "uuid_type": lazy("This is not an identifier that we gave out."),
    "list_type": lazy("Please give a list."),
    "dict_type": lazy("Please give an object with names and values."),
    "model_type": lazy("Please give an object with names and values."),
    "model_attributes_type": lazy("Please give an object with names and values."),
    "too_short": lazy("Please give at least {min_length}."),
    "too_long": lazy("Please give at most {max_length}."),
    "json_invalid": lazy("This is not valid JSON."),
}
OTHERWISE = lazy("This cannot be used. Please check it.")
SOURCES = frozenset({"body", "query", "path", "header", "cookie"})


def validated(kind: type[ModelT], values: object) -> ModelT:
    """The model of what was given. Raises Invalid, with an error for each field that is wrong."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise Invalid(errors=field_errors(error.errors())) from error


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """What `ValidationError.errors()` or FastAPI's `RequestValidationError.errors()` found, one a field and fault."""
    return [_field_error(error) for error in errors]


def _field_error(error: Mapping[str, Any]) -> FieldError:
    code = str(error["type"])
    data = {key: str(value) for key, value in (error.get("ctx") or {}).items() if key != "error"}
    sentence = SENTENCES.get(code) or MESSAGES.get(code) or OTHERWISE
    return FieldError(path(error["loc"]), code, str(getattr(sentence, "msgid", sentence)), data)


def path(location: Sequence[str | int]) -> str:
    """`("body", "items", 0, "inputs")` as `items.0.inputs`; the source itself when nothing is below it."""
    parts = location[1:] if len(location) > 1 and location[0] in SOURCES else location
    return ".".join(str(part) for part in parts)
