"""Documents: the check that anybody may ask for, and certificates rendered while the portal goes on answering."""

import argparse
import itertools
import random
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import psycopg

from app.kit.db import libpq_url
from bench import scenarios
from bench.load import get, run
from bench.office import Desks
from bench.under import Server

COUNT = 40
A_MINUTE, ASKED = 60, 50
KEPT = 0.8
LONG_ENOUGH = 12
"""Seconds of a look: ten certificates at the pace that is asked for."""
CONNECTIONS = 32
# What two people have entered and verified; the document itself is issued by the API.
VERIFIED = """
WITH service AS (SELECT id FROM service WHERE deliverable_zh LIKE '检定证书%%' ORDER BY id LIMIT 1), item AS (
    UPDATE request_item SET status = 'verified', service_id = service.id, clock = NULL, due_at = NULL,
        inputs = '{"instrument_name": "卡尺", "serial_no": "A-1", "model_spec": "0-150 mm"}'
    FROM service, request WHERE request.id = request_item.request_id AND request.reference = %(reference)s
    RETURNING request_item.request_id, request_item.station_id, n, service_id, inputs
), whole AS (UPDATE request SET status = 'verified', due_at = NULL WHERE reference = %(reference)s)
INSERT INTO result (id, request_id, station_id, n, attempt, service_id, kind, passed, done_on, valid_until, measured,
    notes, inputs, entered_by, entered_at, verified_by, verified_at)
SELECT gen_random_uuid(), request_id, station_id, n, 1, service_id, 'verification', true, current_date,
    current_date + 364, %(measured)s::jsonb, '{}', inputs,
    (SELECT id FROM person WHERE username = 'bench-short'), now(),
    (SELECT id FROM person WHERE username = 'bench-long'), now()
FROM item
"""
MEASURED = (
    '{"kind": "length", "unit": "mm", "columns": [["nominal", "受检点", "Nominal value"], ["indication", "示值", '
    '"Indication"], ["error", "示值误差", "Error of indication"]], "rows": '
    '[["10.00", "10.01", "0.01"], ["50.00", "50.02", "0.02"], ["150.00", "149.99", "-0.01"]]}'
)


@dataclass(frozen=True)
class Documents:
    """Issued documents as the API describes them, with the token of somebody who may read them."""

    issued: list[dict[str, Any]]
    token: str

    def checks(self) -> Iterator[bytes]:
        chance = random.Random(5)  # noqa: S311 - a load, not a secret
        while True:
            one = chance.choice(self.issued)
            yield get(f"{scenarios.API}/check?{urlencode({'number': one['number'], 'code': one['code']})}")


def make_documents(under: Server, url: str, desks: Desks, count: int = COUNT) -> Documents:
    signed = {"Authorization": f"Bearer {desks.token}"}
    issued = []
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        for _each in range(count):
            reference = desks.references.pop()
            connection.execute(VERIFIED, {"reference": reference, "measured": MEASURED})
            path = f"{scenarios.API}/requests/{reference}/items/1"
            under.client.post(f"{path}/issue", json={}, headers=signed).raise_for_status()
            issued += under.client.get(f"{path}/results", headers=signed).raise_for_status().json()["documents"]
    return Documents(issued, desks.token)


def rendered(
    under: Server, documents: Documents, options: argparse.Namespace
) -> Iterator[tuple[str, float, float, float, str]]:
    """One certificate after another is asked for, at most one in 1.2 seconds, while the portal answers what it did
    alone: how many a minute came, and which share of its rate the web kept. Alone and beside it in turn."""
    offer, seconds = scenarios.ask_offer(under.client), max(options.seconds, LONG_ENOUGH)
    shares, paces = [], []
    for _round in range(options.rounds):
        alone = run(under.port, scenarios.availability(offer), connections=CONNECTIONS, seconds=seconds).rate
        asking = Asking(under, documents)
        asking.start()
        beside = run(under.port, scenarios.availability(offer), connections=CONNECTIONS, seconds=seconds).rate
        paces.append(asking.stop() * A_MINUTE)
        shares.append(beside / alone)
    pace, kept = statistics.median(paces), statistics.median(shares)
    for line in (
        ("certificates, of 50 a minute", pace / ASKED, 1.0, 1.0, f"{pace:.0f} a minute by one worker"),
        ("the web meanwhile, of 80 %", kept / KEPT, 1.0, 1.1, f"{kept:.0%} of its rate"),
    ):
        print(f"{line[0]:<34}{line[1]:>8.3f}{line[2]:>8.2f}{line[3]:>8.2f}  {line[4]}", flush=True)
        yield line


class Asking(threading.Thread):
    """Somebody who saves one certificate after another."""

    def __init__(self, under: Server, documents: Documents) -> None:
        super().__init__(daemon=True)
        self._address = f"http://127.0.0.1:{under.port}"
        self._documents = documents
        self._over = threading.Event()
        self._count = 0
        self._seconds = 0.0

    def run(self) -> None:
        began = time.perf_counter()
        signed = {"Authorization": f"Bearer {self._documents.token}"}
        with httpx.Client(base_url=self._address, timeout=60, headers=signed) as client:
            for n, document in enumerate(itertools.cycle(self._documents.issued), start=1):
                if self._over.is_set():
                    break
                client.get(document["pdf"]).raise_for_status()
                self._count, self._seconds = n, time.perf_counter() - began
                self._over.wait(max(n * A_MINUTE / ASKED - self._seconds, 0))

    def stop(self) -> float:
        """Certificates a second, at most as many as were asked for."""
        self._over.set()
        self.join()
        pace = A_MINUTE / ASKED
        return self._count / max(self._seconds, self._count * pace)
