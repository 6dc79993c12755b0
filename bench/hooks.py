"""What the trigger of the webhooks costs a step: accepting requests with no subscription and with twenty."""

import argparse
import statistics
from collections.abc import Iterator

import psycopg

from app.kit.db import libpq_url
from bench.lines import CONNECTIONS, Line, checked
from bench.load import run
from bench.office import Desks
from bench.under import Server

SUBSCRIPTIONS = 20
BEGIN = """
    INSERT INTO webhook_subscription (id, person_id, name, url, secret, created_at)
    SELECT gen_random_uuid(), (SELECT id FROM person WHERE username = 'bench-city'), 'bench ' || n,
        'https://hooks.example/' || n, decode('00', 'hex'), now()
    FROM generate_series(1, %s) n
"""
END = "UPDATE webhook_subscription SET ended_at = now(), ended_why = 'person' WHERE ended_at IS NULL"


def told(under: Server, url: str, desks: Desks, options: argparse.Namespace) -> Line:
    """In turn without and with, so that both are slowed by the same things. The server sends nothing meanwhile.

    Half as long as other lines, each way: requests that wait to be accepted are used up.
    """
    accepting = desks.accepting_last()
    without, among = [], []
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        for _round in range(options.rounds):
            without.append(_rate(under, accepting, options))
            connection.execute(BEGIN, [SUBSCRIPTIONS])
            among.append(_rate(under, accepting, options))
            connection.execute(END)
    alone, with_all = statistics.median(without), statistics.median(among)
    note = f"{with_all:,.0f}/s of {alone:,.0f}/s without"
    line = Line(f"accepting, told to {SUBSCRIPTIONS} webhooks", with_all / alone, 0.8, 0.9, note)
    print(line, flush=True)
    return line


def _rate(under: Server, accepting: Iterator[bytes], options: argparse.Namespace) -> float:
    return checked(run(under.port, accepting, connections=CONNECTIONS, seconds=options.seconds / 2)).rate
