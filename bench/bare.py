"""The bare database: the statements that the application runs, by pgbench with as many connections."""

import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from app.kit.db import libpq_url
from app.requests.statements import SUBMIT
from app.slots.statements import HOLD
from bench.recording import recording

SPREAD_TICKS = 28 * 288
STATIONS = 24
NEVER = "'2099-01-01 00:00:00+00'::timestamptz"
HOLD_ID = "lpad(to_hex(:n::int8), 32, '0')::uuid"
HOLDING = {"id": HOLD_ID, "starts": ":starts", "places": "NULL", "expires_at": NEVER, "now": "now()"}
SUBMITTING = {
    "id": HOLD_ID,
    "request_id": "lpad(to_hex(:n::int8), 32, '1')::uuid",
    "reference": "to_hex(:n::int8)",
    "audit_object_id": "to_hex(:n::int8)",
    "now": "now()",
}


@dataclass(frozen=True)
class Bare:
    """A pgbench and the database that it works on, with so many connections."""

    program: Path
    url: str
    connections: int

    def per_second(self, scripts: Sequence[str], seconds: int) -> float:
        """How often a second one of the scripts is run, prepared, chosen at random."""
        with tempfile.TemporaryDirectory() as folder:
            command = [str(self.program), "-n", "-M", "prepared", "-c", str(self.connections), "-j", "2"]
            command += ["-T", str(seconds)]
            for n, script in enumerate(scripts):
                path = Path(folder) / f"{n}.sql"
                path.write_text(script, encoding="utf-8")
                command += ["-f", str(path)]
            done = subprocess.run([*command, libpq_url(self.url)], check=False, capture_output=True, text=True)
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        if done.returncode or found is None:
            raise RuntimeError(done.stdout + done.stderr)
        return float(found[1])


async def booking_scripts(
    url: str, wish: dict[str, Any], request: Callable[[dict[str, Any]], dict[str, Any]]
) -> list[str]:
    """Hold and confirm as the application runs them for this wish, one script a station, since pgbench has no arrays.

    `request` makes the body of the request from the answer to the hold.
    """
    async with recording(url) as (client, taken):
        held = (await client.post("/api/v1/holds", json=wish)).raise_for_status()
        (await client.post("/api/v1/requests", json=request(held.json()))).raise_for_status()
        reference = str(taken.first(SUBMIT).given["reference"])  # type: ignore[call-overload]  # given by name
    with psycopg.connect(libpq_url(url)) as connection:
        stations = connection.execute(
            "SELECT station_id, array_agg(id ORDER BY id)::text FROM desk WHERE active AND channel = 'public' "
            "GROUP BY 1 ORDER BY 1 LIMIT %s",
            (STATIONS,),
        ).fetchall()
        [first] = connection.execute("SELECT extract(epoch FROM date_trunc('day', now()))::int / 300 + 288").fetchall()
        scripts = []
        for station_id, desks in stations:
            fixed = {"station_id": str(station_id), "desks": f"'{desks}'", "audit_station_id": str(station_id)}
            within = {reference: "to_hex(:n::int8)"}
            hold = taken.first(HOLD).filled(connection, named=HOLDING | fixed)
            submit = taken.first(SUBMIT).filled(connection, named=SUBMITTING | fixed, within=within)
            scripts.append(
                "\\set n random(1, 9000000000000000000)\n"
                f"\\set starts {first[0]} + 3 * random(0, {SPREAD_TICKS // 3})\n"
                f"{hold};\n{submit};\n"
            )
    return scripts
