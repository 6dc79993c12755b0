"""Coverage of a city over past requests, and of the country's 41,352 stations over 200,000 enterprises.

What is asked first reads demand and distances, which are kept for some minutes: its seconds are told beside the median.
"""

import itertools
import statistics
import time
from argparse import Namespace
from collections.abc import Iterator

import psycopg

from app.accounts.sessions import TOKEN_PREFIX
from app.kit.db import libpq_url
from app.kit.ids import hash_secret, new_secret
from bench.load import get, run
from bench.office import STAFF
from bench.under import Server

DEMAND = 200_000
CITY_MS, SERVICE_MS, MATRIX_MS = 300, 2_000, 10_000
SERVICE = "MET-MEC-015"
CITY = {
    "summary": "summary",
    "summary over requests": "summary?basis=requests",
    "categories by county": "matrix",
    "the same over requests": "matrix?basis=requests",
    "services by station": "matrix?rows=station&columns=service",
}
Measured = tuple[str, float, float, float, str]
# As many around each station, in a circle of some 20 km; the county is the station's.
ENTERPRISES = """
    WITH taken AS (
        INSERT INTO register (id, name, source, as_of, told, created_at, created_by, taken_at)
        SELECT gen_random_uuid(), 'bench', 'bench', current_date, '{}', now(), min(id::text)::uuid, now() FROM person
        RETURNING id
    )
    INSERT INTO register_point (register_id, line, lon, lat, weight, county_adcode, approximate, industry)
    SELECT taken.id, n, round((lon + (n * 37 %% 401 - 200) / 1000.0)::numeric, 3),
        round((lat + (n * 53 %% 397 - 198) / 1000.0)::numeric, 3), 1, county_adcode, false, ''
    FROM taken, generate_series(1, %(demand)s) n
    JOIN (SELECT lon, lat, county_adcode, row_number() OVER (ORDER BY code) - 1 AS k FROM station WHERE active) place
        ON place.k = n %% (SELECT count(*) FROM station WHERE active)
"""


def make_reader(url: str) -> str:
    """A token of somebody who may ask for all of it."""
    token = TOKEN_PREFIX + new_secret()
    with psycopg.connect(libpq_url(url)) as connection:
        who = {"name": "bench-coverage", "role": "city_admin", "station": None, "kind": "token"}
        connection.execute(STAFF, who | {"hash": hash_secret(token)})
    return token


def make_enterprises(url: str) -> None:
    """So many demand points all over the network. After `make_reader`."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute(ENTERPRISES, {"demand": DEMAND})
        connection.execute("VACUUM ANALYZE register_point")


def of_city(under: Server, token: str, millions: float, options: Namespace) -> Iterator[Measured]:
    """Each figure of a city with so many millions of past requests, against what is asked for."""
    for name, path in CITY.items():
        line = f"{name}, {millions:g} million", f"/api/v1/coverage/{path}", CITY_MS, 1.0
        yield measured(under, token, line, options)


def of_country(under: Server, token: str, options: Namespace) -> Iterator[Measured]:
    """The distances of one service, and all categories by county."""
    for name, path, limit in (
        ("coverage of a service, national", f"summary?service={SERVICE}&basis=enterprises", SERVICE_MS),
        ("categories by county, national", "matrix?basis=enterprises", MATRIX_MS),
    ):
        yield measured(under, token, (name, f"/api/v1/coverage/{path}", limit, 1.0), options)


def measured(under: Server, token: str, line: tuple[str, str, int, float], options: Namespace) -> Measured:
    """Of a line's name, what it asks, for how many milliseconds, and its floor: how often it stays within them."""
    name, path, limit, floor = line
    began = time.perf_counter()
    under.client.get(path, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    first = time.perf_counter() - began
    calls = itertools.repeat(get(path, bearer=token))
    results = [run(under.port, calls, connections=1, seconds=options.seconds) for _round in range(options.rounds)]
    if any(set(result.statuses) != {200} for result in results):
        raise RuntimeError(f"unexpected answers: {[result.statuses for result in results]}")
    median = statistics.median(result.percentile(0.5) for result in results)
    ratio, note = limit / median, f"median {median:,.0f} ms of {limit:,}, the first {first:.1f} s"
    verdict = "goal" if ratio >= 2 else "floor" if ratio >= floor else "BELOW"
    print(f"{name:<34}{ratio:>8.3f}{floor:>8.2f}{2:>8.2f}  {verdict:<6}{note}", flush=True)
    return name, ratio, floor, 2, note
