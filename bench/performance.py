"""A month of performance with a past of one, three and ten million requests: it must not take longer.

The past grows backwards, four thousand requests a working day, so the month that is asked for is always the same.
"""

import itertools
import time
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import psycopg

from app.accounts.sessions import TOKEN_PREFIX
from app.kit.clock import now
from app.kit.db import Database, libpq_url
from app.kit.ids import hash_secret, new_secret
from app.performance.service import settle_day
from app.stations.snapshot import load_network
from bench.coverage import Measured, measured
from bench.office import STAFF
from bench.under import Server

A_DAY, MILLION, WRITERS = 4_000, 1_000_000, 2
ASKED_DAYS, KEPT_DAYS, MONTH_MS = 30, 95, 300
AT_ONCE = 125_000
# Of a past, keys and triggers are looked at by nobody: it fits by how it is made. Its days reach two days ahead, since
# who comes then has sent a request and got an answer today.
SETUP = """
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
CREATE TEMPORARY TABLE work_day AS
    SELECT row_number() OVER (ORDER BY day DESC) - 1 AS k, day::date, (extract(epoch FROM
        (day + interval '8 hours 30 minutes') AT TIME ZONE 'Asia/Shanghai') / 300)::int AS opens
    FROM generate_series(current_date - 5500, current_date + 2, interval '1 day') day
    WHERE extract(isodow FROM day) < 6 OR day >= current_date;
CREATE INDEX ON work_day (k);
CREATE TEMPORARY TABLE public_desk AS
    SELECT station_id, row_number() OVER (PARTITION BY station_id ORDER BY id) - 1 AS k, id FROM desk
    WHERE channel = 'public' AND active;
ANALYZE work_day, public_desk;
CREATE TEMPORARY TABLE visit (n int8, id uuid, place uuid, ticket uuid, station_id int, desk_id int, service_id int,
    day date, tick int, at timestamptz, waited int, took int, lon float8, lat float8);
"""
# Whoever asks lives within some ten kilometres of the station.
VISITS = """
TRUNCATE visit;
INSERT INTO visit
SELECT n, lpad(to_hex(n), 32, '0')::uuid, ('a' || lpad(to_hex(n), 31, '0'))::uuid,
    ('b' || lpad(to_hex(n), 31, '0'))::uuid, 1 + n % stations, public_desk.id, 1 + n % 20, day, opens + (m / 2) * 3,
    to_timestamp((opens + (m / 2) * 3) * 300.0), n * 7919 % 1500, 300 + n * 104729 % 1800,
    station.lon + (n * 31 % 21 - 10) / 100.0, station.lat + (n * 17 % 19 - 9) / 100.0
FROM (SELECT count(*)::int AS stations FROM station) network
CROSS JOIN generate_series(FIRST::int8, LAST::int8) n
CROSS JOIN LATERAL (SELECT (n % A_DAY / stations)::int AS m) place
JOIN work_day ON work_day.k = n / A_DAY
JOIN public_desk ON public_desk.station_id = 1 + n % stations AND public_desk.k = m % 2
JOIN station ON station.id = 1 + n % stations;
"""
ROWS = """
INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, mode, service_ids, active, created_at,
    changed_at)
    SELECT place, station_id, desk_id, tick, 3, 'appointment', 'station', ARRAY[service_id], true,
        at - interval '2 days', at - interval '2 days' FROM visit;
INSERT INTO request (id, station_id, reference, access_hash, status, reservation_id, mode, language, organisation_name,
    uscc, contact_name, mobile, lon, lat, crs, consent_version, consented_at, created_at, changed_at)
    SELECT id, station_id, 'ZT-Q' || n, '\\x00', 'archived', place, 'station', 'zh-CN', '芜湖市测速有限公司',
        '91110108551385082Q', '', '', lon, lat, 'wgs84', '1', at, at - interval '2 days', at FROM visit;
INSERT INTO request_item (request_id, station_id, n, service_id, inputs, status)
    SELECT id, station_id, 1, service_id, '{}', 'archived' FROM visit;
INSERT INTO request_event (request_id, station_id, n, at, kind, data)
    SELECT id, station_id, step.n, visit.at + step.after AS happened, kind,
        CASE WHEN step.n = 4 AND visit.n % 30 = 0 THEN '{"late_reason": "-"}' ELSE '{}' END::jsonb
    FROM visit, (VALUES (1, interval '-2 days', 'submitted'), (2, interval '-45 hours', 'accepted'),
        (3, interval '-5 minutes', 'checked_in'), (4, interval '40 minutes', 'finished')) step (n, after, kind)
    WHERE step.n <= 2 OR day <= current_date ORDER BY happened;
INSERT INTO ticket (id, station_id, day, number, letter, kind, state, priority, service_ids, open_ids, wants,
    first_from, rank_at, booked_at, language, issued_at, called_at)
    SELECT ticket, station_id, day, n % A_DAY + 1, 'A', CASE WHEN n % 2 = 0 THEN 'walk_in' ELSE 'appointment' END,
        'done', 'none', ARRAY[service_id], '{}', 1, at, at, CASE WHEN n % 2 = 1 THEN at END, 'zh-CN', at,
        at + waited * interval '1 second' FROM visit WHERE day <= current_date;
INSERT INTO serving (ticket_id, station_id, n, desk_id, service_ids, started_at, ended_at)
    SELECT ticket, station_id, 1, desk_id, ARRAY[service_id], at + waited * interval '1 second',
        at + (waited + took) * interval '1 second' FROM visit WHERE day <= current_date;
INSERT INTO rating (request_id, station_id, level, at)
    SELECT id, station_id, 1 + n % 5, at + interval '1 hour' FROM visit WHERE n % 3 = 0 AND day <= current_date;
"""
HALL_DAYS = """
INSERT INTO hall_day (station_id, day) SELECT station.id, day FROM station, work_day
    WHERE k <= LAST / A_DAY AND day <= current_date ON CONFLICT DO NOTHING
"""
# That no place is taken twice is known here: to look it up row by row takes longer than all the rest. The same index.
FREED = """
ALTER TABLE reservation DROP CONSTRAINT IF EXISTS reservation_no_overlap;
DROP INDEX IF EXISTS reservation_no_overlap;
"""
NO_OVERLAP = "CREATE INDEX reservation_no_overlap ON reservation USING gist (desk_id, during) WHERE active"
CLEAN = ("request", "request_event", "request_item", "reservation", "ticket", "serving", "rating", "hall_day")


