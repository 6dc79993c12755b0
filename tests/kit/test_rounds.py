"""A job looks again and again, also after its database was away, and ends when it is told to."""

import asyncio
from datetime import timedelta

import psycopg
import pytest

from app.kit.rounds import Rounds


class Counting(Rounds):
    name = "counted"
    every = timedelta(milliseconds=1)
    first_after = timedelta(milliseconds=20)

    def __init__(self, fault: Exception, enough: int) -> None:
        super().__init__()
        self.looks = 0
        self.fault, self.enough = fault, enough
        self.done = asyncio.Event()

    async def look(self) -> int:
        self.looks += 1
        if self.looks == self.enough:
            self.done.set()
        if self.looks == 2:
            raise self.fault
        return self.looks


async def test_a_job_goes_on_after_its_database_was_away(capsys: pytest.CaptureFixture[str]) -> None:
    job = Counting(psycopg.OperationalError("away"), 4)
    await job.start()
    await asyncio.sleep(0)
    assert job.looks == 0  # not at once
    await asyncio.wait_for(job.done.wait(), 5)
    await job.stop()
    looks = job.looks
    await asyncio.sleep(0.01)
    assert job.looks == looks
    said = capsys.readouterr().out
    assert "job_waits" in said
    assert "OperationalError" in said
    assert "counted" in said


async def test_what_is_a_mistake_of_ours_ends_it() -> None:
    job = Counting(ValueError("ours"), 2)
    await job.start()
    await asyncio.wait_for(job.done.wait(), 5)
    await job.stop()
    assert job.looks == 2
