"""The JSON contract: a valid OpenAPI document, and a running application that keeps it under strange input."""

import asyncio
import copy
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.accounts.rules.rights import Role
from app.accounts.sessions import Timeouts
from app.config import LimitSettings
from app.kit.db import Database
from tests.conftest import empty, furnished, make_settings, without_database
from tests.support.people import People, Signed
from tests.support.product import free_port
from tests.web.browser import EVERYTHING

T = TypeVar("T")
# How many random inputs an operation is given beside those made of its schema, by everybody, by who may do everything
# and by nobody who is asked for somebody; `make sure` gives twice as many.
STRANGE, ALLOWED, REFUSED = (30, 20, 10) if EVERYTHING else (8, 6, 3)
SHAPE = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ALL = [*SHAPE, response_headers_conformance, negative_data_rejection]
TIMEOUTS = Timeouts(timedelta(hours=1), timedelta(hours=12), timedelta(hours=12))
PROMISED = {
    ("GET", "/api/v1/services"), ("GET", "/api/v1/services/{code}"), ("GET", "/api/v1/stations"),
    ("GET", "/api/v1/stations/{code}"), ("GET", "/api/v1/stations.geojson"), ("GET", "/api/v1/counties.geojson"),
    ("GET", "/api/v1/routes"), ("GET", "/api/v1/stations/{code}/availability"), ("POST", "/api/v1/holds"),
    ("DELETE", "/api/v1/holds/{hold_id}"), ("GET", "/api/v1/consent"), ("POST", "/api/v1/requests"),
    ("GET", "/api/v1/requests/{reference}"), ("POST", "/api/v1/requests/{reference}/reschedule"),
    ("POST", "/api/v1/requests/{reference}/cancel"), ("GET", "/api/v1/requests/{reference}/calendar.ics"),
    ("POST", "/api/v1/auth/tokens"), ("DELETE", "/api/v1/auth/tokens/current"),
    ("GET", "/api/v1/requests"), ("POST", "/api/v1/requests/{reference}/reveal"),
    ("GET", "/api/v1/requests/{reference}/messages"), ("POST", "/api/v1/requests/{reference}/messages"),
    ("GET", "/api/v1/requests/{reference}/messages/{n}/files/{file_id}"),
    ("GET", "/healthz"), ("GET", "/readyz"),
}  # fmt: skip


@pytest.fixture(scope="module")
def address(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application served over a real socket, without limits."""
    home = tmp_path_factory.mktemp("home")
    app = furnished(make_settings(database_url, home, limits=LimitSettings(limits="off")))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def document() -> dict[str, Any]:
    """The document as the application makes it; for that it needs no database."""
    return copy.deepcopy(_made_once())


@cache
def _made_once() -> dict[str, Any]:
    return without_database().openapi()


def part(*, guarded: bool, but: str = "") -> BaseSchema:
    """The calls that ask for somebody, or those that don't."""
    made = document()
    made["paths"] = {
        path: {method: each for method, each in operations.items() if ("security" in each) == guarded}
        for path, operations in made["paths"].items()
        if path != but
    }
    return schemathesis.openapi.from_dict(made)


of_everybody = part(guarded=False)
of_somebody = part(guarded=True, but="/api/v1/auth/tokens/current")  # it would end the token that it is made with
of_somebody_by_nobody = part(guarded=True, but="/api/v1/bundles")  # may be begun without an account
# All of these are refused, whatever is sent along: some random inputs are enough to see that.
of_somebody_by_nobody.config.phases.coverage.enabled = False


@of_everybody.parametrize()
@settings(max_examples=STRANGE, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_input_gets_a_500_an_undeclared_status_or_another_shape(case: Case, address: str) -> None:
    case.call_and_validate(base_url=address, checks=ALL)


@of_somebody_by_nobody.parametrize()
@settings(max_examples=REFUSED, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_nobody_sends_is_refused_in_the_same_shape(case: Case, address: str) -> None:
    answer = case.call_and_validate(base_url=address, checks=ALL)
    assert answer.status_code in {400, 401, 403, 404, 405, 413, 415, 422}


@pytest.fixture(scope="module")
def bearer(address: str, database_url: str) -> Iterator[dict[str, str]]:
    """A token of somebody who may do everything and acts for an organisation."""

    async def made(database: Database) -> Signed:
        people = People(database, lambda: datetime.now(UTC), TIMEOUTS)
        somebody = await people.enterprise()
        for role in (Role.CITY_ADMIN, Role.AUDITOR):
            await people.grant(somebody.id, role)
        return await people.sign_in(somebody.id, strong=True)

    yield dict(asyncio.run(_with_database(database_url, made)).bearer)
    asyncio.run(_with_database(database_url, empty))


async def _with_database(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    database = Database(url, pool_size=2)
    await database.open()
    try:
        return await work(database)
    finally:
        await database.close()


@of_somebody.parametrize()
@settings(max_examples=ALLOWED, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_who_may_do_everything_gets_no_500_either(case: Case, address: str, bearer: dict[str, str]) -> None:
    case.call_and_validate(base_url=address, headers=bearer, checks=[*SHAPE, response_headers_conformance])


def test_the_document_is_valid_openapi_3_1_and_has_what_was_promised() -> None:
    made = document()
    assert made["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(made).validate()
    there = {(method.upper(), path) for path, operations in made["paths"].items() for method in operations}
    assert there >= PROMISED


def test_every_operation_says_what_it_does() -> None:
    operations = [(path, operation) for path, methods in document()["paths"].items() for operation in methods.values()]
    assert not [path for path, operation in operations if not operation.get("description")]