class Past:
    """A database whose past grows, and somebody who may ask for all of it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._known = 0
        self.token = TOKEN_PREFIX + new_secret()
        with psycopg.connect(libpq_url(url)) as connection:
            who = {"name": "bench-performance", "role": "city_admin", "station": None, "kind": "token"}
            connection.execute(STAFF, who | {"hash": hash_secret(self.token)})

    def grow(self, millions: float) -> float:
        """Until there are so many millions of requests; the seconds that it took."""
        began, wanted = time.monotonic(), int(millions * MILLION)
        with psycopg.connect(libpq_url(self._url), autocommit=True) as connection:
            connection.execute(FREED)
            with ThreadPoolExecutor(WRITERS) as writers:
                list(writers.map(self._write, range(self._known, wanted, AT_ONCE), itertools.repeat(wanted)))
            connection.execute(SETUP)
            connection.execute(_spelled(HALL_DAYS, 0, wanted - 1))
            connection.execute(NO_OVERLAP)
            for table in CLEAN:
                connection.execute(f"VACUUM ANALYZE {table}")
        self._known = wanted
        return time.monotonic() - began

    def _write(self, first: int, wanted: int) -> None:
        with psycopg.connect(libpq_url(self._url)) as connection:
            connection.execute(SETUP)
            connection.execute(_spelled(VISITS + ROWS, first, min(first + AT_ONCE, wanted) - 1))

    async def keep(self) -> int:
        """Keep the figures of the last months, as the job does night by night; how many days."""
        database = Database(self._url, pool_size=2)
        await database.open()
        moment, network = await now(), await load_network(database)
        days = [date.today() - timedelta(days=n) for n in range(1, KEPT_DAYS + 1)]  # noqa: DTZ011 - the database's too
        kept = [await settle_day(database, network, day, moment) for day in days]
        await database.close()
        return sum(kept)

    def months(self, under: Server, millions: float, options: Namespace) -> Iterator[Measured]:
        """The last thirty days and today, of which today is counted from the events, by station, day and service."""
        for by in ("station", "day", "service"):
            first = date.today() - timedelta(days=ASKED_DAYS)  # noqa: DTZ011
            name, path = f"a month by {by}, {millions:g} million", f"/api/v1/performance?from={first}&by={by}"
            yield measured(under, self.token, (name, path, MONTH_MS, 1.0), options)


def _spelled(statement: str, first: int, last: int) -> str:
    return statement.replace("FIRST", str(first)).replace("LAST", str(last)).replace("A_DAY", str(A_DAY))
