"""`make bench`: speed as ratios to an empty endpoint and to the bare database, all measured in this one run.

One server process, 32 connections from a process of its own; the median of the rounds counts.
"""

import argparse
import asyncio
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import httpx
import psycopg
from psycopg.sql import SQL, Identifier

from app.config import default_home
from app.database import load_reference_network, migrate
from app.kit.embedded import EmbeddedPostgres
from bench import scenarios
from bench.bare import bookings_per_second
from bench.data import Member, half_book, make_member, make_national
from bench.load import Result, run
from bench.mails import mails_per_second

CONNECTIONS = 32
MAILS_ASKED = 200
MEGABYTE = 1024


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


class Server:
    """The application under test in its own process."""

    def __init__(self, url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._process = subprocess.Popen([sys.executable, "-m", "bench.server", url, str(self.port)])
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=120)
        self._wait()

    def _wait(self) -> None:
        for _attempt in range(1200):
            try:
                if self.client.get("/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        self.stop()
        raise RuntimeError("the server did not become ready")

    @property
    def megabytes(self) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / MEGABYTE

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def server(url: str) -> Iterator[Server]:
    running = Server(url)
    try:
        yield running
    finally:
        running.stop()


def main() -> int:
    options = _options()
    base = default_home()
    base.mkdir(parents=True, exist_ok=True)
    home = Path(mkdtemp(prefix="bench-", dir=base))
    home.chmod(0o755)
    postgres = EmbeddedPostgres(home, options={"shared_buffers": "512MB"})
    with postgres as url:
        migrate(url)
        asyncio.run(load_reference_network(url))
        for name in ("half", "national"):
            _copy(url, name)
        lines = _ratios(postgres, options)
        if options.national:
            lines += _national(postgres, options)
    subprocess.run(["rm", "-rf", str(home)], check=True)
    return 0 if all(line.ratio >= line.floor for line in lines) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--no-national", dest="national", action="store_false")
    return parser.parse_args()


def _copy(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True, dbname="postgres") as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE onestop").format(Identifier(name)))


def _ratios(postgres: EmbeddedPostgres, options: argparse.Namespace) -> list[Line]:
    half = postgres.url("half")
    print(f"{half_book(half):,} places taken in the half-booked copy", flush=True)
    member = make_member(half)
    print(f"\n{'':<34}{'ratio':>8}{'floor':>8}{'goal':>8}", flush=True)
    with server(half) as reading:
        lines = _reads(reading, member, options)
        print(f"memory of the worker, 79 stations: {reading.megabytes:.0f} MB (at most 250)", flush=True)
    with server(postgres.url()) as writing:
        lines.append(_writes(writing, postgres, options))
    lines.append(_mails(half, options))
    return lines


def _reads(under: Server, member: Member, options: argparse.Namespace) -> list[Line]:
    offer = scenarios.ask_offer(under.client)
    services = sorted({service for _, service in offer.pairs})
    measured: dict[str, Callable[[], Iterator[bytes]]] = {
        "empty": scenarios.empty,
        "availability, 7 days": lambda: scenarios.availability(offer),
        "routing, 5 nearest": lambda: scenarios.routes(services),
        "search while typing": scenarios.typing,
        "own requests, signed in": lambda: scenarios.own_requests(member),
    }
    bounds = {
        "availability, 7 days": (0.12, 0.25),
        "routing, 5 nearest": (0.06, 0.15),
        "search while typing": (0.20, 0.40),
        "own requests, signed in": (0.06, 0.12),
    }
    results: dict[str, list[Result]] = {name: [] for name in measured}
    for _round in range(options.rounds):
        for name, calls in measured.items():
            results[name].append(_checked(run(under.port, calls(), connections=CONNECTIONS, seconds=options.seconds)))
    empty = statistics.median(result.rate for result in results.pop("empty"))
    lines = []
    for name, rounds in results.items():
        rate = statistics.median(result.rate for result in rounds)
        note = f"{rate:,.0f}/s of {empty:,.0f}/s, median {statistics.median(r.percentile(0.5) for r in rounds):.1f} ms"
        lines.append(Line(name, rate / empty, *bounds[name], note))
        print(lines[-1], flush=True)
    return lines


def _writes(under: Server, postgres: EmbeddedPostgres, options: argparse.Namespace) -> Line:
    offer = scenarios.ask_offer(under.client)
    ours, bare = [], []
    for _round in range(options.rounds):
        bookings = scenarios.Bookings(under.client, offer)
        result = run(
            under.port, bookings.holds(), connections=CONNECTIONS, seconds=options.seconds, follow=bookings.confirm
        )
        ours.append(result.statuses.get(201, 0) / 2 / result.seconds)
        bare.append(
            bookings_per_second(
                postgres.url(), postgres.program("pgbench"), connections=CONNECTIONS, seconds=options.seconds
            )
        )
    rate, limit = statistics.median(ours), statistics.median(bare)
    line = Line("hold and confirm", rate / limit, 0.08, 0.20, f"{rate:,.0f}/s of pgbench's {limit:,.0f}/s")
    print(line, flush=True)
    return line


def _mails(url: str, options: argparse.Namespace) -> Line:
    """Against 200 a second, which is asked for, not against an empty endpoint."""
    rate = statistics.median(mails_per_second(url) for _round in range(options.rounds))
    line = Line("mails, of 200 a second", rate / MAILS_ASKED, 1, 1.5, f"{rate:,.0f}/s to a local receiver")
    print(line, flush=True)
    return line


def _national(postgres: EmbeddedPostgres, options: argparse.Namespace) -> list[Line]:
    medians = {}
    make_national(postgres.url("national"))
    for name, database in (("79", "half"), ("41,352", "national")):
        with server(postgres.url(database)) as under:
            services = [item["code"] for item in under.client.get("/api/v1/services?limit=200").json()["items"]]
            results = [
                _checked(run(under.port, scenarios.routes(services), connections=1, seconds=options.seconds))
                for _round in range(options.rounds)
            ]
            medians[name] = statistics.median(result.percentile(0.5) for result in results)
            print(f"memory of the worker, {name} stations: {under.megabytes:.0f} MB", flush=True)
    ratio = medians["79"] / medians["41,352"]
    line = Line(
        "routing at national size", ratio, 0.5, 0.5, f"{medians['41,352']:.2f} ms against {medians['79']:.2f} ms"
    )
    print(line, flush=True)
    return [line]


def _checked(result: Result) -> Result:
    if set(result.statuses) != {200}:
        raise RuntimeError(f"unexpected answers: {result.statuses}")
    return result


if __name__ == "__main__":
    sys.exit(main())
