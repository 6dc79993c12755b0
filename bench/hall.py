"""The counter: sixteen desks that press "next" at one station and at sixteen, and the board at which all look."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from app.accounts.sessions import TOKEN_PREFIX
from app.hall.statements import CALL_NEXT
from app.kit.db import libpq_url
from app.kit.ids import hash_secret, new_secret
from bench.load import get, post
from bench.recording import recording

DESKS, WAITING = 16, 60
API = "/api/v1"
# Sixteen more desks at the first station, one at each of sixteen others, each with somebody of its own, known by the
# desk's number. A ticket that is called is waiting again at once, behind the others: so only calling is measured, by
# the application and by pgbench alike, and the queue stays as it is.
STAFF = """
    CREATE TABLE bench_desk AS
    SELECT row_number() OVER (ORDER BY station_id, code)::int AS n, station_id, id AS desk_id, code
    FROM desk WHERE false;
    INSERT INTO desk (station_id, code, name_zh, name_en, categories, channel)
    SELECT s.id, 'B' || s.id || '-' || n, 'B', 'B', ARRAY(SELECT code FROM category), 'internal'
    FROM (SELECT id FROM station ORDER BY id LIMIT 17) s
    CROSS JOIN LATERAL generate_series(1, CASE WHEN s.id = (SELECT min(id) FROM station) THEN 16 ELSE 1 END) n;
    INSERT INTO bench_desk
    SELECT row_number() OVER (ORDER BY station_id, id), station_id, id, code FROM desk WHERE code LIKE 'B%%-%%';
    INSERT INTO person (id, username, name, created_at)
    SELECT lpad(to_hex(n), 32, 'b')::uuid, 'bench-desk-' || n, 'bench', now() FROM bench_desk;
    INSERT INTO role_grant (person_id, role, station_id, granted_at)
    SELECT lpad(to_hex(n), 32, 'b')::uuid, 'window', station_id, now() FROM bench_desk;
    INSERT INTO desk_session (id, station_id, desk_id, person_id, skills, started_at)
    SELECT gen_random_uuid(), station_id, desk_id, lpad(to_hex(n), 32, 'b')::uuid, 63, now() FROM bench_desk;
    INSERT INTO hall_day (station_id, day, last_number)
    SELECT DISTINCT station_id, (now() AT TIME ZONE 'Asia/Shanghai')::date, %(waiting)s::int FROM bench_desk;
    INSERT INTO ticket (id, station_id, day, number, letter, kind, state, priority, service_ids, open_ids, wants,
        first_from, rank_at, language, issued_at)
    SELECT gen_random_uuid(), station_id, day, n, 'A', 'walk_in', 'waiting', 'none', ARRAY[s.id], ARRAY[s.id], 63,
        now() - n * interval '1 minute', now() - n * interval '1 minute', 'zh-CN', now() - n * interval '1 minute'
    FROM hall_day, generate_series(1, %(waiting)s::int) n, (SELECT min(id) AS id FROM service) s;
    CREATE FUNCTION bench_waits_again() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.state = 'called' THEN
            NEW.state := 'waiting'; NEW.desk_id := NULL; NEW.rank_at := clock_timestamp();
            NEW.first_from := NEW.rank_at; NEW.events := 1;
            DELETE FROM ticket_event WHERE ticket_id = NEW.id;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER bench_waits_again BEFORE UPDATE ON ticket FOR EACH ROW EXECUTE FUNCTION bench_waits_again();
"""
SESSION = """
    INSERT INTO signin_session (id, token_hash, person_id, kind, proof, address, agent, strong_at, created_at,
        last_seen_at, expires_at)
    VALUES (gen_random_uuid(), %s, lpad(to_hex(%s::int), 32, 'b')::uuid, 'token', 'password', '127.0.0.1', 'bench',
        now(), now(), now(), now() + interval '1 day')
"""
PERSON = "lpad(to_hex(:n::int), 32, 'b')::uuid"


@dataclass(frozen=True)
class Window:
    """A desk with the token of whoever sits there; `n` is its number in bench_desk."""

    n: int
    station: str
    desk: str
    token: str

    def call(self) -> bytes:
        return post(f"{API}/desk/{self.station}/call-next", json.dumps({"desk": self.desk}).encode(), bearer=self.token)

    def board(self) -> bytes:
        return get(f"{API}/desk/{self.station}/board", bearer=self.token)


@dataclass(frozen=True)
class Floors:
    """Sixteen desks of one station, and one each of sixteen others."""

    at_one: list[Window]
    at_sixteen: list[Window]

    def calls(self, windows: list[Window]) -> Iterator[bytes]:
        """Each desk in turn: with as many connections as desks none presses twice at once for long."""
        return itertools.cycle([window.call() for window in windows])

    def board(self) -> Iterator[bytes]:
        return itertools.cycle([window.board() for window in self.at_one])


def make_floors(url: str) -> Floors:
    """Desks, who sits there, and queues that never end."""
    with psycopg.connect(libpq_url(url)) as connection:
        cursor = psycopg.ClientCursor(connection)
        cursor.execute(STAFF, {"waiting": WAITING})
        windows = []
        rows = connection.execute(
            "SELECT n, station.code, bench_desk.code FROM bench_desk JOIN station ON station.id = station_id ORDER BY n"
        ).fetchall()
        for n, station, desk in rows:
            token = TOKEN_PREFIX + new_secret()
            connection.execute(SESSION, (hash_secret(token), n))
            windows.append(Window(n, station, desk, token))
    return Floors(windows[:DESKS], windows[DESKS:])


async def calling_scripts(url: str, windows: list[Window]) -> list[str]:
    """What one press runs, for pgbench, one script a desk."""
    async with recording(url) as (client, taken):
        first = windows[0]
        signed = {"Authorization": f"Bearer {first.token}"}
        body = {"desk": first.desk}
        (await client.post(f"{API}/desk/{first.station}/call-next", json=body, headers=signed)).raise_for_status()
        statement = taken.first(CALL_NEXT)
    with psycopg.connect(libpq_url(url)) as connection:
        scripts = []
        for window in windows:
            [(station_id, desk_id)] = connection.execute(
                "SELECT station_id, desk_id FROM bench_desk WHERE n = %s", (window.n,)
            ).fetchall()
            named = {
                "station_id": str(station_id),
                "desk_id": str(desk_id),
                "person_id": PERSON,
                "now": "clock_timestamp()",
                "topic": f"'hall{{}}{station_id}'".format(": "),
            }
            scripts.append(f"\\set n {window.n}\n{statement.filled(connection, named=named)};\n")
    return scripts
