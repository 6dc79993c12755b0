"""What the applicant has given for a service, in words, and what the visit needs because of it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.catalogue.labels import option_label
from app.catalogue.rules import FormField, InputType
from app.catalogue.snapshot import ServiceInfo
from app.kit.formats import day_month_year
from app.kit.i18n import gettext as _
from app.kit.i18n import pgettext, tr
from app.stations.atlas import DivisionFacts

Divisions = Iterable[DivisionFacts]


@dataclass(frozen=True, slots=True)
class Answer:
    """A question of the form by its key and its words, and the answer in words."""

    key: str
    label: str
    words: str


def given(service: ServiceInfo, inputs: Mapping[str, Any], divisions: Divisions) -> list[Answer]:
    """Question and answer of each field that was filled in, in the order of the form."""
    names = {division.adcode: tr(division, "name") for division in divisions}
    return [
        Answer(field.key, tr(field, "label"), _in_words(field, inputs[field.key], names))
        for field in service.fields
        if field.key in inputs
    ]


def _in_words(field: FormField, value: Any, names: Mapping[str, str]) -> str:  # noqa: ANN401 - any JSON
    """An answer in the language of the moment."""
    match field.type:
        case InputType.BOOLEAN:
            words = _("Yes") if value else _("No")
        case InputType.ENUM:
            words = option_label(field.key, value)
        case InputType.MULTI_ENUM:
            words = pgettext("between options", "; ").join(option_label(field.key, option) for option in value)
        case InputType.DATE:
            words = day_month_year(date.fromisoformat(value))
        case InputType.REGION:
            words = names.get(value, str(value))
        case InputType.FILE:
            words = _document(field, value["name"])
        case _other:
            words = str(value)
    return words


def _document(field: FormField, name: str) -> str:
    """A document that is shown at the appointment; the wizard names it as the question does, a program as it likes."""
    if name in (field.label_zh, field.label_en):
        return _("Shown at the appointment")
    return _("{document}, to be handed in at the appointment").format(document=name)


def to_bring(services: Iterable[tuple[ServiceInfo, Mapping[str, Any]]]) -> list[str]:
    """Everything to bring, or to have at hand, for all services of a visit; each thing once."""
    return list(dict.fromkeys(line for service, inputs in services for line in _for_one(service, inputs)))


def _for_one(service: ServiceInfo, inputs: Mapping[str, Any]) -> Iterable[str]:
    """By the service's own form: the object itself, its papers, the documents it names."""
    if "instrument_name" in inputs:
        yield _("The instrument: {name}, no. {number}").format(
            name=inputs["instrument_name"], number=inputs.get("serial_no", "—")
        )
    if "sample_name" in inputs:
        yield _("The samples: {name}").format(name=inputs["sample_name"])
    if inputs.get("last_cert_no"):
        yield _("The last certificate: {number}").format(number=inputs["last_cert_no"])
    elif any(asked.key == "last_cert_no" for asked in service.fields):
        yield _("The last certificate, if there is one")
    for asked in service.fields:
        if asked.type is InputType.FILE and asked.key in inputs:
            yield tr(asked, "label")
