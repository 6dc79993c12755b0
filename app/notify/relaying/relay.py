"""Our side of the process that sends by apprise: begun when there is something to send, ended when nothing is left."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count

import orjson

from app.kit.outbound import UnsentError

COMMAND: Sequence[str] = (sys.executable, "-m", "app.notify.relaying.child")
TOTAL_SECONDS = 15.0
IDLE_SECONDS = 30.0
"""How long it is kept for what may come next: beginning anew takes half a second, keeping it 40 MB."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """What became of an order that was answered: by status, and by the code that a group chat puts into its answer."""

    good: bool
    status: int
    code: int | None = None


def installed() -> bool:
    """Whether this installation has what sends (the extra `channels`); it isn't loaded for that."""
    return find_spec("apprise") is not None


class Process:
    """One process, and what it owes an answer to."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._owed: dict[int, asyncio.Future[Mapping[str, object]]] = {}
        self.hearing = asyncio.create_task(self._hear())

    @property
    def busy(self) -> bool:
        return bool(self._owed)

    @property
    def lives(self) -> bool:
        return not self.hearing.done()

    async def ask(self, n: int, order: Mapping[str, str]) -> Mapping[str, object]:
        """Raises TimeoutError, UnsentError."""
        owed: asyncio.Future[Mapping[str, object]] = asyncio.get_running_loop().create_future()
        self._owed[n] = owed
        try:
            self._in.write(orjson.dumps({"n": n, **order}, option=orjson.OPT_APPEND_NEWLINE))
            async with asyncio.timeout(TOTAL_SECONDS):
                return await owed
        finally:
            del self._owed[n]

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self.hearing

    @property
    def _in(self) -> asyncio.StreamWriter:
        if self._process.stdin is None or self._process.stdin.is_closing() or not self.lives:
            raise UnsentError("relay")
        return self._process.stdin

    async def _hear(self) -> None:
        """Hand out answers until it has ended; what is owed then is owed for ever."""
        if self._process.stdout:
            async for line in self._process.stdout:
                answer = orjson.loads(line)
                if (owed := self._owed.get(answer["n"])) and not owed.done():
                    owed.set_result(answer)
        await self._process.wait()
        for owed in self._owed.values():
            if not owed.done():
                owed.set_exception(UnsentError("relay"))


class Relay:
    """Hands orders over, as many at once as there are; a hanging one costs nobody else anything."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._numbers = count()
        self._process: Process | None = None
        self._beginning = asyncio.Lock()
        self._living: set[Process] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._idle: asyncio.TimerHandle | None = None

    async def to_robot(self, via: str, token: str, sign: str, text: str) -> Relayed:
        """A message to a group's robot: the maker's name, and the secrets of its address. Raises UnsentError."""
        return await self._send({"via": via, "token": token, "sign": sign, "text": text})

    async def to_address(self, url: str, text: str) -> Relayed:
        """A message to an address of apprise's, which only an operator may have written. Raises UnsentError."""
        return await self._send({"url": url, "text": text})

    async def start(self) -> None:
        """Nothing: the process begins with the first order."""

    async def stop(self) -> None:
        """What is still on its way is not waited for."""
        if self._idle:
            self._idle.cancel()
        self._process = None
        await asyncio.gather(*(each.end() for each in self._living))
        await asyncio.gather(*self._ending)

    async def _send(self, order: Mapping[str, str]) -> Relayed:
        process = await self._begun()
        try:
            answer = await process.ask(next(self._numbers), order)
        except TimeoutError:
            self._retire(process)  # whatever still hangs there shall not take the places of others
            raise UnsentError("timeout") from None
        finally:
            self._rest()
        if answer.get("fault"):
            raise UnsentError(str(answer["fault"]))
        status, code = answer.get("status"), answer.get("code")
        if not isinstance(status, int):
            raise UnsentError("relay")
        return Relayed(answer["good"] is True, status, code if isinstance(code, int) else None)

    async def _begun(self) -> Process:
        async with self._beginning:
            if self._process is None or not self._process.lives:
                pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
                begun = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, stderr=nothing)
                self._process = Process(begun)
                self._living.add(self._process)
            return self._process

    def _rest(self) -> None:
        if self._idle:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._retire_idle)

    def _retire_idle(self) -> None:
        if self._process and not self._process.busy:
            self._retire()

    def _retire(self, only: Process | None = None) -> None:
        """The next order begins another one; this one ends when it has answered what it still can."""
        if self._process and only in (None, self._process):
            task = asyncio.create_task(self._end(self._process))
            self._process = None
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _end(self, process: Process) -> None:
        while process.busy and process.lives:  # noqa: ASYNC110 - each ends within TOTAL_SECONDS
            await asyncio.sleep(0.1)
        await process.end()
        self._living.discard(process)
