"""`make bench`: speed as ratios to an empty endpoint and to the bare database, all measured in this one run.

One server process, 32 connections from a process of its own; the median of the rounds counts.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp

import psycopg
from psycopg.sql import SQL, Identifier

from app.config import default_home
from app.database import load_reference_network, migrate
from app.kit.embedded import EmbeddedPostgres
from app.kit.logs import configure
from bench import coverage, scenarios
from bench.bare import Bare
from bench.data import half_book, make_member, make_national
from bench.displays import STREAMS, Reached, to_displays
from bench.documents import make_documents, rendered
from bench.hall import DESKS, calling_scripts, make_floors
from bench.hooks import told
from bench.ledger import imported
from bench.lines import Line, Measured, against_bare, against_empty, checked, rounds
from bench.load import run
from bench.office import make_desks
from bench.performance import Past
from bench.reading import inbox, reads
from bench.siting import planned
from bench.under import Server, server
from bench.writing import bookings, mails, transitions

DISPLAY_MS, STREAM_KILOBYTES = 300, 60


def main() -> int:
    options = _options()
    configure("WARNING", "json")
    base = default_home()
    base.mkdir(parents=True, exist_ok=True)
    home = Path(mkdtemp(prefix="bench-", dir=base))
    home.chmod(0o755)
    postgres = EmbeddedPostgres(home, options={"shared_buffers": "512MB"})
    with postgres as url:
        migrate(url)
        asyncio.run(load_reference_network(url))
        for name in ("half", "national", "past"):
            _copy(url, name)
        lines = _ratios(postgres, options)
        lines += _performance(postgres, options) + [Line(*each) for each in planned()]
        if options.national:
            lines += _national(postgres, options)
    subprocess.run(["rm", "-rf", str(home)], check=True)
    return 0 if all(line.ratio >= line.floor for line in lines) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--millions", default="1", help="Past requests for performance and coverage: 1,3,10")
    parser.add_argument("--no-national", dest="national", action="store_false")
    return parser.parse_args()


def _copy(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True, dbname="postgres") as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE onestop").format(Identifier(name)))


def _ratios(postgres: EmbeddedPostgres, options: argparse.Namespace) -> list[Line]:
    half = postgres.url("half")
    print(f"{half_book(half):,} places taken in the half-booked copy", flush=True)
    member, desks = make_member(half), make_desks(half)
    print(f"\n{'':<34}{'ratio':>8}{'floor':>8}{'goal':>8}", flush=True)
    with server(half) as reading:
        documents = make_documents(reading, half, desks)
        lines = [*reads(reading, member, documents, options), *inbox(reading, desks, options)]
        print(f"memory of the worker, 79 stations: {reading.megabytes:.0f} MB (at most 250)", flush=True)
        lines.append(transitions(reading, desks, postgres, options))
        lines += [Line(*each) for each in rendered(reading, documents, options)]
        lines += _hall(reading, postgres, options)
    with server(half, jobs="off") as alone:
        lines += [imported(alone, member, options), told(alone, half, desks, options)]
    with server(postgres.url()) as writing:
        lines.append(bookings(writing, postgres, options))
    lines.append(mails(half, options))
    return lines


def _hall(under: Server, postgres: EmbeddedPostgres, options: argparse.Namespace) -> list[Line]:
    """Sixteen desks that press "next", at one station and at sixteen; and the board."""
    url = postgres.url("half")
    floors = make_floors(url)
    lines = _displays(to_displays(under, url, floors.at_one[0]))
    measured: Measured = {"empty": scenarios.empty, "board, 60 waiting at 16 desks": floors.board}
    bounds = {"board, 60 waiting at 16 desks": (0.08, 0.15)}
    lines += against_empty(rounds(under, measured, options), bounds)
    for name, windows in (
        ("call next, 16 desks at one", floors.at_one),
        ("call next, 16 at sixteen", floors.at_sixteen),
    ):
        scripts = asyncio.run(calling_scripts(url, windows))
        pgbench = Bare(postgres.program("pgbench"), url, DESKS)
        ours, bare = [], []
        for _round in range(options.rounds):
            result = run(under.port, floors.calls(windows), connections=DESKS, seconds=options.seconds)
            ours.append(checked(result).rate)
            bare.append(pgbench.per_second(scripts, options.seconds))
        lines.append(against_bare(name, (0.06, 0.15), ours, bare))
    return lines


def _displays(reached: Reached) -> list[Line]:
    """Against what is asked for: 300 ms from the call to the display, and 60 kB a stream."""
    lines = [
        Line(f"to {STREAMS:,} displays, of 300 ms", DISPLAY_MS / reached.p99_ms, 1, 2, f"P99 {reached.p99_ms:.0f} ms"),
        Line(
            "memory of a stream, of 60 kB",
            STREAM_KILOBYTES / max(reached.kilobytes, 1),
            1,
            2,
            f"{reached.kilobytes:.0f} kB",
        ),
    ]
    for line in lines:
        print(line, flush=True)
    return lines


def _performance(postgres: EmbeddedPostgres, options: argparse.Namespace) -> list[Line]:
    """A month's figures, of which today is counted from the events, with more and more months behind it."""
    past, lines = Past(postgres.url("past")), []
    for millions in map(float, options.millions.split(",")):
        seconds = past.grow(millions)
        print(f"{millions:g} million past requests: written in {seconds:.0f} s", flush=True)
        asyncio.run(past.keep())
        with server(postgres.url("past")) as under:
            lines += [Line(*each) for each in past.months(under, millions, options)]
            lines += [Line(*each) for each in coverage.of_city(under, past.token, millions, options)]
    return lines


def _national(postgres: EmbeddedPostgres, options: argparse.Namespace) -> list[Line]:
    medians, lines = {}, []
    make_national(postgres.url("national"))
    token = coverage.make_reader(postgres.url("national"))
    coverage.make_enterprises(postgres.url("national"))
    for name, database in (("79", "half"), ("41,352", "national")):
        with server(postgres.url(database)) as under:
            services = [item["code"] for item in under.client.get("/api/v1/services?limit=200").json()["items"]]
            results = [
                checked(run(under.port, scenarios.routes(services), connections=1, seconds=options.seconds))
                for _round in range(options.rounds)
            ]
            if database == "national":
                lines += [Line(*each) for each in coverage.of_country(under, token, options)]
            medians[name] = statistics.median(result.percentile(0.5) for result in results)
            print(f"memory of the worker, {name} stations: {under.megabytes:.0f} MB", flush=True)
    ratio = medians["79"] / medians["41,352"]
    line = Line(
        "routing at national size", ratio, 0.5, 0.5, f"{medians['41,352']:.2f} ms against {medians['79']:.2f} ms"
    )
    print(line, flush=True)
    return [*lines, line]


if __name__ == "__main__":
    sys.exit(main())
