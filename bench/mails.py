"""How many mails a second leave: the real deliverer, by SMTP, to a receiver in a process of its own."""

import subprocess
import sys
import time
from datetime import UTC, datetime

import uvloop

from app.kit.db import Database
from app.notify.carriers import SmtpCarrier
from app.notify.delivery import Deliverer
from app.notify.mail import sender_address
from app.notify.service import post

MAILS = 1000
SENDER = "noreply@onestop.example"
RECEIVER = """
import asyncio
import uvloop
from aiosmtpd.smtp import SMTP

class Taking:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"

async def main():
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: SMTP(Taking(), loop=loop, hostname="bench"), "127.0.0.1", 0)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()

uvloop.run(main())
"""


def mails_per_second(url: str, mails: int = MAILS) -> float:
    """Written in one transaction, then sent by one deliverer until none is left."""
    receiver = subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE, text=True)
    assert receiver.stdout  # noqa: S101 - a pipe was asked for
    try:
        port = int(receiver.stdout.readline())
        return uvloop.run(_deliver(url, port, mails))
    finally:
        receiver.terminate()
        receiver.wait()


async def _deliver(url: str, port: int, mails: int) -> float:
    database = Database(url, pool_size=4)
    await database.open()
    await _write(database, mails)
    deliverer = Deliverer(database, SmtpCarrier(f"smtp://127.0.0.1:{port}", sender_address(SENDER)), _now)
    began, sent = time.perf_counter(), 0
    while batch := await deliverer.deliver():
        sent += batch
    took = time.perf_counter() - began
    await database.close()
    return sent / took


async def _write(database: Database, mails: int) -> None:
    moment = await _now()
    text = "您好，您的预约已确认。请按时到场，并携带所需材料。\n" * 20
    async with database.writer() as session:
        for n in range(mails):
            await post(
                session,
                kind="bench",
                key=f"bench:{moment.isoformat()}:{n}",
                to=f"p{n}@example.com",
                subject="预约已确认",
                text=text,
                at=moment,
            )
        await session.commit()


async def _now() -> datetime:
    return datetime.now(UTC)
