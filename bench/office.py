"""What staff do: opening the inbox of a station with a long past, and moving requests on."""

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import psycopg

from app.accounts.sessions import TOKEN_PREFIX
from app.kit.clock import now
from app.kit.db import Database, libpq_url
from app.kit.ids import hash_secret, new_reference, new_secret
from app.performance.service import settle
from app.requests.rules import REFERENCE_PREFIX
from app.stations.snapshot import load_network
from bench.load import get, post
from bench.recording import Statement, recording

SHORT_PAST, LONG_PAST = 1_000, 100_000
GOING_ON = 60
"""Requests that are going on at each of the two stations whose inbox is opened."""
TO_ACCEPT = 24_000
"""Requests that wait for their acceptance, all over the network; every other one is left to pgbench."""

REQUEST_ID = "lpad(to_hex(:n::int8), 32, '0')"
RESERVATION_ID = "('a' || lpad(to_hex(:n::int8), 31, '0'))"
REFERENCE = "'ZT-B' || :n"

# Rows of `wanted` (n, station_id, status, reference, starts, ends), each with its place at the station's first desk.
REQUESTS = """
    INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, mode, service_ids, active, created_at,
        changed_at)
    SELECT ('a' || lpad(to_hex(n), 31, '0'))::uuid, station_id,
        (SELECT min(id) FROM desk WHERE desk.station_id = w.station_id), starts, 3, 'appointment',
        'station', ARRAY[(SELECT min(id) FROM service)], true, now(), now()
    FROM wanted w;
    INSERT INTO request (id, station_id, reference, access_hash, status, reservation_id, mode, language,
        organisation_name, uscc, contact_name, mobile, email, consent_version, consented_at, created_at, changed_at,
        due_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, station_id, reference, decode(repeat('00', 32), 'hex'), status,
        ('a' || lpad(to_hex(n), 31, '0'))::uuid, 'station', 'zh-CN', '芜湖市测速有限公司', '91110108551385082Q', '王五',
        '13800138000', 'bench@example.com', '2026-11-28', now(), now() - n * interval '1 minute', now(),
        CASE WHEN status = 'submitted' THEN now() + interval '2 days' END
    FROM wanted;
    INSERT INTO request_item (request_id, station_id, n, service_id, inputs, status, clock, due_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, station_id, 1, (SELECT min(id) FROM service), '{"quantity": 1}', status,
        CASE WHEN status = 'submitted' THEN jsonb_build_object('clock', 'first_answer', 'days', 2, 'source', 'network',
            'started', now(), 'runs_from', now(), 'counted', 0, 'fixed', NULL) END,
        CASE WHEN status = 'submitted' THEN now() + interval '2 days' END
    FROM wanted;
    INSERT INTO request_event (request_id, station_id, n, at, kind, data)
    SELECT lpad(to_hex(n), 32, '0')::uuid, station_id, 1, now(), 'submitted',
        jsonb_build_object('start', now(), 'station', (SELECT code FROM station WHERE id = station_id))
    FROM wanted;
"""
WANTED = "CREATE TEMPORARY TABLE wanted (n int8, station_id int, status text, reference text, starts int)"
STAFF = """
    WITH made AS (
        INSERT INTO person (id, username, name, created_at) VALUES (gen_random_uuid(), %(name)s, %(name)s, now())
        RETURNING id
    ), granted AS (
        INSERT INTO role_grant (person_id, role, station_id, granted_at)
        SELECT id, %(role)s, %(station)s, now() FROM made
    )
    INSERT INTO signin_session (id, token_hash, person_id, kind, proof, address, agent, strong_at, created_at,
        last_seen_at, expires_at)
    SELECT gen_random_uuid(), %(hash)s, id, %(kind)s, 'password', '127.0.0.1', 'bench', now(), now(), now(),
        now() + interval '1 day' FROM made
"""


@dataclass(frozen=True)
class Desks:
    """What the staff's scenarios need. Cookies of officers of two stations, with a short and a long past; a token of
    somebody who may accept anything; references that wait for it, each once; how many stations there are."""

    short_past: str
    long_past: str
    token: str
    references: list[str]
    stations: int

    def inbox(self, cookie: str) -> Iterator[bytes]:
        return itertools.repeat(get("/office/requests", cookie=f"onestop_session={cookie}"))

    def accepting(self) -> Iterator[bytes]:
        """Every reference once: for one round after another."""
        return (_accept(reference, self.token) for reference in self.references)

    def accepting_last(self) -> Iterator[bytes]:
        """The same from the other end, for what is measured after it."""
        return (_accept(reference, self.token) for reference in reversed(self.references))


