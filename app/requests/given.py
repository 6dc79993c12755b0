"""What the applicant has given for a service, in words. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.catalogue.labels import option_label
from app.catalogue.rules import FormField, InputType
from app.catalogue.snapshot import ServiceInfo
from app.kit.formats import day_month_year
from app.kit.i18n import gettext as _
from app.kit.i18n import pgettext, tr
from app.stations.atlas import DivisionFacts

Divisions = Mapping[str, DivisionFacts]


def given(service: ServiceInfo, inputs: Mapping[str, Any], divisions: Divisions) -> list[tuple[str, str]]:
    """Question and answer of each field that was filled in, in the order of the form."""
    return [
        (tr(field, "label"), in_words(field, inputs[field.key], divisions))
        for field in service.fields
        if field.key in inputs
    ]


def in_words(field: FormField, value: Any, divisions: Divisions) -> str:  # noqa: ANN401 - any JSON
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
            words = tr(divisions[value], "name") if value in divisions else str(value)
        case InputType.FILE:
            words = _("{document}, to be handed in at the appointment").format(document=value["name"])
        case _other:
            words = str(value)
    return words
