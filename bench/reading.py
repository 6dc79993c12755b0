"""What is read: by applicants and by anybody, and the inbox of staff."""

import argparse

from bench import scenarios
from bench.data import Member
from bench.documents import Documents
from bench.lines import Line, Measured, against_empty, rate, rounds
from bench.office import LONG_PAST, Desks
from bench.under import Server


def reads(under: Server, member: Member, documents: Documents, options: argparse.Namespace) -> list[Line]:
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
    return list(against_empty(rounds(under, measured, options), bounds))


def inbox(under: Server, desks: Desks, options: argparse.Namespace) -> list[Line]:
    """The page of the inbox, of a station with a short and one with a long past."""
    long_past = f"inbox, {LONG_PAST:,} past requests"
    measured: Measured = {
        "empty": scenarios.empty,
        "short": lambda: desks.inbox(desks.short_past),
        long_past: lambda: desks.inbox(desks.long_past),
    }
    results = rounds(under, measured, options)
    [line] = against_empty(results, {long_past: (0.04, 0.08)})
    ratio = rate(results[long_past]) / rate(results["short"])
    slower = Line("the same against 1,000 past", ratio, 0.9, 0.95, f"{rate(results['short']):,.0f}/s")
    print(slower, flush=True)
    return [line, slower]
