"""The command as a person meets it: start, stop, fail, import, examine; and what a kill -9 leaves behind."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.database import REFERENCE
from tests.support.product import Product, home, onestop

APPLICANT = {
    "organisation_name": "芜湖市测速有限公司",
    "uscc": "91110108551385082Q",
    "contact_name": "王𠮷",
    "mobile": "13800138000",
}


@pytest.fixture(scope="module")
def installation() -> Iterator[Path]:
    """A home in which the reference network is loaded; the tests of this file take turns in it."""
    with home() as folder:
        done = onestop(folder, "demo", "--no-past")
        assert done.returncode == 0, done.stderr
        yield folder


def hold(product: Product) -> dict[str, Any]:
    """A hold of the first free place of the nearest station for a caliper."""
    asked = {"service": "MET-GEO-001", "lon": 118.37, "lat": 31.33, "limit": 1}
    [nearest] = product.client.get("/api/v1/routes", params=asked).json()["candidates"]
    answer = product.client.post(
        "/api/v1/holds",
        json={
            "station_code": nearest["station"]["code"],
            "service_codes": ["MET-GEO-001"],
            "mode": "station",
            "start": nearest["earliest_start"],
        },
    )
    assert answer.status_code == 201, answer.text
    held: dict[str, Any] = answer.json()
    return held


def confirm(product: Product, held: dict[str, Any]) -> dict[str, Any]:
    version = product.client.get("/api/v1/consent").json()["version"]
    answer = product.client.post(
        "/api/v1/requests",
        json={
            "hold_id": held["hold_id"],
            "hold_token": held["hold_token"],
            "items": [
                {
                    "service_code": "MET-GEO-001",
                    "inputs": {"instrument_name": "卡尺", "model_spec": "0-150", "serial_no": "1", "quantity": 1},
                }
            ],
            "applicant": APPLICANT,
            "consent_version": version,
        },
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_what_runs_says_where_and_what_is_off_keeps_its_port_and_leaves_no_process_behind(installation: Path) -> None:
    with Product(installation, ONESTOP_LIMITS="off") as product:
        assert product.client.get("/healthz").status_code == 200
        second = onestop(installation, "serve", "--port", str(product.port))
        assert product.client.get("/healthz").status_code == 200
        assert product.interrupt() in (0, 130)
        assert product.left_processes() == []
    log = product.log.read_text()
    assert f"http://127.0.0.1:{product.port}" in log
    assert "ONESTOP_LIMITS=off" in log
    assert second.returncode == 1
    assert f"Port {product.port}" in second.stderr
    assert "Traceback" not in log + second.stderr


def test_a_kill_of_the_application_loses_no_hold_and_no_request(installation: Path) -> None:
    with Product(installation) as product:
        held = hold(product)
        booked = confirm(product, hold(product))
        product.kill()
    with Product(installation) as again:
        assert confirm(again, held)["appointment"]["start"] == held["start"]
        answer = again.client.get(
            f"/api/v1/requests/{booked['reference']}", headers={"X-Access-Code": booked["access_code"]}
        )
        assert answer.json()["appointment"] == booked["appointment"]
        again.interrupt()
        assert again.left_processes() == []


def asked_until_refused(product: Product) -> httpx.Response:
    """The first answer that isn't an ordinary one: what serves a connection lives a moment longer than its parent."""
    asked = {"service": "MET-GEO-001", "lon": 118.37, "lat": 31.33}
    answer = product.client.get("/api/v1/routes", params=asked)
    for _attempt in range(100):
        if not answer.is_success:
            break
        time.sleep(0.1)
        answer = product.client.get("/api/v1/routes", params=asked)
    return answer


def test_a_kill_of_the_database_is_an_ordinary_503_and_loses_no_hold(installation: Path) -> None:
    with Product(installation) as product:
        held = hold(product)
        product.kill_database()
        refused = asked_until_refused(product)
        assert refused.status_code == 503
        assert refused.json()["code"] == "unavailable"
        assert product.client.get("/healthz").status_code == 200
        product.interrupt()
    with Product(installation) as again:
        assert confirm(again, held)["appointment"]["start"] == held["start"]
        again.interrupt()
        assert again.left_processes() == []


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = onestop(tmp_path, "serve", ONESTOP_PORT="many")
    assert done.returncode == 2
    assert "ONESTOP_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_imported_can_be_exported_again_byte_for_byte(installation: Path, tmp_path: Path) -> None:
    assert onestop(installation, "import", "network", str(REFERENCE)).returncode == 0
    done = onestop(installation, "export", "network", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    for file in (tmp_path / "out").iterdir():
        assert file.read_bytes() == (REFERENCE / file.name).read_bytes(), file.name


def test_a_wrong_file_is_named_with_its_line_and_nothing_is_changed(installation: Path, tmp_path: Path) -> None:
    for file in REFERENCE.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    desks = tmp_path / "desks.csv"
    desks.write_text(desks.read_text().replace("WH-JH-01,02", "WH-XX-99,02"))
    done = onestop(installation, "import", "network", str(tmp_path))
    assert done.returncode == 1
    assert "desks.csv:3" in done.stderr
    assert "WH-XX-99" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_says_in_plain_words_what_is_wrong(installation: Path) -> None:
    well = onestop(installation, "doctor")
    assert well.returncode == 0, well.stdout
    ill = onestop(installation, "doctor", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert ill.returncode == 1
    assert "can't be reached" in ill.stdout
