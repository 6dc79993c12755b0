"""The generated Python client against the running application: a booking, refusals as exceptions, pages, files."""

import asyncio
import importlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.accounts.models import Person
from app.developers.pages.python import BOOK_IN_PYTHON, EXAMPLE_ADDRESS
from scripts.client import build, generate
from tests.conftest import without_database
from tests.requests.booking import ORGANISATION, SERVICE, answers
from tests.support.people import PASSWORD, Signed
from tests.support.portal import Portal

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("onestop_client")]
HERE = {"lon": 118.37, "lat": 31.33, "use": "safety_protection"}


def package() -> Any:
    return importlib.import_module("onestop_client")


def models() -> Any:
    return importlib.import_module("onestop_client.models")


def filled_in(portal: Any, hold: Any) -> Any:
    applicant = {"organisation_name": "芜湖长江阀门有限公司", "uscc": ORGANISATION, "contact_name": "王芳"}
    body = {
        "hold_id": str(hold.hold_id),
        "hold_token": hold.hold_token,
        "items": [{"service_code": SERVICE, "inputs": answers()}],
        "use": "safety_protection",
        "applicant": {**applicant, "mobile": "13812345678"},
        "consent_version": portal.consent.get_consent().version,
    }
    return models().RequestIn.from_dict(body)


def hold_of(station: str, start: datetime) -> Any:
    return models().HoldIn(service_codes=[SERVICE], station_code=station, start=start)


def starts_at(portal: Any, station: str) -> list[datetime]:
    days = portal.slots.availability(station, service=[SERVICE], days=14).days
    return [start for day in days for start in day.starts]


def book_move_and_cancel(url: str) -> tuple[str, ...]:
    """What somebody's program does, from words to a cancelled request; gives what the request was at each step."""
    with package().OneStop(url, language="en") as portal:
        [service] = portal.catalogue.get_services(q="yalibiao", limit=1).items
        assert service.code == SERVICE
        best = portal.routes.find_routes(service=[service.code], **HERE).candidates[0]
        first, *_, last = starts_at(portal, best.station.code)
        hold = portal.slots.take_hold(hold_of(best.station.code, first))
        booked = portal.requests.submit(filled_in(portal, hold))
        own = {"x_access_code": booked.access_code}
        shown = portal.requests.show(booked.reference, **own)
        assert [shown.appointment.start, shown.items[0].service_code] == [first, SERVICE]
        later = portal.slots.take_hold(hold_of(best.station.code, last))
        to = models().RescheduleIn(hold_id=later.hold_id, hold_token=later.hold_token)
        moved = portal.requests.reschedule(booked.reference, to, **own)
        assert moved.appointment.start == last
        assert portal.requests.calendar(booked.reference, **own).startswith("BEGIN:VCALENDAR")
        cancelled = portal.requests.cancel(booked.reference, models().CancelIn(reason="no longer needed"), **own)
        return booked.status, moved.status, cancelled.status


async def test_a_program_books_moves_and_cancels(portal: Portal):
    assert await asyncio.to_thread(book_move_and_cancel, portal.url) == ("submitted", "submitted", "cancelled")


def meet_refusals(url: str) -> None:
    client = package()
    with client.OneStop(url, language="en") as portal:
        station = portal.routes.find_routes(service=[SERVICE], **HERE).candidates[0].station.code
        start = starts_at(portal, station)[0]
        body = filled_in(portal, portal.slots.take_hold(hold_of(station, start)))
        first = portal.requests.submit(body, idempotency_key="one")
        assert portal.requests.submit(body, idempotency_key="one").reference == first.reference
        with pytest.raises(client.Conflict) as used:
            portal.requests.submit(body)
        assert (used.value.status, used.value.code) == (409, "hold_used")
        with pytest.raises(client.Invalid) as outside:
            portal.slots.take_hold(hold_of(station, start.replace(hour=23)))
        assert (outside.value.status, outside.value.code) == (422, "outside_hours")
        with pytest.raises(client.Invalid, match="lon") as wrong:
            portal.routes.find_routes(service=[SERVICE], lon=999.0, lat=31.33)
        assert [fault.field for fault in wrong.value.errors] == ["lon", "lat"]
        with pytest.raises(client.NotFound):
            portal.requests.show("ZT-0000-0000-0", x_access_code="0000-0000")
        with pytest.raises(client.SignInNeeded):
            portal.organisations.list_organisations()


async def test_refusals_are_exceptions_by_their_kind_with_code_and_fields(portal: Portal):
    await asyncio.to_thread(meet_refusals, portal.url)


async def signed_up(portal: Portal) -> Signed:
    owner = await portal.people.enterprise()
    async with portal.database.writer() as session:
        person = await session.get_one(Person, owner.id)
        person.password_hash = await portal.app.state.passwords.hash(PASSWORD)
        await session.commit()
    return owner


