"""Batched questions: together, fresh, and each failure reaches those who asked."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from app.kit.batch import Batcher


class Source:
    """Doubles numbers, remembers the batches it was asked in, and can be held up."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def load(self, keys: Sequence[int]) -> Mapping[int, int]:
        self.batches.append(list(keys))
        await self.open.wait()
        if 13 in keys:
            raise ValueError("13")
        return {key: 2 * key for key in keys}


async def test_what_is_asked_in_the_same_moment_is_one_question() -> None:
    source = Source()
    batcher = Batcher(source.load)
    assert await asyncio.gather(*(batcher.get(n) for n in (1, 2, 2, 3))) == [2, 4, 4, 6]
    assert source.batches == [[1, 2, 3]]


async def test_a_question_is_never_answered_by_a_load_that_began_before_it() -> None:
    source = Source()
    batcher = Batcher(source.load)
    source.open.clear()
    first = asyncio.create_task(batcher.get(1))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(batcher.get(1))
    await asyncio.sleep(0.01)
    assert source.batches == [[1]]
    source.open.set()
    assert (await first, await second) == (2, 2)
    assert source.batches == [[1], [1]]


async def test_a_failed_load_reaches_its_askers_and_nobody_later() -> None:
    batcher = Batcher(Source().load)
    answers = await asyncio.gather(batcher.get(13), batcher.get(1), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ValueError, ValueError]
    assert await batcher.get(1) == 2


async def test_an_asker_who_went_away_harms_no_other() -> None:
    source = Source()
    batcher = Batcher(source.load)
    source.open.clear()
    gone, stays = asyncio.create_task(batcher.get(1)), asyncio.create_task(batcher.get(2))
    await asyncio.sleep(0.01)
    gone.cancel()
    source.open.set()
    assert await stays == 4
    with pytest.raises(asyncio.CancelledError):
        await gone
