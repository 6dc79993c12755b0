"""A job that looks now and then whether there is something to do. Any number of processes may run the same one: each
look sees to it that of several only one does a thing."""

import asyncio
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import ClassVar

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError

from app.kit import tasks

logger = structlog.get_logger(__name__)


class Rounds(ABC):
    """Looks again and again from `start` until `stop`; a database that is away is waited for."""

    name: ClassVar[str]
    """What stands in the log when something was done."""
    every: ClassVar[timedelta] = timedelta(minutes=5)
    first_after: ClassVar[timedelta] = timedelta()
    """How long after the start it looks first."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        if self._task:
            await tasks.end([self._task])

    @abstractmethod
    async def look(self) -> int:
        """Do what there is to do; returns how much that was."""

    async def _run(self) -> None:
        await asyncio.sleep(self.first_after.total_seconds())
        while True:
            try:
                if count := await self.look():
                    logger.info(self.name, count=count)
            except (psycopg.Error, PoolTimeout, DBAPIError) as error:
                logger.warning("job_waits", job=self.name, error=type(error).__name__)
            await asyncio.sleep(self.every.total_seconds())
