"""`make bench`: speed as ratios to an empty endpoint and to the bare database, all measured in this one run.

One server process, 32 connections from a process of its own; the median of the rounds counts.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import psycopg
from psycopg.sql import SQL, Identifier

from app.config import default_home
from app.database import load_reference_network, migrate
from app.kit.embedded import EmbeddedPostgres
from app.kit.logs import configure
from bench import coverage, scenarios
from bench.bare import Bare, booking_scripts
from bench.data import Member, half_book, make_member, make_national
from bench.displays import STREAMS, Reached, to_displays
from bench.documents import Documents, make_documents, rendered
from bench.hall import DESKS, calling_scripts, make_floors
from bench.load import Result, run
from bench.mails import mails_per_second
from bench.office import LONG_PAST, Desks, accepting_script, make_desks
from bench.performance import Past
from bench.siting import planned
from bench.under import Server, server

CONNECTIONS = 32
MAILS_ASKED = 200
DISPLAY_MS, STREAM_KILOBYTES = 300, 60


@dataclass(frozen=True)
class Line:
    """A measured ratio with the floor that must be reached and the goal."""

    name: str
    ratio: float
    floor: float
    goal: float
    note: str

    def __str__(self) -> str:
        verdict = "goal" if self.ratio >= self.goal else "floor" if self.ratio >= self.floor else "BELOW"
        return f"{self.name:<34}{self.ratio:>8.3f}{self.floor:>8.2f}{self.goal:>8.2f}  {verdict:<6}{self.note}"


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
        lines = [*_reads(reading, member, documents, options), *_inbox(reading, desks, options)]
        print(f"memory of the worker, 79 stations: {reading.megabytes:.0f} MB (at most 250)", flush=True)
        lines.append(_transitions(reading, desks, postgres, options))
        lines += [Line(*each) for each in rendered(reading, documents, options)]
        lines += _hall(reading, postgres, options)
    with server(postgres.url()) as writing:
        lines.append(_bookings(writing, postgres, options))
    lines.append(_mails(half, options))
    return lines


Measured = Mapping[str, Callable[[], Iterator[bytes]]]


def _rounds(under: Server, measured: Measured, options: argparse.Namespace) -> dict[str, list[Result]]:
    """Everything in turn, as often as there are rounds."""
    results: dict[str, list[Result]] = {name: [] for name in measured}
    for _round in range(options.rounds):
        for name, calls in measured.items():
            results[name].append(_checked(run(under.port, calls(), connections=CONNECTIONS, seconds=options.seconds)))
    return results


def _rate(rounds: list[Result]) -> float:
    return statistics.median(result.rate for result in rounds)


def _against_empty(results: Mapping[str, list[Result]], bounds: Mapping[str, tuple[float, float]]) -> Iterator[Line]:
    """The rates of these, as shares of the empty endpoint's."""
    empty = _rate(results["empty"])
    for name, (floor, goal) in bounds.items():
        rate = _rate(results[name])
        median = statistics.median(result.percentile(0.5) for result in results[name])
        line = Line(name, rate / empty, floor, goal, f"{rate:,.0f}/s of {empty:,.0f}/s, median {median:.1f} ms")
        print(line, flush=True)
        yield line


def _reads(under: Server, member: Member, documents: Documents, options: argparse.Namespace) -> list[Line]:
    offer = scenarios.ask_offer(under.client)
    services = sorted({service for _, service in offer.pairs})
    measured: Measured = {
        "empty": scenarios.empty,
        "availability, 7 days": lambda: scenarios.availability(offer),
        "routing, 5 nearest": lambda: scenarios.routes(services),
        "search while typing": scenarios.typing,
        "own requests, signed in": lambda: scenarios.own_requests(member),
        "public check of a document": documents.checks,
    }
    bounds = {
        "availability, 7 days": (0.12, 0.25),
        "routing, 5 nearest": (0.06, 0.15),
        "search while typing": (0.20, 0.40),
        "own requests, signed in": (0.06, 0.12),
        "public check of a document": (0.10, 0.20),
    }
    return list(_against_empty(_rounds(under, measured, options), bounds))


