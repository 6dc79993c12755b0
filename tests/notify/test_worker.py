"""`onestop worker` as a process: it sends, ends in time when it is told to, and loses nothing when it is killed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.kit.clock import now
from app.kit.db import Database
from app.notify.service import post
from tests.notify.postbox import Server, write

LONG = 60
IN_TIME = 10
SECRET = "a-secret-of-thirty-two-characters-or-more"


@asynccontextmanager
async def worker(url: str, home: Path, server: Server) -> AsyncIterator[Process]:
    """A worker that is ready; killed at the end if it still lives."""
    own = {"DATABASE_URL": url, "ONESTOP_HOME": str(home), "ONESTOP_SMTP_URL": server.url, "ONESTOP_SECRET_KEY": SECRET}
    words = {"ONESTOP_MAIL_FROM": "noreply@onestop.example", "ONESTOP_LOG_FORMAT": "json"}
    command = (sys.executable, "-m", "app.cli", "worker")
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **own, **words}, stderr=PIPE)
    try:
        yield await _ready(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _ready(process: Process) -> Process:
    assert process.stderr
    async with asyncio.timeout(LONG):
        while b"worker_ready" not in (line := await process.stderr.readline()):
            assert line, "it ended"
    return process


async def left(database: Database) -> int:
    [(count,)] = await database.fetch("SELECT count(*) FROM message WHERE sent_at IS NULL", ())
    return int(count)


async def test_it_sends_and_ends_when_told(mails: Database, database_url: str, tmp_path: Path, server: Server) -> None:
    async with worker(database_url, tmp_path, server) as process:
        await write(mails, at=await now())
        async with asyncio.timeout(LONG):
            while await left(mails):  # noqa: ASYNC110 - the other side is a process
                await asyncio.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(IN_TIME):
            assert await process.wait() == 0
    assert len(server.mails) == 1


@pytest.mark.race
async def test_killed_again_and_again_it_loses_nothing(private_database: str, tmp_path: Path, server: Server) -> None:
    """At least once, each under its one Message-ID; nothing of what was rolled back."""
    database = Database(private_database, pool_size=4)
    await database.open()
    answer, under_way = server.handle_DATA, asyncio.Event()

    async def slowly(*given):
        """Killed after the mail was taken and before "250" or the mark, as well as at any other moment."""
        taken = await answer(*given)
        if len(server.received) % 17 == 0:
            under_way.set()
        await asyncio.sleep(0.01)
        return taken

    server.handle_DATA = slowly  # type: ignore[method-assign]
    moment = await now()
    async with database.writer() as session:
        for n in range(120):
            words = {"kind": "x", "key": f"k{n}", "to": f"p{n}@example.com", "subject": "s", "text": "t"}
            await post(session, at=moment, **words)  # type: ignore[arg-type]  # words are words
        await session.commit()
    async with database.writer() as session:
        await post(session, kind="x", key="no", to="never@example.com", subject="s", text="t", at=moment)
        await session.rollback()
    for _death in range(3):
        under_way.clear()
        async with worker(private_database, tmp_path, server) as process:
            async with asyncio.timeout(LONG):
                await under_way.wait()
            process.kill()
        # The leases of the dead end sooner than in five minutes.
        await database.fetch("UPDATE message SET next_attempt_at = %s WHERE sent_at IS NULL", (moment,))
    assert await left(database) > 0, "it was killed in the middle"
    async with worker(private_database, tmp_path, server):
        async with asyncio.timeout(LONG):
            while await left(database):  # noqa: ASYNC110 - the other side is a process
                await asyncio.sleep(0.05)
    ids: dict[str, set[str]] = {}
    for mail in server.mails:
        ids.setdefault(str(mail["To"]), set()).add(str(mail["Message-ID"]))
    assert set(ids) == {f"p{n}@example.com" for n in range(120)}
    assert all(len(own) == 1 for own in ids.values())
    assert max(Counter(str(mail["To"]) for mail in server.mails).values()) <= 5
    assert await database.fetch("SELECT count(*) FROM message WHERE dead_at IS NOT NULL", ()) == [(0,)]
    await database.close()
