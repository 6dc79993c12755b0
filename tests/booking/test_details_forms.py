"""The form of the details for every service of the reference catalogue, without a page around it."""

import json
from datetime import date
from typing import Any

import pytest

from app.booking.forms import Typed, Visit, judge
from app.booking.questions import questions
from app.catalogue.rules import FormField, InputType, Use
from app.catalogue.snapshot import ServiceInfo, make_catalogue
from app.config import PROJECT
from app.kit.i18n import use_locale
from app.requests.given import given, to_bring

CONSENT = "2026-11-28"
COUNTIES = [("340202", "镜湖区"), ("340203", "弋江区")]
APPLICANT = {"organisation_name": "𠮷祥", "uscc": "91110000600037341L", "contact_name": "𬭎", "mobile": "13812345678"}
KINDS = {
    "text",
    "textarea",
    "integer",
    "number",
    "date",
    "radios",
    "boolean",
    "select",
    "multi_enum",
    "bring",
    "brought",
}
RIGHT: dict[InputType, Any] = {
    InputType.TEXT: "Y-100",
    InputType.TEXTAREA: "一行\r\n两行",
    InputType.INTEGER: "3",
    InputType.NUMBER: "1.6",
    InputType.BOOLEAN: "true",
    InputType.DATE: "2025-11-30",
    InputType.FILE: "true",
    InputType.REGION: "340202",
}


def services() -> list[ServiceInfo]:
    items = json.loads((PROJECT / "app/data/reference/catalogue.json").read_text(encoding="utf-8"))["items"]
    plain = dict.fromkeys(("subcategory", "deliverable_zh", "deliverable_en", "reference"))
    rows = [
        plain
        | {name: item[name] for name in ("code", "category", "name_zh", "name_en", "inputs", "designation_required")}
        | {"id": n, "keywords_zh": [], "modes": ["station", "onsite"], "duration_min": 30, "validity_months": None}
        | {"mandatory": item["mandatory"], "confidence": "high", "notes": {}, "active": False}
        for n, item in enumerate(items)
    ]
    return list(make_catalogue([], [], rows).services)


def visit(service: ServiceInfo, **changes: Any) -> Visit:
    values = {"mode": "onsite", "use": None, "region": "340202", "regions": dict.fromkeys(("340202",), "340202")}
    return Visit((service,), today=date(2026, 12, 1), consent_version=CONSENT, **(values | changes))


def right(asked: FormField) -> Any:
    if asked.type is InputType.ENUM:
        return asked.options[0]
    return [asked.options[-1], asked.options[0]] if asked.type is InputType.MULTI_ENUM else RIGHT[asked.type]


SERVICES = services()


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_question_of_the_catalogue_can_be_drawn(locale: str):
    with use_locale(locale):
        for service in SERVICES:
            for question in questions(0, service, None, visit(service), COUNTIES):
                assert question.kind in KINDS
                assert question.label
                assert all(words for _option, words in question.options)


def test_every_form_can_be_filled_in_and_read_back():
    for service in SERVICES:
        here = visit(service)
        answers = {asked.key: right(asked) for asked in here.asked(service)}
        verdict = judge(Typed({service.code: answers}, APPLICANT, "", CONSENT), here)
        assert verdict.errors == (), service.code
        [(_code, clean)] = verdict.items
        assert [answer.key for answer in given(service, clean, ()) if answer.words] == list(clean)


def test_an_empty_form_names_what_is_required_and_nothing_else():
    for service in SERVICES:
        here = visit(service)
        verdict = judge(Typed({service.code: {}}, APPLICANT, "", CONSENT), here)
        required = [a.key for a in here.asked(service) if a.required and a.type is not InputType.FILE]
        assert [fault.field for fault in verdict.errors] == [f"items.0.inputs.{key}" for key in required]


def test_what_only_matters_on_site_is_asked_on_site_only():
    service = next(each for each in SERVICES if any(asked.key == "site_address" for asked in each.fields))
    assert "site_address" in {asked.key for asked in visit(service).asked(service)}
    assert "site_address" not in {asked.key for asked in visit(service, mode="station").asked(service)}


def test_the_use_is_asked_once():
    service = next(each for each in SERVICES if each.code == "MET-MEC-015")
    assert "use_purpose" in {asked.key for asked in visit(service).asked(service)}
    known = visit(service, use=Use.MEDICAL)
    assert "use_purpose" not in {asked.key for asked in known.asked(service)}
    answers = {asked.key: right(asked) for asked in known.asked(service)}
    assert judge(Typed({service.code: answers}, APPLICANT, "", CONSENT), known).items[0][1]["use_purpose"] == "medical"


def test_the_object_its_papers_and_its_documents_are_brought_along():
    by_code = {service.code: service for service in SERVICES}
    with use_locale("en"):
        gauge = to_bring([(by_code["MET-MEC-015"], {"instrument_name": "gauge", "serial_no": "7"})])
        code = to_bring([(by_code["STD-015"], {"license_file": {"name": "营业执照", "handover": "appointment"}})])
    assert gauge == ["The instrument: gauge, no. 7", "The last certificate, if there is one"]
    assert len(code) == 1
