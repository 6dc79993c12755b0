"""The job that answers plans, each in a process of its own. Any number of processes may run it, one plan at a time.

The question is built here, where the database is; what costs processor time is done elsewhere, so that nobody's page
waits for it. That a plan was stopped or deleted is heard when its lease is renewed; its process is killed then.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
import psycopg
import structlog
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError

from app.catalogue.version import NetworkVersion
from app.coverage.demand import DemandStore
from app.kit import tasks
from app.kit.db import Database
from app.policy.snapshot import PolicyStore
from app.siting.asked import PlanAsked
from app.siting.building import Built, NetworkChangedError, Supply, build
from app.siting.packing import packed
from app.siting.rules.questions import TooLargeError
from app.siting.rules.states import EXIT_TOO_LARGE, Failure
from app.siting.statements import MOST_ATTEMPTS, Leases, Taken
from app.slots.queries import Availability
from app.slots.rules import Terms
from app.slots.terms import by_policy
from app.stations.atlas import load_atlas
from app.stations.directory import Directory
from app.stations.snapshot import load_network

logger = structlog.get_logger(__name__)
LOOKS_AFTER, LOOKS_LATER = 0.5, 10.0
SAYS_AFTER = 1.0
COMMAND = (sys.executable, "-m", "app.siting.answering")
AWAY = (psycopg.Error, PoolTimeout, DBAPIError)
Now = Callable[[], Awaitable[datetime]]


class Planner:
    """Looks for plans from `start` until `stop`, which gives back what is under way."""

    def __init__(self, database: Database, terms: Terms, now: Now) -> None:
        self._database, self._terms, self._now = database, terms, now
        self._leases = Leases(database)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="plans")

    async def stop(self) -> None:
        if self._task:
            await tasks.end([self._task])

    async def _run(self) -> None:
        while True:
            wait = LOOKS_AFTER
            try:
                while await self.work():
                    pass
            except AWAY as error:
                wait = LOOKS_LATER
                logger.warning("job_waits", job="plans", error=type(error).__name__)
            await asyncio.sleep(wait)

    async def work(self) -> bool:
        """Answer the next plan; whether there was one."""
        taken = await self._leases.take(await self._now())
        if taken is None:
            return False
        try:
            await self._answer(taken)
        except asyncio.CancelledError:
            with suppress(*AWAY):
                await self._leases.give_back(taken)
            raise
        return True

    async def _answer(self, taken: Taken) -> None:
        if taken.attempts > MOST_ATTEMPTS:
            await self._fail(taken, Failure.GAVE_UP)
            return
        try:
            built = await self._built(taken)
            answer = await self._solved(taken, packed(built.question))
        except TooLargeError:
            await self._fail(taken, Failure.TOO_LARGE)
        except NetworkChangedError:
            await self._fail(taken, Failure.NETWORK_CHANGED)
        except BrokenAnswerError as error:
            logger.exception("plan_broke", plan=str(taken.id), code=error.code, said=error.said)
            await self._fail(taken, Failure.GAVE_UP)
        else:
            if answer is None:
                logger.info("plan_dropped", plan=str(taken.id))
            elif await self._leases.hand_in(taken, described(built, answer), await self._now()):
                logger.info("plan_done", plan=str(taken.id), method=answer["method"], seconds=answer["seconds"])

    async def _fail(self, taken: Taken, why: Failure) -> None:
        if await self._leases.fail(taken, why, await self._now()):
            logger.warning("plan_failed", plan=str(taken.id), reason=why)

    async def _built(self, taken: Taken) -> Built:
        """The network is read for each plan, and not kept: plans are rare, and a country's network is large."""
        network = await load_network(self._database)
        directory = Directory(network, await load_atlas(self._database))
        policies = PolicyStore(self._database, NetworkVersion(self._database).get)
        await policies.at(network.version)
        availability = Availability(self._database, by_policy(self._terms, policies))
        supply = Supply(directory, DemandStore(self._database), availability, await self._now())
        return await build(PlanAsked.model_validate(taken.question), supply)

    async def _solved(self, taken: Taken, question: bytes) -> dict[str, Any] | None:
        """What the process answers; None where the plan is this one's no more.

        Raises TooLargeError, BrokenAnswerError.
        """
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=2**26,
        )
        heard = Heard(process, question)
        try:
            while not await heard.over(SAYS_AFTER):
                if not await self._leases.renew(taken, heard.progress, await self._now()):
                    return None
            return heard.answer()
        finally:
            await heard.end()


class BrokenAnswerError(Exception):
    """The process has ended without an answer; `said` is the end of what it wrote about that."""

    def __init__(self, code: int | None, said: str) -> None:
        super().__init__(code, said)
        self.code, self.said = code, said


class Heard:
    """A process that answers, and what it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process, question: bytes) -> None:
        self._process, self._question = process, question
        self.progress = 0.0
        self._answer: dict[str, Any] | None = None
        self._errors = b""
        self._hearing = asyncio.create_task(self._hear())

    async def over(self, seconds: float) -> bool:
        """Whether it has ended; waits for that so long at most."""
        await asyncio.wait([self._hearing], timeout=seconds)
        return self._hearing.done()

    def answer(self) -> dict[str, Any]:
        """Raises TooLargeError, BrokenAnswerError."""
        if self._process.returncode == EXIT_TOO_LARGE:
            raise TooLargeError
        if self._process.returncode or self._answer is None:
            raise BrokenAnswerError(self._process.returncode, self._errors.decode(errors="replace")[-1000:])
        return self._answer

    async def end(self) -> None:
        """Kill it, if it still runs."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        await tasks.end([self._hearing])
        await self._process.wait()

    async def _hear(self) -> None:
        await asyncio.gather(self._tell(), self._listen(), self._keep_errors())
        await self._process.wait()

    async def _tell(self) -> None:
        if self._process.stdin:
            with suppress(BrokenPipeError, ConnectionResetError):
                self._process.stdin.write(self._question)
                await self._process.stdin.drain()
            self._process.stdin.close()

    async def _listen(self) -> None:
        if self._process.stdout:
            async for line in self._process.stdout:
                said = orjson.loads(line)
                if isinstance(said, dict):
                    self._answer = said
                else:
                    self.progress = float(said)

    async def _keep_errors(self) -> None:
        if self._process.stderr:
            self._errors = await self._process.stderr.read()


def described(built: Built, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with the names of what was chosen, as it is kept."""
    places = [asdict(built.candidates[n]) for n in answer["chosen"]]
    chosen = [place | step for place, step in zip(places, answer["steps"], strict=True)]
    kept = {name: value for name, value in answer.items() if name != "steps"}
    return kept | {"chosen": chosen, "demand_as_of": built.demand_as_of.isoformat()}
