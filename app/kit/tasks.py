"""Ending tasks."""

import asyncio
from collections.abc import Iterable

AGAIN_SECONDS = 1.0


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended, whatever they end with.

    A cancellation that arrives in the very moment in which a wait is over is lost by `asyncio.wait_for` before Python
    3.12, and with it by whoever waits for a database: so it is said again until it is heard.
    """
    going = set(tasks)
    while going:
        for task in going:
            task.cancel()
        _ended, going = await asyncio.wait(going, timeout=AGAIN_SECONDS)
