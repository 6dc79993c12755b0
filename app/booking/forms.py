"""The details of a booking as one form: the names of its fields, what was typed, what is wrong. Pure.

Names are the paths that errors have everywhere: `items.0.inputs.quantity`, `applicant.uscc`, `note`,
`consent_version`. What was typed is kept as it is, right or wrong, and judged anew whenever it matters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from app.booking.tables import judge_table, read_tables, table_name
from app.catalogue.rules import USE_FIELD, Circumstances, FormField, InputType, Use, validate_inputs
from app.catalogue.snapshot import ServiceInfo
from app.kit.i18n import LazyString, lazy
from app.kit.problems import FieldError
from app.kit.text import Email, Line, Paragraph, Phone
from app.kit.uscc import normalise
from app.kit.validation import field_errors
from app.requests.codes import WrittenUscc, doubtful, unproven
from app.requests.many import MOST_ITEMS
from app.requests.models import NAME_LENGTH, NOTE_LENGTH, ORGANISATION_LENGTH
from app.requests.site_intake import ADDRESS_FIELD, with_address

Answers = dict[str, Any]
APPLICANT = ("organisation_name", "uscc", "contact_name", "mobile", "email")

LABELS: Mapping[str, LazyString] = {
    "applicant.organisation_name": lazy("Name of the organisation"),
    "applicant.uscc": lazy("Unified social credit code"),
    "applicant.contact_name": lazy("Contact person"),
    "applicant.mobile": lazy("Mobile or landline number"),
    "applicant.email": lazy("E-mail"),
    "note": lazy("Anything the station should know"),
}
SENTENCES: Mapping[tuple[str, str], LazyString] = {
    ("applicant.organisation_name", "missing"): lazy("Enter the organisation's name, as on its licence."),
    ("applicant.uscc", "missing"): lazy("Enter the unified social credit code, 18 characters, as on the licence."),
    ("applicant.contact_name", "missing"): lazy("Enter the name of the person whom the station can ask."),
    ("applicant.mobile", "missing"): lazy("Enter a phone number, so that the station can reach you."),
    ("applicant.uscc", "uscc_check_digit"): lazy(
        "The check digits (places 17 and 18) do not fit the rest of the code. Please compare all 18 characters with "
        "the licence: 8 and B, 0 and D, 1 and 7 are easily mixed up. If they agree, the staff of the station can help: "
        "show them the licence, and they can accept the code on evidence."
    ),
}
MISPLACED = lazy("At place {place} of the code stands “{character}”; “{instead}” is probably meant.")
CONSENT_MISSING = lazy("Please read the privacy notice and agree to it; without that we may not take your request.")
CONSENT_CHANGED = lazy("The privacy notice has changed meanwhile. Please read the new version and agree to it.")
TOO_MANY_ITEMS = lazy("One request takes up to {most} instruments. Please send the others separately.")
TEXT_BLANK = "text_blank"
USCC = "applicant.uscc"
OTHER = "other"
"""Instead of an own organisation's id: another one, whose name and code are typed."""


@dataclass(frozen=True)
class Visit:
    """What the form is about, as chosen on the pages before it, and what its answers are judged by.

    `region` is the division of the place asked from, "" when unknown; `regions` as in `Circumstances`. `accepted` is
    a credit code that counts although its check digits don't fit, because staff have accepted it. `site_address` is
    where staff shall come, as given on a page before.
    """

    services: tuple[ServiceInfo, ...]
    mode: str
    use: Use | None
    today: date
    consent_version: str
    region: str = ""
    regions: Mapping[str, str] = field(default_factory=dict)
    accepted: str = ""
    site_address: str = ""

    def asked(self, service: ServiceInfo) -> list[FormField]:
        """The questions that stand on the page: what the pages before have answered isn't asked again."""
        return [
            question
            for question in service.fields
            if question.asked(self.mode)
            and not (question.key == USE_FIELD and self.use)
            and not (question.key == ADDRESS_FIELD and self.site_address)
        ]


@dataclass(frozen=True)
class Typed:
    """The form as it was typed. `answers` by service code, then by the question's key.

    `organisation` is the id of one of the own organisations, or OTHER; empty where there is no choice. `tables` has a
    table of instruments by service code, as text; `unread` says which file couldn't be read.
    """

    answers: Mapping[str, Answers]
    applicant: Mapping[str, str]
    note: str
    consented: str | None
    organisation: str = ""
    tables: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[FieldError, ...] = ()


class Applicant(BaseModel):
    """Who asks. The limits are those of the columns."""

    organisation_name: Annotated[str, Line(ORGANISATION_LENGTH)]
    uscc: WrittenUscc
    contact_name: Annotated[str, Line(NAME_LENGTH)]
    mobile: Phone
    email: Email | None = None


