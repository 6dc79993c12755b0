"""Names in the OpenAPI document: a client is generated with them, so they are short, one each, and stay."""

import re
from collections import Counter
from typing import Any

import pytest

from app.kit.openapi import short_names
from tests.conftest import without_database

OF_THE_CONTRACT = {
    ("get", "/api/v1/services"): "catalogue_get_services",
    ("get", "/api/v1/routes"): "routes_find_routes",
    ("get", "/api/v1/stations/{code}/availability"): "slots_availability",
    ("post", "/api/v1/holds"): "slots_take_hold",
    ("delete", "/api/v1/holds/{hold_id}"): "slots_give_back",
    ("post", "/api/v1/requests"): "requests_submit",
    ("get", "/api/v1/requests/{reference}"): "requests_show",
    ("post", "/api/v1/requests/{reference}/reschedule"): "requests_reschedule",
    ("post", "/api/v1/requests/{reference}/cancel"): "requests_cancel",
    ("post", "/api/v1/auth/tokens"): "auth_make_token",
    ("get", "/api/v1/stations"): "stations_list_stations",
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return without_database().openapi()


def test_each_operation_has_a_name_of_its_own_made_of_its_tag_and_what_it_does(document: dict[str, Any]) -> None:
    operations = [each for methods in document["paths"].values() for each in methods.values()]
    names = Counter(each["operationId"] for each in operations)
    assert names.most_common(1)[0][1] == 1
    assert not [each["operationId"] for each in operations if not each["operationId"].startswith(each["tags"][0])]
    assert not [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)]


def test_names_that_clients_are_written_with_stay(document: dict[str, Any]) -> None:
    """Whoever calls one by its name in a generated client would have to rewrite that."""
    paths = document["paths"]
    assert {(method, path): paths[path][method]["operationId"] for method, path in OF_THE_CONTRACT} == OF_THE_CONTRACT


def test_each_model_is_called_as_its_class_or_by_its_room_too_and_says_so(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert {"HoldIn", "HallStepIn", "RequestsStepIn", "SitingKind", "ProblemOut"} <= schemas.keys()
    assert not [name for name in schemas if not name.isidentifier() or "__" in name]
    assert {name: schema["title"] for name, schema in schemas.items()} == {name: name for name in schemas}


def test_whatever_is_referred_to_is_there(document: dict[str, Any]) -> None:
    referred = set(re.findall(r"#/components/schemas/([^'\"]+)", repr(document)))
    assert referred == set(document["components"]["schemas"])


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="HallDayOut"):
        short_names({"app__hall__day__schemas__DayOut": {}, "app__hall__schemas__DayOut": {}})


def test_an_enum_asked_for_and_answered_with_is_one() -> None:
    same = {"enum": ["open"]}
    names = short_names(
        {"app__slots__rules__State": same, "app__hall__rules__State": {"enum": []}, "State-Input": same}
    )
    assert names["State-Input"] == "SlotsState"