def _accept(reference: str, token: str) -> bytes:
    return post(f"/api/v1/requests/{reference}/items/1/accept", b"{}", bearer=token)


def make_desks(url: str) -> Desks:
    """Requests of the past, of today and to be accepted, and who deals with them."""
    token, cookies = TOKEN_PREFIX + new_secret(), (new_secret(), new_secret())
    with psycopg.connect(libpq_url(url)) as connection:
        stations = [row[0] for row in connection.execute("SELECT id FROM station ORDER BY id")]
        if stations != list(range(1, len(stations) + 1)):
            raise RuntimeError("pgbench computes a station from a number: they must be 1, 2, 3, …")
        [[today]] = connection.execute("SELECT extract(epoch FROM current_date)::int / 300").fetchall()
        references = _requests(connection, stations, today)
        for name, role, station, kind, secret in (
            ("short", "officer", stations[0], "browser", cookies[0]),
            ("long", "officer", stations[1], "browser", cookies[1]),
            ("city", "city_admin", None, "token", token),
        ):
            who = {"name": f"bench-{name}", "role": role, "station": station, "kind": kind}
            connection.execute(STAFF, who | {"hash": hash_secret(secret)})
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    asyncio.run(_keep_past(url))
    return Desks(*cookies, token, references, len(stations))


async def _keep_past(url: str) -> None:
    """Keep the figures of all days that are over: else the server's own job would, while its pages are measured."""
    database = Database(url, pool_size=2)
    await database.open()
    await settle(database, await load_network(database), await now())
    await database.close()


def _requests(connection: psycopg.Connection, stations: list[int], today: int) -> list[str]:
    """Write them; the references that wait to be accepted by us. Those that are left to pgbench have an odd number."""
    connection.execute(WANTED)
    ours = []
    with connection.cursor().copy("COPY wanted FROM STDIN") as copy:
        for n in range(1, TO_ACCEPT + 1):
            reference = f"ZT-B{n}" if n % 2 else new_reference(REFERENCE_PREFIX)
            station = 1 + n % len(stations)
            copy.write_row((n, station, "submitted", reference, today + 300 * 288 + 3 * n))
            if n % 2 == 0 and station > 2:
                ours.append(reference)
        n = TO_ACCEPT
        for station, past in zip(stations, (SHORT_PAST, LONG_PAST), strict=False):
            for k in range(past + GOING_ON):
                n += 1
                status = "archived" if k < past else "submitted"
                starts = today - 3 * k if k < past else today + 200 * 288 + 3 * k
                copy.write_row((n, station, status, f"ZT-P{n}", starts))
    connection.execute(REQUESTS)
    return ours


async def accepting_script(url: str, desks: Desks) -> str:
    """What accepting one request runs, for pgbench: one transaction, for a random one of those that are left to it."""
    reference = desks.references.pop()
    async with recording(url) as (client, taken):
        signed = {"Authorization": f"Bearer {desks.token}"}
        path = f"/api/v1/requests/{reference}/items/1/accept"
        (await client.get(f"/api/v1/requests/{reference}", headers=signed)).raise_for_status()
        taken.clear()
        (await client.post(path, json={}, headers=signed)).raise_for_status()
        statements = list(taken.of_sessions)
    with psycopg.connect(libpq_url(url)) as connection:
        [(request_id, reservation_id)] = connection.execute(
            "SELECT id, reservation_id FROM request WHERE reference = %s", (reference,)
        ).fetchall()
        within = {reference: REFERENCE, **_spelled(request_id, REQUEST_ID), **_spelled(reservation_id, RESERVATION_ID)}
        lines = [statement.filled(connection, named=_differing(statement), within=within) for statement in statements]
    return "\n".join(
        [
            f"\\set n 2 * random(0, {TO_ACCEPT // 2 - 1}) + 1",
            f"\\set station 1 + :n % {desks.stations}",
            "\\set step random(2, 32000)",
            "BEGIN;",
            *(f"{line};" for line in lines),
            "COMMIT;",
            "",
        ]
    )


def _spelled(known: UUID, expression: str) -> dict[str, str]:
    """An id as it may stand in a literal, with hyphens and without."""
    return {str(known): f"{expression}::uuid", known.hex: expression}


def _differing(statement: Statement) -> dict[str, str]:
    """Places that differ from one request to the next, besides its ids."""
    named = dict.fromkeys(("station_id", "station_id_1", "pk_1", "audit_station_id"), ":station")
    if "INTO request_event" in statement.text:
        named["n"] = ":step"
    if "INTO message" in statement.text and isinstance(statement.given, Mapping):
        named["mail_ids"] = f"ARRAY[{', '.join('gen_random_uuid()' for _id in statement.given['mail_ids'])}]"
    return named
