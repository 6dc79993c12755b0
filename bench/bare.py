"""The bare database: the same statements as hold and confirm, by pgbench with as many connections."""

import re
import subprocess
import tempfile
from pathlib import Path

import psycopg

from app.kit.db import libpq_url
from app.requests.statements import SUBMIT
from app.slots.statements import HOLD

SPREAD_TICKS = 28 * 288
SCRIPTS = 24
NEVER = "'2099-01-01 00:00:00+00'::timestamptz"

HOLDING = {
    "id": "lpad(to_hex(:n::int8), 32, '0')::uuid",
    "starts": ":starts", "ticks": "6", "places": "NULL", "client": "'pgbench'",
    "mode": "'station'", "token_hash": r"'\x00'::bytea", "expires_at": NEVER, "now": "now()",
}  # fmt: skip
SUBMITTING = {
    "id": "lpad(to_hex(:n::int8), 32, '0')::uuid", "token_hash": r"'\x00'::bytea", "now": "now()",
    "request_id": "lpad(to_hex(:n::int8), 32, '1')::uuid", "reference": "to_hex(:n::int8)",
    "access_hash": r"'\x00'::bytea",
    "status": "'scheduled'", "use": "'other'", "language": "'zh-CN'", "organisation_name": "'芜湖市测速有限公司'",
    "uscc": "'91110108551385082Q'", "contact_name": "'王五'", "mobile": "'13800138000'", "email": "NULL", "lon": "NULL",
    "lat": "NULL", "given_lon": "NULL", "given_lat": "NULL", "crs": "NULL", "note": "NULL", "consent_version": "'1'",
    "inputs": """ARRAY['{"quantity": 1}'::jsonb]""", "event": "'submitted'", "told": "'{}'", "caller": "NULL",
    "key": "NULL", "content": "NULL", "answer": "NULL", "organisation_id": "NULL", "person_id": "NULL",
    "audit_at": "now()", "audit_actor_kind": "'visitor'", "audit_actor_id": "NULL", "audit_actor_name": "''",
    "audit_actor_via": "''", "audit_address": "'127.0.0.1'", "audit_action": "'request.submitted'",
    "audit_object_kind": "'request'", "audit_object_id": "to_hex(:n::int8)", "audit_organisation_id": "NULL",
    "audit_before": "NULL", "audit_reason": "''", "audit_trace": "''",
    "audit_after": """'{"status": "submitted", "station": "WH-JH-01", "start": "2026-12-01T09:00:00+08:00"}'""",
}  # fmt: skip


def bookings_per_second(url: str, pgbench: Path, *, connections: int, seconds: int) -> float:
    """Pairs of hold and confirm a second, prepared, over random places of some stations."""
    with tempfile.TemporaryDirectory() as folder:
        scripts = _scripts(url, Path(folder))
        command = [str(pgbench), "-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-T", str(seconds)]
        for script in scripts:
            command += ["-f", str(script)]
        done = subprocess.run([*command, libpq_url(url)], check=True, capture_output=True, text=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1])


def _scripts(url: str, folder: Path) -> list[Path]:
    """One script a station, since pgbench has no arrays: station, desks and service stand in the text."""
    with psycopg.connect(libpq_url(url)) as connection:
        stations = connection.execute(
            "SELECT station_id, array_agg(id ORDER BY id)::text FROM desk WHERE active AND channel = 'public' "
            "GROUP BY 1 ORDER BY 1 LIMIT %s",
            (SCRIPTS,),
        ).fetchall()
        [first] = connection.execute("SELECT extract(epoch FROM date_trunc('day', now()))::int / 300 + 288").fetchall()
    paths = []
    for station_id, desks in stations:
        desk_ids = f"'{desks}'"
        fixed = {"station_id": str(station_id), "desks": desk_ids, "service_ids": "'{1}'"}
        fixed["audit_station_id"] = fixed["station_id"]
        path = folder / f"{station_id}.sql"
        path.write_text(
            f"\\set n random(1, 9000000000000000000)\n\\set starts {first[0]} + 3 * random(0, {SPREAD_TICKS // 3})\n"
            f"{_filled(HOLD, HOLDING | fixed)};\n{_filled(SUBMIT, SUBMITTING | fixed)};\n",
            encoding="utf-8",
        )
        paths.append(path)
    return paths


def _filled(statement: str, values: dict[str, str]) -> str:
    text = re.sub(r"%\((\w+)\)s", lambda found: values[found[1]], statement)
    return " ".join(text.split())
