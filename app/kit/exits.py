"""Being told that the process is to end, before the server waits for streams that never end by themselves."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def before_exit(act: Callable[[], None]) -> Iterator[None]:
    """For the length of the block, `act` is called in the running loop when a signal ends the server.

    Whoever handled the signal before is told after that; a signal that nobody handles stays so.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    ours = [number for number, handler in before.items() if callable(handler)]
    if threading.current_thread() is not threading.main_thread():
        ours = []  # Python lets only the main thread handle signals
    for number in ours:
        signal.signal(number, told)
    try:
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) is told:
                signal.signal(number, before[number])