class Sender(BaseModel):
    """The part of the form that is the same for every service."""

    applicant: Applicant
    note: Annotated[str, Paragraph(NOTE_LENGTH, blank=True)] = ""


@dataclass(frozen=True)
class Verdict:
    """The form in clean values, or every fault by the page's order. `sender` is None while it has faults.

    `items` are in the order of the services, one for each row of a table. `ignored` are columns that nobody asked for.
    """

    items: tuple[tuple[str, Mapping[str, Any]], ...]
    sender: Sender | None
    errors: tuple[FieldError, ...]
    ignored: tuple[str, ...] = ()


def item_name(n: int, key: str) -> str:
    """The name of a service's question, services counted from 0."""
    return f"items.{n}.inputs.{key}"


def read(form: FormData, visit: Visit, kept: Mapping[str, str]) -> Typed:
    """What was typed into the fields that the page has; others are let pass. `kept` are the tables of the draft."""
    answers = {
        service.code: {
            question.key: _given(form, item_name(n, question.key), question) for question in visit.asked(service)
        }
        for n, service in enumerate(visit.services)
    }
    applicant = {name: _text(form, f"applicant.{name}") for name in APPLICANT}
    consented, organisation = _text(form, "consent_version") or None, _text(form, "applicant.organisation")
    tables, unread = read_tables(form, {service.code: visit.asked(service) for service in visit.services}, kept)
    return Typed(answers, applicant, _text(form, "note"), consented, organisation, tables, unread)


def _given(form: FormData, name: str, question: FormField) -> str | list[str]:
    if question.type is InputType.MULTI_ENUM:
        return [value for value in form.getlist(name) if isinstance(value, str)]
    return _text(form, name)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def judge(typed: Typed, visit: Visit) -> Verdict:
    """Whether the form can be sent; never raises."""
    items: list[tuple[str, Mapping[str, Any]]] = []
    errors: list[FieldError] = list(typed.unread)
    ignored: list[str] = []
    given = Circumstances(visit.today, visit.mode, visit.use, visit.regions)
    for n, service in enumerate(visit.services):
        own = dict(_values(visit.asked(service), typed.answers.get(service.code, {})))
        values = with_address(service.fields, own, visit.site_address)
        if table := typed.tables.get(service.code, "").strip():
            found = judge_table(n, service, visit.asked(service), table, common=values, given=given)
            items += [(service.code, clean) for clean in found.items]
            errors += found.faults
            ignored += found.ignored
            continue
        clean, faults = validate_inputs(service.fields, values, given, prefix=item_name(n, ""))
        items.append((service.code, clean))
        errors += faults
    sender, faults = _sender(typed, visit)
    if len(items) > MOST_ITEMS:
        errors.append(FieldError(table_name(0), "too_many_items", TOO_MANY_ITEMS.msgid, {"most": MOST_ITEMS}))
    return Verdict(tuple(items), sender, (*errors, *faults, *_consent(typed, visit)), tuple(ignored))


def _values(questions: Iterable[FormField], typed: Answers) -> Iterable[tuple[str, Any]]:
    """What stands for each answer: a document to bring along is named by its question."""
    for question in questions:
        value = typed.get(question.key, "")
        if question.type is InputType.FILE:
            value = question.label_zh if question.required or value else ""
        yield question.key, value


def _sender(typed: Typed, visit: Visit) -> tuple[Sender | None, list[FieldError]]:
    applicant = {name: value for name, value in typed.applicant.items() if value.strip()}
    code = normalise(applicant.get("uscc", ""))
    faults = [unproven(USCC)] if doubtful(code) and code != visit.accepted else []
    try:
        sender = Sender.model_validate({"applicant": applicant, "note": typed.note})
    except ValidationError as error:
        return None, [_in_words(fault) for fault in (*faults, *field_errors(error.errors()))]
    return None if faults else sender, [_in_words(fault) for fault in faults]


def _in_words(fault: FieldError) -> FieldError:
    """The fault in the words of this form: which thing is missing, and what to compare."""
    code = "missing" if fault.code == TEXT_BLANK else fault.code
    sentence = SENTENCES.get((fault.field, code)) or (MISPLACED if fault.data.get("instead") else None)
    return FieldError(fault.field, code, sentence.msgid, fault.data) if sentence else fault


def _consent(typed: Typed, visit: Visit) -> list[FieldError]:
    if typed.consented == visit.consent_version:
        return []
    sentence = CONSENT_CHANGED if typed.consented else CONSENT_MISSING
    return [FieldError("consent_version", "consent_missing", sentence.msgid)]
