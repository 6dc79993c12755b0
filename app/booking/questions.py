"""The questions of a service's intake form as a page shows them: words, kind of field, prefilled value. Pure."""

from collections.abc import Callable, Iterable, Mapping

from app.booking.forms import Answers, Visit, item_name
from app.catalogue.questions import Options, Question, kind_of, options_of
from app.catalogue.rules import FormField, InputType
from app.catalogue.snapshot import ServiceInfo
from app.kit.i18n import LazyString, lazy, tr

HINTS: Mapping[str, LazyString] = {
    "model_spec": lazy("As on the nameplate."),
    "serial_no": lazy("As on the nameplate. If there is none, write “none”."),
    "use_purpose": lazy("The use decides whether the law requires the verification."),
    "use_region_code": lazy("Where the instrument is used; that place's authority looks after it."),
    "ecqs_record_no": lazy("Only if you have already registered it in the national e-CQS system."),
    "last_cert_no": lazy("Only if the instrument was verified or calibrated before."),
    "site_contact": lazy("Who receives them there: name and phone."),
    "nice_class": lazy("Choose every class that you need. Classes 1 to 34 are goods, 35 to 45 services."),
    "industry": lazy("In your own words, such as “manufacture of valves”."),
}


def questions(n: int, service: ServiceInfo, typed: Answers | None, visit: Visit, regions: Options) -> list[Question]:
    """The fields of the n-th service (from 0), as typed so far or, on the first look, prefilled."""
    return [_question(item_name(n, each.key), each, typed, visit, regions) for each in visit.asked(service)]


def questions_of(asked: Iterable[FormField], regions: Options, name: Callable[[str], str]) -> list[Question]:
    """The same fields under other names, empty, for a row of a table."""
    return [
        Question(
            name=name(each.key),
            label=tr(each, "label"),
            kind=kind_of(each),
            required=each.required,
            value="",
            options=regions if each.type is InputType.REGION else options_of(each),
        )
        for each in asked
    ]


def _question(name: str, asked: FormField, typed: Answers | None, visit: Visit, regions: Options) -> Question:
    options = regions if asked.type is InputType.REGION else options_of(asked)
    return Question(
        name=name,
        label=tr(asked, "label"),
        kind=kind_of(asked),
        required=asked.required,
        value=_prefilled(asked, visit) if typed is None else typed.get(asked.key, ""),
        options=options,
        hint=str(HINTS.get(asked.key, "")),
        attrs=_attributes(asked, visit),
    )


def _prefilled(asked: FormField, visit: Visit) -> str:
    """What is known already: the division of the place asked from, and one of whatever there must be one of."""
    if asked.type is InputType.REGION:
        return visit.region
    if asked.type is InputType.INTEGER and asked.required and asked.minimum:
        return str(asked.minimum)
    return ""


def _attributes(asked: FormField, visit: Visit) -> dict[str, str]:
    asks_past = asked.type is InputType.DATE and asked.key.startswith("last_")
    return {"max": visit.today.isoformat()} if asks_past else {}
