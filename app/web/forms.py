"""Forms of pages: what was typed, judged by a model, with a sentence for each field that is wrong."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from app.kit.i18n import LazyString, gettext
from app.kit.problems import FieldError
from app.kit.validation import field_errors

Form = TypeVar("Form", bound=BaseModel)
Sentences = Mapping[tuple[str, str], LazyString]


def typed(form: FormData) -> dict[str, str]:
    """What was typed into each field; a field left empty isn't there.

    Where a page has several forms, each calls its reason `<form>.reason`, so that no id is there twice.
    """
    given = ((name.rpartition(".")[2], value) for name, value in form.items())
    return {name: value for name, value in given if isinstance(value, str) and value.strip()}


def placed(errors: Mapping[str, str], form: str) -> dict[str, str]:
    """The errors under the names that the fields of this form have on their page."""
    return {f"{form}.{name}" if name == "reason" else name: sentence for name, sentence in errors.items()}


def judged(kind: type[Form], given: Mapping[str, str], sentences: Sentences) -> tuple[Form | None, dict[str, str]]:
    """The form in clean values, or a sentence for each field that is wrong."""
    try:
        return kind.model_validate({name: given[name] for name in kind.model_fields if name in given}), {}
    except ValidationError as error:
        return None, wrong(field_errors(error.errors()), sentences)


def wrong(faults: list[FieldError], sentences: Sentences) -> dict[str, str]:
    """The first fault of each field, in the words of the form where it has any."""
    found: dict[str, str] = {}
    for fault in faults:
        own = sentences.get((fault.field, fault.code))
        found.setdefault(fault.field, gettext(own.msgid) if own else fault.sentence())
    return found


def address(path: str, asked: Mapping[str, object], **more: object) -> str:
    """A path with what was asked for, empty values left out."""
    query = {name: value for name, value in {**asked, **more}.items() if value not in ("", None)}
    return f"{path}?{urlencode(query)}" if query else path
