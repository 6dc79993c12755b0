"""A question of a service's form as a page shows it: what `booking/_question.html` draws. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.catalogue.labels import option_label
from app.catalogue.rules import FormField, InputType

FEW = 6
Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Question:
    """One field of the page. `kind` is what _question.html draws; `value` a text, or the chosen ones of several."""

    name: str
    label: str
    kind: str
    required: bool
    value: Any
    options: Options = ()
    hint: str = ""
    attrs: Mapping[str, str] = field(default_factory=dict)


def kind_of(asked: FormField) -> str:
    """Which field of a page a question becomes."""
    if asked.type is InputType.ENUM:
        return "radios" if asked.required and len(asked.options) <= FEW else "select"
    if asked.type is InputType.FILE:
        return "bring" if asked.required else "brought"
    return "select" if asked.type is InputType.REGION else str(asked.type)


def options_of(asked: FormField) -> list[tuple[str, str]]:
    """The options of a question with their words."""
    return [(option, option_label(asked.key, option)) for option in asked.options]