async def test_an_asynchronous_program_signs_in_lists_and_signs_out(portal: Portal):
    owner, client = await signed_up(portal), package()
    async with client.AsyncOneStop(portal.url) as there:
        with pytest.raises(client.SignInNeeded):
            await there.sign_in(owner.username, "something else")
        await there.sign_in(owner.username, PASSWORD)
        [organisation] = (await there.organisations.list_organisations()).items
        assert organisation.id == owner.organisation_id
        assert (await there.requests.list_requests()).items == []
        keys = [item async for item in client.each_async(there.stations.list_stations, limit=30)]
        assert len(keys) == len({each.code for each in keys}) == 79
        await there.sign_out()
        with pytest.raises(client.SignInNeeded):
            await there.organisations.list_organisations()


def walk_and_download(url: str) -> None:
    client = package()
    with client.OneStop(url) as portal:
        codes = [each.code for each in client.each(portal.catalogue.get_services, limit=50)]
        assert len(codes) == len(set(codes)) > 150
        assert len(portal.stations.stations_geojson().features) == 79
        got = portal.download("/api/v1/stations", format="csv")
        assert got.content.startswith(b"\xef\xbb\xbfcode,")
        assert portal.download("/api/v1/stations", format="csv", etag=got.etag) is None
        for event in portal.hall.stream("WH-JJ-01"):
            assert "called" in json.loads(event.data)
            break


async def test_pages_files_and_streams_are_had_without_knowing_http(portal: Portal):
    await asyncio.to_thread(walk_and_download, portal.url)


def flaky(answers_: list[Callable[[httpx.Request], httpx.Response]], seen: list[str | None]) -> httpx.MockTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("idempotency-key"))
        return answers_.pop(0)(request)

    return httpx.MockTransport(handle)


def cut(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("cut off", request=request)


def held(_request: httpx.Request) -> httpx.Response:
    hold = {"hold_id": "018f7d8e-0000-7000-8000-000000000000", "hold_token": "t", "station_code": "WH-JJ-01"}
    times = dict.fromkeys(("start", "end", "expires_at"), "2026-12-01T09:00:00+08:00")
    body = hold | times | {"service_codes": [SERVICE], "mode": "station", "travel_min": 0}
    return httpx.Response(201, json=body)


async def test_a_write_that_was_cut_off_is_sent_again_under_the_same_key():
    seen: list[str | None] = []
    transport = flaky([cut, lambda _: httpx.Response(503, text="proxy"), held], seen)
    async with package().AsyncOneStop("http://portal", transport=transport) as portal:
        await portal.slots.take_hold(hold_of("WH-JJ-01", datetime(2026, 12, 1, 1, tzinfo=UTC)))
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert seen[0]


async def test_a_write_without_a_key_is_never_sent_again():
    seen: list[str | None] = []
    async with package().AsyncOneStop("http://portal", transport=flaky([cut, held], seen)) as portal:
        with pytest.raises(package().Unreachable):
            await portal.sign_in("sme", "password")
    assert seen == [None]


async def test_an_answer_of_something_else_in_between_is_no_problem_of_the_portal():
    page = httpx.Response(418, text="<h1>Proxy</h1>")
    async with package().AsyncOneStop("http://portal", transport=httpx.MockTransport(lambda _: page)) as portal:
        with pytest.raises(package().UnexpectedAnswer, match="418"):
            await portal.catalogue.get_services(q="x")


def test_every_operation_is_a_method_of_both_clients(client_folder: Path):
    there = package().OneStop("http://portal"), package().AsyncOneStop("http://portal")
    for methods in without_database().openapi()["paths"].values():
        for operation in methods.values():
            [tag] = operation["tags"]
            name = operation["operationId"].removeprefix(f"{tag}_")
            assert all(callable(getattr(getattr(one, tag), name)) for one in there)


def test_what_the_generator_would_leave_out_stops_it(tmp_path: Path):
    described = without_database().openapi()
    strange = {"get": {"operationId": "x_y", "tags": ["x"], "responses": {"200": {"content": {"image/odd": {}}}}}}
    with pytest.raises(SystemExit, match="image/odd"):
        generate(described | {"paths": {"/x": strange}}, tmp_path / "client")


def test_package_and_example_are_typed_strictly(client_folder: Path, tmp_path: Path):
    sample = tmp_path / "sample.py"
    sample.write_text(BOOK_IN_PYTHON)
    command = [Path(sys.executable).with_name("mypy"), "--strict", "--config-file=", f"--cache-dir={tmp_path}", sample]
    done = subprocess.run(
        [*command, client_folder / "onestop_client"],
        env={"MYPYPATH": str(client_folder)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


async def test_the_example_of_the_documentation_books(portal: Portal, capsys: pytest.CaptureFixture[str]):
    code = compile(BOOK_IN_PYTHON.replace(EXAMPLE_ADDRESS, portal.url), "example", "exec")
    await asyncio.to_thread(exec, code, {})
    assert re.search(r"^ZT-\S+ \S{4}-\S{4}$", capsys.readouterr().out, re.MULTILINE)


def test_a_wheel_is_built_of_it_and_has_no_code_of_the_portal(client_folder: Path, tmp_path: Path):
    build(client_folder, tmp_path)
    [wheel] = tmp_path.glob("onestop_client-*-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"onestop_client/__init__.py", "onestop_client/py.typed", "onestop_client/calls.py"} <= set(names)
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"onestop_client"}
