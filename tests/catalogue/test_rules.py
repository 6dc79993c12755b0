"""A service's own questions: what is asked, what is taken, what is refused and how."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app.catalogue.answers import SENTENCES
from app.catalogue.labels import OPTIONS
from app.catalogue.rules import (
    Circumstances,
    FormField,
    InputType,
    Use,
    form_fields,
    mandatory_by_use,
    mode_label,
    needs_designation,
    option_label,
    validate_inputs,
    what_to_bring,
)
from app.config import PROJECT
from app.kit.i18n import use_locale

TODAY = date(2026, 12, 1)
REGIONS = {"340209": "340209", "弋江区": "340209", "340208": "340209", "三山区": "340209"}
GIVEN = Circumstances(today=TODAY, regions=REGIONS)
SERVICES = json.loads((PROJECT / "app/data/reference/catalogue.json").read_text("utf-8"))["items"]


def question(kind: InputType, *, required: bool = True, key: str = "x", **more: Any) -> FormField:
    return FormField(key, "问", "Question", kind, required, **more)


def answer(asked: FormField, value: object, given: Circumstances = GIVEN) -> object:
    clean, errors = validate_inputs([asked], {asked.key: value}, given)
    assert not errors, [error.sentence() for error in errors]
    return clean.get(asked.key)


def fault(asked: FormField, value: object, given: Circumstances = GIVEN) -> str:
    clean, errors = validate_inputs([asked], {asked.key: value}, given)
    assert asked.key not in clean
    [error] = errors
    assert error.field == asked.key
    return error.code


# --- What is right ------------------------------------------------------------


RIGHT = [
    (InputType.TEXT, "  YN-100 𠮷 ", "YN-100 𠮷"),
    (InputType.TEXTAREA, "一\r\n二", "一\n二"),
    (InputType.INTEGER, 3, 3),
    (InputType.INTEGER, " ３ ", 3),
    (InputType.INTEGER, 3.0, 3),
    (InputType.NUMBER, "1.5", 1.5),
    (InputType.NUMBER, "２．５", 2.5),
    (InputType.NUMBER, 2, 2),
    (InputType.BOOLEAN, True, True),
    (InputType.BOOLEAN, "false", False),
    (InputType.BOOLEAN, "on", True),
    (InputType.DATE, "2025-12-01", "2025-12-01"),
    (InputType.DATE, "2025年12月1日", "2025-12-01"),
    (InputType.DATE, "2024/2/29", "2024-02-29"),
    (InputType.REGION, "340209", "340209"),
    (InputType.REGION, "340208", "340209"),
    (InputType.REGION, "三山区", "340209"),
    (InputType.REGION, "340209003", "340209"),
    (InputType.FILE, "营业执照.pdf", {"name": "营业执照.pdf", "handover": "appointment"}),
    (InputType.FILE, {"name": "营业执照.pdf"}, {"name": "营业执照.pdf", "handover": "appointment"}),
]


@pytest.mark.parametrize(("kind", "value", "clean"), RIGHT)
def test_a_right_answer_becomes_clean_json(kind: InputType, value: object, clean: object) -> None:
    found = answer(question(kind), value)
    assert (found, type(found)) == (clean, type(clean))
    assert json.loads(json.dumps(found)) == clean


@pytest.mark.parametrize(("kind", "value", "clean"), RIGHT)
def test_a_clean_answer_is_right_again(kind: InputType, value: object, clean: object) -> None:
    assert answer(question(kind), clean) == clean


def test_one_option_is_taken_as_it_is() -> None:
    asked = question(InputType.ENUM, options=("CMA", "none"))
    assert answer(asked, "CMA") == "CMA"


def test_several_options_come_in_the_order_of_the_form_and_once() -> None:
    asked = question(InputType.MULTI_ENUM, options=("1", "2", "9"))
    assert answer(asked, ["9", "1", "9"]) == ["1", "9"]
    assert answer(asked, "2") == ["2"]


# --- What is wrong ------------------------------------------------------------


WRONG = [
    (InputType.TEXT, 5, "not_text"),
    (InputType.TEXT, "x" * 201, "text_too_long"),
    (InputType.TEXT, "a\x00b", "text_control_character"),
    (InputType.TEXT, "a\nb", "text_control_character"),
    (InputType.TEXTAREA, "x" * 2001, "text_too_long"),
    (InputType.INTEGER, "three", "not_integer"),
    (InputType.INTEGER, "1.5", "not_integer"),
    (InputType.INTEGER, True, "not_integer"),
    (InputType.INTEGER, [3], "not_integer"),
    (InputType.INTEGER, -1, "below_minimum"),
    (InputType.INTEGER, 1_000_001, "above_maximum"),
    (InputType.INTEGER, "9" * 30, "not_integer"),
    (InputType.NUMBER, "1,5", "not_number"),
    (InputType.NUMBER, float("nan"), "not_number"),
    (InputType.NUMBER, float("inf"), "above_maximum"),
    (InputType.NUMBER, False, "not_number"),
    (InputType.BOOLEAN, "maybe", "not_boolean"),
    (InputType.BOOLEAN, 2, "not_boolean"),
    (InputType.DATE, "2026-02-29", "not_a_date"),
    (InputType.DATE, "yesterday", "not_a_date"),
    (InputType.DATE, 20261201, "not_a_date"),
    (InputType.DATE, "1826-02-01", "date_out_of_range"),
    (InputType.REGION, "340299", "unknown_region"),
    (InputType.REGION, 340209, "unknown_region"),
    (InputType.FILE, ["a.pdf"], "not_a_file"),
    (InputType.FILE, {"name": "a.pdf", "path": "/etc/passwd"}, "not_a_file"),
    (InputType.ENUM, "gold", "not_an_option"),
    (InputType.ENUM, ["CMA"], "not_an_option"),
    (InputType.MULTI_ENUM, ["CMA", "gold"], "not_an_option"),
    (InputType.MULTI_ENUM, {"a": 1}, "not_an_option"),
]


@pytest.mark.parametrize(("kind", "value", "code"), WRONG)
def test_a_wrong_answer_is_named(kind: InputType, value: object, code: str) -> None:
    options = ("CMA", "none") if kind in (InputType.ENUM, InputType.MULTI_ENUM) else ()
    assert fault(question(kind, options=options), value) == code


@pytest.mark.parametrize("blank", [None, "", "  ", [], {}])
@pytest.mark.parametrize("kind", list(InputType))
def test_an_unanswered_question_is_missed_only_where_required(kind: InputType, blank: object) -> None:
    assert fault(question(kind, options=("a",)), blank) == "required"
    assert answer(question(kind, options=("a",), required=False), blank) is None


def test_a_number_below_the_forms_own_least_is_refused() -> None:
    asked = question(InputType.INTEGER, minimum=1)
    assert fault(asked, 0) == "below_minimum"
    assert answer(asked, 1) == 1


def test_no_last_certificate_is_of_tomorrow() -> None:
    asked = question(InputType.DATE, key="last_cert_date")
    assert fault(asked, "2026-12-02") == "date_in_future"
    assert answer(asked, "2026-12-01") == "2026-12-01"
    assert answer(question(InputType.DATE, key="target_date"), "2026-12-02") == "2026-12-02"


def test_a_name_that_the_form_does_not_have_is_refused() -> None:
    clean, errors = validate_inputs([question(InputType.TEXT)], {"x": "a", "quantitiy": 1}, GIVEN)
    assert clean == {"x": "a"}
    assert [(error.field, error.code) for error in errors] == [("quantitiy", "unknown_field")]


def test_all_faults_come_at_once_under_their_full_names() -> None:
    fields = [
        question(InputType.TEXT, key="a"),
        question(InputType.INTEGER, key="b"),
        question(InputType.DATE, key="c"),
    ]
    clean, errors = validate_inputs(fields, {"b": "x", "c": "2026-01-01"}, GIVEN, prefix="items.0.inputs.")
    assert [(error.field, error.code) for error in errors] == [
        ("items.0.inputs.a", "required"),
        ("items.0.inputs.b", "not_integer"),
    ]
    assert clean == {"c": "2026-01-01"}


def test_every_refusal_has_a_sentence_in_both_languages() -> None:
    for code, sentence in SENTENCES.items():
        with use_locale("en"):
            english = str(sentence)
        with use_locale("zh-CN"):
            assert str(sentence) != english, code


def test_a_refusal_says_what_to_do() -> None:
    _, [error] = validate_inputs([question(InputType.INTEGER, minimum=1)], {"x": 0}, GIVEN)
    with use_locale("en"):
        assert error.sentence() == "Please enter 1 or more."
    with use_locale("zh-CN"):
        assert error.sentence() == "请填写不小于 1 的数。"


# --- Conditions ------------------------------------------------------------


def test_the_site_is_asked_for_only_when_somebody_comes_there() -> None:
    asked = question(InputType.TEXT, key="site_address")
    onsite, station = (Circumstances(today=TODAY, mode=mode) for mode in ("onsite", "station"))
    assert fault(asked, "", onsite) == "required"
    assert validate_inputs([asked], {}, station) == ({}, [])
    assert validate_inputs([asked], {"site_address": "鸠江区"}, station) == ({}, [])


def test_the_use_is_asked_once() -> None:
    asked = question(InputType.ENUM, key="use_purpose", options=tuple(Use))
    trade = Circumstances(today=TODAY, use=Use.TRADE_SETTLEMENT)
    assert answer(asked, "", trade) == "trade_settlement"
    assert answer(asked, "trade_settlement", trade) == "trade_settlement"
    assert fault(asked, "other", trade) == "use_differs"


@pytest.mark.parametrize(
    ("mandatory", "designation", "use", "only_designated", "is_mandatory"),
    [
        (True, True, None, True, True),
        (True, True, Use.TRADE_SETTLEMENT, True, True),
        (True, True, Use.MEDICAL, True, True),
        (True, True, Use.OTHER, False, False),
        (True, False, Use.OTHER, False, True),
        (True, False, None, False, True),
        (False, False, Use.TRADE_SETTLEMENT, False, False),
    ],
)
def test_an_instrument_is_mandatory_by_its_use(
    *, mandatory: bool, designation: bool, use: Use | None, only_designated: bool, is_mandatory: bool
) -> None:
    class Service:
        def __init__(self) -> None:
            self.mandatory = mandatory
            self.designation_required = designation

    assert needs_designation(Service(), use) is only_designated
    assert mandatory_by_use(Service(), use) is is_mandatory


# --- The reference catalogue ------------------------------------------------------------


def _options() -> Iterator[tuple[str, str]]:
    for service in SERVICES:
        for part in service["inputs"]:
            yield from ((part["key"], option) for option in part.get("options", ()))


def test_every_option_in_the_catalogue_has_words_in_both_languages() -> None:
    worded = {pair for pair in _options() if not pair[1].isdecimal()}
    assert worded == set(OPTIONS)
    for key, option in worded:
        with use_locale("en"):
            english = option_label(key, option)
        with use_locale("zh-CN"):
            chinese = option_label(key, option)
        assert chinese != english, option
        assert english != option
    assert option_label("nice_class", "35").startswith("35 ")
    assert option_label("anything_else", "35") == "35"


def test_every_form_of_the_catalogue_takes_a_right_answer() -> None:
    right: dict[str, object] = {
        "text": "甲", "textarea": "甲\n乙", "integer": 2024, "number": 1.6, "boolean": False, "date": "2026-01-05",
        "file": "执照.pdf", "region": "340208",
    }  # fmt: skip
    for service in SERVICES:
        fields = form_fields(service["inputs"])
        values = {f.key: f.options[0] if f.type is InputType.ENUM else right.get(f.type, ["1"]) for f in fields}
        clean, errors = validate_inputs(fields, values, GIVEN)
        assert not errors, service["code"]
        assert set(clean) == set(values)


def test_what_to_bring_follows_from_the_form() -> None:
    gauge, testing = (
        form_fields(next(s for s in SERVICES if s["code"] == code)["inputs"]) for code in ("MET-MEC-015", "TST-001")
    )
    with use_locale("zh-CN"):
        assert what_to_bring(gauge, "station") == ["器具及附件，擦拭干净、能正常工作", "上次的证书（如有）"]
        assert what_to_bring(gauge, "onsite") == []
        assert what_to_bring(testing, "station") == ["样品，包装完好并贴好标签"]
        assert mode_label("onsite") == "上门服务"


def test_a_document_is_needed_whatever_the_mode() -> None:
    fields = [question(InputType.FILE, key="license_file")]
    with use_locale("en"):
        assert what_to_bring(fields, "online") == what_to_bring(fields, "station") == ["Question"]
