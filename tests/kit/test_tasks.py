"""A task is ended also when the first word of it is lost."""

import asyncio

from app.kit import tasks


async def test_a_cancellation_that_was_lost_is_said_again() -> None:
    heard: list[int] = []

    async def deaf_once() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                heard.append(1)
                if len(heard) > 1:
                    raise

    async def fails() -> None:
        raise OSError

    both = [asyncio.create_task(deaf_once()), asyncio.create_task(fails())]
    await asyncio.sleep(0)
    await tasks.end(both)
    assert len(heard) == 2
    assert all(task.done() for task in both)


async def test_nothing_to_end_is_nothing_to_wait_for() -> None:
    await tasks.end([])
