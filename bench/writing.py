"""What is written: a step of a request, a booking, mails."""

import argparse
import asyncio
import statistics

from app.kit.embedded import EmbeddedPostgres
from bench import scenarios
from bench.bare import Bare, booking_scripts
from bench.lines import CONNECTIONS, Line, against_bare, checked
from bench.load import run
from bench.mails import mails_per_second
from bench.office import Desks, accepting_script
from bench.under import Server

MAILS_ASKED = 200


def transitions(under: Server, desks: Desks, postgres: EmbeddedPostgres, options: argparse.Namespace) -> Line:
    """Accepting requests, each once."""
    url = postgres.url("half")
    script = asyncio.run(accepting_script(url, desks))
    pgbench = Bare(postgres.program("pgbench"), url, CONNECTIONS)
    accepting, ours, bare = desks.accepting(), [], []
    for _round in range(options.rounds):
        ours.append(checked(run(under.port, accepting, connections=CONNECTIONS, seconds=options.seconds)).rate)
        bare.append(pgbench.per_second([script], options.seconds))
    return against_bare("a step: accepting", (0.06, 0.15), ours, bare)


def bookings(under: Server, postgres: EmbeddedPostgres, options: argparse.Namespace) -> Line:
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
    return against_bare("hold and confirm", (0.08, 0.20), ours, bare)


def mails(url: str, options: argparse.Namespace) -> Line:
    """Against 200 a second, which is asked for, not against an empty endpoint."""
    rate = statistics.median(mails_per_second(url) for _round in range(options.rounds))
    line = Line("mails, of 200 a second", rate / MAILS_ASKED, 1, 1.5, f"{rate:,.0f}/s to a local receiver")
    print(line, flush=True)
    return line
