"""A service's own questions: the fields of its intake form, and what an answer is judged by. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class InputType(StrEnum):
    TEXT = "text"
    TEXTAREA = "textarea"
    INTEGER = "integer"
    NUMBER = "number"
    ENUM = "enum"
    MULTI_ENUM = "multi_enum"
    BOOLEAN = "boolean"
    DATE = "date"
    FILE = "file"
    REGION = "region"


class Use(StrEnum):
    """What an instrument is used for; the first four make a listed instrument's verification mandatory (强制检定)."""

    TRADE_SETTLEMENT = "trade_settlement"
    SAFETY_PROTECTION = "safety_protection"
    MEDICAL = "medical"
    ENVIRONMENT = "environment"
    OTHER = "other"


USE_FIELD = "use_purpose"
ASKED_ONLY_IN: Mapping[str, frozenset[str]] = {
    "site_address": frozenset({"onsite"}),
    "site_contact": frozenset({"onsite"}),
    "site_conditions": frozenset({"onsite"}),
}
"""Questions that make sense only in some modes, where the service has others too."""
NOT_IN_FUTURE = frozenset({"last_cert_date"})


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a service's intake form. `minimum` is that of a number, 0 unless the catalogue says otherwise."""

    key: str
    label_zh: str
    label_en: str
    type: InputType
    required: bool
    options: tuple[str, ...] = ()
    minimum: int = 0

    def asked(self, mode: str | None) -> bool:
        """Whether the question is asked in a mode (station, onsite, online); None asks all."""
        return mode is None or mode in ASKED_ONLY_IN.get(self.key, (mode,))


def form_fields(inputs: Iterable[Mapping[str, Any]]) -> tuple[FormField, ...]:
    """A form as it is stored with its service (`Service.inputs`)."""
    return tuple(
        FormField(
            key=part["key"],
            label_zh=part["label_zh"],
            label_en=part["label_en"],
            type=InputType(part["type"]),
            required=part["required"],
            options=tuple(part.get("options") or ()),
            minimum=part.get("min") or 0,
        )
        for part in inputs
    )


@dataclass(frozen=True)
class Circumstances:
    """What an answer is judged by, beside the question.

    `mode` of the appointment; `use` as answered for the whole request; `today` in the network's zone; `regions`:
    every division code and name that is understood, abolished ones too, to the code of today.
    """

    today: date
    mode: str | None = None
    use: Use | None = None
    regions: Mapping[str, str] = field(default_factory=dict)
