"""What is mandatory by use, and whether the answers to a service's own questions are right. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.catalogue.answers import ANSWERS, SENTENCES, InputError
from app.catalogue.forms import USE_FIELD, Circumstances, FormField, InputType, Use, form_fields
from app.catalogue.labels import mode_label, option_label, what_to_bring
from app.kit.problems import FieldError
from app.kit.text import MESSAGES

__all__ = [
    "USE_FIELD",
    "Circumstances",
    "FormField",
    "InputType",
    "Regulated",
    "Use",
    "form_fields",
    "mandatory_by_use",
    "mode_label",
    "needs_designation",
    "option_label",
    "validate_inputs",
    "what_to_bring",
]

BLANK: tuple[object, ...] = (None, "", [], {})


class Regulated(Protocol):
    """A service as far as the law asks."""

    @property
    def mandatory(self) -> bool: ...
    @property
    def designation_required(self) -> bool: ...


def needs_designation(service: Regulated, use: Use | None) -> bool:
    """Whether only a designated station may do it.

    Verification of a listed instrument is mandatory when used for trade settlement, safety protection, medical care
    or environmental monitoring (Metrology Law of the PRC, article 9). While the use isn't known, it counts as such.
    """
    return service.designation_required and use is not Use.OTHER


def mandatory_by_use(service: Regulated, use: Use | None) -> bool:
    """Whether the service is mandatory for this use; what is mandatory without a list doesn't depend on the use."""
    return needs_designation(service, use) if service.designation_required else service.mandatory


def validate_inputs(
    fields: Sequence[FormField], values: Mapping[str, Any], given: Circumstances, *, prefix: str = ""
) -> tuple[dict[str, Any], list[FieldError]]:
    """The answers in clean JSON, and every fault of theirs, by the questions' order.

    `values` are typed (from JSON) or text (from a form); blank is not answered. What isn't asked in this mode is left
    out. An unanswered question about the use takes the request's answer. `prefix` stands before each field's name in
    the errors, such as "items.0.inputs.".
    """
    clean: dict[str, Any] = {}
    errors: list[FieldError] = []
    known = {question.key for question in fields}
    for key in values:
        if key not in known:
            errors.append(_error(prefix + key[:60], "unknown_field", {"key": key[:60]}))
    for question in fields:
        if not question.asked(given.mode):
            continue
        try:
            answer = _answer(question, _filled(question, values.get(question.key), given), given)
        except InputError as error:
            errors.append(_error(prefix + question.key, error.code, error.data))
        else:
            if answer is not None:
                clean[question.key] = answer
    return clean, errors


def _error(name: str, code: str, data: Mapping[str, object]) -> FieldError:
    sentence = SENTENCES[code].msgid if code in SENTENCES else MESSAGES[code]
    return FieldError(name, code, sentence, data)


def _filled(question: FormField, value: object, given: Circumstances) -> object:
    if question.key == USE_FIELD and value in BLANK and given.use:
        return given.use.value
    return value


def _answer(question: FormField, value: object, given: Circumstances) -> object:
    """The clean answer, None where there is none. Raises InputError."""
    if isinstance(value, str):
        value = value.strip()
    if value in BLANK:
        if question.required:
            raise InputError("required")
        return None
    answer = ANSWERS[question.type](question, value, given)
    if question.key == USE_FIELD and given.use and answer != given.use:
        raise InputError("use_differs")
    return answer
