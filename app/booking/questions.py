"""The questions of a service's intake form as a page shows them: words, kind of field, prefilled value. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.booking.forms import Answers, Visit, item_name
from app.booking.nice import CLASSES
from app.catalogue.labels import option_label
from app.catalogue.rules import FormField, InputType
from app.catalogue.snapshot import ServiceInfo
from app.kit.formats import day_month_year
from app.kit.i18n import LazyString, lazy, pgettext, tr
from app.kit.i18n import gettext as _

NICE = "nice_class"
FEW = 6
HINTS: Mapping[str, LazyString] = {
    "model_spec": lazy("As on the nameplate."),
    "serial_no": lazy("As on the nameplate. If there is none, write “none”."),
    "use_purpose": lazy("The use decides whether the law requires the verification."),
    "use_region_code": lazy("Where the instrument is used; that place's authority looks after it."),
    "ecqs_record_no": lazy("Only if you have already registered it in the national e-CQS system."),
    "last_cert_no": lazy("Only if the instrument was verified or calibrated before."),
    "site_address": lazy("Where the staff shall come: street, number, building."),
    "site_contact": lazy("Who receives them there: name and phone."),
    "nice_class": lazy("Choose every class that you need. Classes 1 to 34 are goods, 35 to 45 services."),
    "industry": lazy("In your own words, such as “manufacture of valves”."),
}
AUTOCOMPLETE: Mapping[str, str] = {"site_address": "street-address"}
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


def questions(n: int, service: ServiceInfo, typed: Answers | None, visit: Visit, regions: Options) -> list[Question]:
    """The fields of the n-th service (from 0), as typed so far or, on the first look, prefilled."""
    return [_question(item_name(n, each.key), each, typed, visit, regions) for each in visit.asked(service)]


def _question(name: str, asked: FormField, typed: Answers | None, visit: Visit, regions: Options) -> Question:
    options = regions if asked.type is InputType.REGION else options_of(asked)
    return Question(
        name=name,
        label=tr(asked, "label"),
        kind=_kind(asked),
        required=asked.required,
        value=_prefilled(asked, visit) if typed is None else typed.get(asked.key, ""),
        options=options,
        hint=str(HINTS.get(asked.key, "")),
        attrs=_attributes(asked, visit),
    )


def _kind(asked: FormField) -> str:
    if asked.type is InputType.ENUM:
        return "radios" if asked.required and len(asked.options) <= FEW else "select"
    if asked.type is InputType.FILE:
        return "bring" if asked.required else "brought"
    return "select" if asked.type is InputType.REGION else str(asked.type)


def _prefilled(asked: FormField, visit: Visit) -> str:
    """What is known already: the division of the place asked from, and one of whatever there must be one of."""
    if asked.type is InputType.REGION:
        return visit.region
    if asked.type is InputType.INTEGER and asked.required and asked.minimum:
        return str(asked.minimum)
    return ""


def _attributes(asked: FormField, visit: Visit) -> dict[str, str]:
    found = {"autocomplete": AUTOCOMPLETE[asked.key]} if asked.key in AUTOCOMPLETE else {}
    if asked.type is InputType.DATE and asked.key.startswith("last_"):
        found["max"] = visit.today.isoformat()
    return found


def options_of(asked: FormField) -> list[tuple[str, str]]:
    """The options of a question with their words."""
    return [(option, _option(asked, option)) for option in asked.options]


def _option(asked: FormField, option: str) -> str:
    if asked.key == NICE and option in CLASSES:
        return f"{option} {CLASSES[option]}"
    return option_label(asked.key, option)


Answered = tuple[str, str, str]


def answered(service: ServiceInfo, clean: Mapping[str, Any], regions: Mapping[str, str]) -> Iterable[Answered]:
    """Every answer in words: (key, label, words). `regions` are the names of divisions by code."""
    for asked in service.fields:
        if asked.key in clean:
            yield asked.key, tr(asked, "label"), _words(asked, clean[asked.key], regions)


def _words(asked: FormField, value: Any, regions: Mapping[str, str]) -> str:  # noqa: ANN401 - any JSON
    chosen = [value] if asked.type is InputType.ENUM else value
    match asked.type:
        case InputType.ENUM | InputType.MULTI_ENUM:
            words = pgettext("between options", "; ").join(_option(asked, each) for each in chosen)
        case InputType.BOOLEAN:
            words = _("Yes") if value else _("No")
        case InputType.REGION:
            words = regions.get(value, value)
        case InputType.FILE:
            words = _("Shown at the appointment")
        case InputType.DATE:
            words = day_month_year(date.fromisoformat(value))
        case _:
            words = str(value)
    return words


def to_bring(service: ServiceInfo, inputs: Mapping[str, Any]) -> Iterable[str]:
    """What the visit needs, by the service's own form: the object itself, its papers, the documents it names."""
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
