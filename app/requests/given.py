"""What the applicant has given for a service, in words, and what the visit needs because of it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
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

FEW = 3
"""So many objects of a service are named one by one."""
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
    """Everything to bring, or to have at hand, for all services of a visit; each thing once.

    More than a few of one service are told as one thing, with the first numbers.
    """
    by_service: dict[str, tuple[ServiceInfo, list[Mapping[str, Any]]]] = {}
    for service, inputs in services:
        by_service.setdefault(service.code, (service, []))[1].append(inputs)
    lines: list[str] = []
    for service, given_ in by_service.values():
        if len(given_) > FEW:
            lines += _for_many(service, given_)
        else:
            lines += [line for inputs in given_ for line in _for_one(service, inputs)]
    return list(dict.fromkeys(lines))


def _for_many(service: ServiceInfo, given_: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """The objects of one service by name and count, and their papers in one line each."""
    for name, numbers in _by_name(given_).items():
        first = pgettext("between numbers", ", ").join(numbers[:FEW])
        sentence = (
            _("{count} instruments: {name}, no. {numbers}")
            if len(numbers) <= FEW
            else _("{count} instruments: {name}, no. {numbers} and so on, as in your list")
        )
        yield sentence.format(count=len(numbers), name=name, numbers=first)
    for inputs in given_:
        if "sample_name" in inputs:
            yield _("The samples: {name}").format(name=inputs["sample_name"])
    if any(asked.key == "last_cert_no" for asked in service.fields):
        yield _("The last certificates, as far as there are any")
    for asked in service.fields:
        if asked.type is InputType.FILE and any(asked.key in inputs for inputs in given_):
            yield tr(asked, "label")


def _by_name(given_: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The serial numbers of the instruments of each name."""
    found: dict[str, list[str]] = {}
    for inputs in given_:
        if "instrument_name" in inputs:
            found.setdefault(str(inputs["instrument_name"]), []).append(str(inputs.get("serial_no", "—")))
    return found


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