def _inbox(under: Server, desks: Desks, options: argparse.Namespace) -> list[Line]:
    """The page of the inbox, of a station with a short and one with a long past."""
    long_past = f"inbox, {LONG_PAST:,} past requests"
    measured: Measured = {
        "empty": scenarios.empty,
        "short": lambda: desks.inbox(desks.short_past),
        long_past: lambda: desks.inbox(desks.long_past),
    }
    results = _rounds(under, measured, options)
    [line] = _against_empty(results, {long_past: (0.04, 0.08)})
    ratio = _rate(results[long_past]) / _rate(results["short"])
    slower = Line("the same against 1,000 past", ratio, 0.9, 0.95, f"{_rate(results['short']):,.0f}/s")
    print(slower, flush=True)
    return [line, slower]


def _against_bare(name: str, bounds: tuple[float, float], ours: list[float], bare: list[float]) -> Line:
    rate, limit = statistics.median(ours), statistics.median(bare)
    line = Line(name, rate / limit, *bounds, f"{rate:,.0f}/s of pgbench's {limit:,.0f}/s")
    print(line, flush=True)
    return line


def _transitions(under: Server, desks: Desks, postgres: EmbeddedPostgres, options: argparse.Namespace) -> Line:
    """Accepting requests, each once."""
    url = postgres.url("half")
    script = asyncio.run(accepting_script(url, desks))
    pgbench = Bare(postgres.program("pgbench"), url, CONNECTIONS)
    accepting, ours, bare = desks.accepting(), [], []
    for _round in range(options.rounds):
        ours.append(_checked(run(under.port, accepting, connections=CONNECTIONS, seconds=options.seconds)).rate)
        bare.append(pgbench.per_second([script], options.seconds))
    return _against_bare("a step: accepting", (0.06, 0.15), ours, bare)


def _hall(under: Server, postgres: EmbeddedPostgres, options: argparse.Namespace) -> list[Line]:
    """Sixteen desks that press "next", at one station and at sixteen; and the board."""
    url = postgres.url("half")
    floors = make_floors(url)
    lines = _displays(to_displays(under, url, floors.at_one[0]))
    measured: Measured = {"empty": scenarios.empty, "board, 60 waiting at 16 desks": floors.board}
    bounds = {"board, 60 waiting at 16 desks": (0.08, 0.15)}
    lines += _against_empty(_rounds(under, measured, options), bounds)
    for name, windows in (
        ("call next, 16 desks at one", floors.at_one),
        ("call next, 16 at sixteen", floors.at_sixteen),
    ):
        scripts = asyncio.run(calling_scripts(url, windows))
        pgbench = Bare(postgres.program("pgbench"), url, DESKS)
        ours, bare = [], []
        for _round in range(options.rounds):
            result = run(under.port, floors.calls(windows), connections=DESKS, seconds=options.seconds)
            ours.append(_checked(result).rate)
            bare.append(pgbench.per_second(scripts, options.seconds))
        lines.append(_against_bare(name, (0.06, 0.15), ours, bare))
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


def _bookings(under: Server, postgres: EmbeddedPostgres, options: argparse.Namespace) -> Line:
    offer = scenarios.ask_offer(under.client)
    bookings = scenarios.Bookings(under.client, offer)
    scripts = asyncio.run(booking_scripts(postgres.url(), bookings.wish(), bookings.request))
    pgbench = Bare(postgres.program("pgbench"), postgres.url(), CONNECTIONS)
    ours, bare = [], []
    for _round in range(options.rounds):
        bookings = scenarios.Bookings(under.client, offer)
        result = run(
            under.port, bookings.holds(), connections=CONNECTIONS, seconds=options.seconds, follow=bookings.confirm
        )
        ours.append(result.statuses.get(201, 0) / 2 / result.seconds)
        bare.append(pgbench.per_second(scripts, options.seconds))
    return _against_bare("hold and confirm", (0.08, 0.20), ours, bare)


def _mails(url: str, options: argparse.Namespace) -> Line:
    """Against 200 a second, which is asked for, not against an empty endpoint."""
    rate = statistics.median(mails_per_second(url) for _round in range(options.rounds))
    line = Line("mails, of 200 a second", rate / MAILS_ASKED, 1, 1.5, f"{rate:,.0f}/s to a local receiver")
    print(line, flush=True)
    return line


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
                _checked(run(under.port, scenarios.routes(services), connections=1, seconds=options.seconds))
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


def _checked(result: Result) -> Result:
    if set(result.statuses) != {200}:
        raise RuntimeError(f"unexpected answers: {result.statuses}")
    return result


if __name__ == "__main__":
    sys.exit(main())
