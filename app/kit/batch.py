"""Questions that arrive together are asked together.

A process that answers many calls at once spends more time on asking the database than the database on answering. A
Batcher collects the keys that are asked for while a statement is under way and asks for all of them in the next one.
An answer never comes from a statement that began before the question, so it is as fresh as a statement of one's own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Batcher(Generic[K, V]):
    """`get(key)` answers with `load([key, ...])[key]`, one `load` at a time.

    `load` answers for every key that it is given; what it raises reaches everyone who waits for that batch. One event
    loop only.
    """

    def __init__(self, load: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._load = load
        self._waiting: dict[K, list[asyncio.Future[V]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V:
        future: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(future)
        if self._task is None:
            # The task begins in the loop's next round, so it also takes along what else arrived in this one.
            self._task = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, {}
                await self._answer(batch)
        finally:
            self._task = None

    async def _answer(self, batch: dict[K, list[asyncio.Future[V]]]) -> None:
        try:
            values = await self._load(list(batch))
        except BaseException as error:
            failure = error
            _each(batch, lambda future, _key: future.set_exception(failure))
            if not isinstance(error, Exception):
                raise
        else:
            _each(batch, lambda future, key: future.set_result(values[key]))


def _each(batch: dict[K, list[asyncio.Future[V]]], settle: Callable[[asyncio.Future[V], K], None]) -> None:
    for key, futures in batch.items():
        for future in futures:
            if not future.done():  # done means: its caller has gone away
                settle(future, key)
