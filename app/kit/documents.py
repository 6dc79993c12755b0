"""PDF documents: a typst template of ours and its data in, a PDF out that programs can read aloud (PDF/UA-1, PDF/A-2a).

What people have entered goes in as data, never as source: `#`, `$` and backslashes stay what they are.
"""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson

from app.kit.characters import all_printable
from app.kit.i18n import lazy
from app.kit.problems import Unavailable

COMMAND = (sys.executable, "-m", "app.kit.typesetting")


class DocumentsBusy(Unavailable):
    """Too many documents are being made, or one took too long."""

    code = "documents_busy"
    detail = lazy("Many documents are being made just now. Please try again in {retry_after} seconds.")


class BrokenDocumentError(Exception):
    """The template doesn't fit its data; the message is the end of what typst said."""


class Typesetter:
    """Makes so many documents at once, lets so many more wait, and gives none more than so many seconds."""

    def __init__(self, *, at_once: int = 2, waiting: int = 8, seconds: float = 90) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._seconds = seconds
        self._asked = 0

    async def pdf(self, template: str, data: Mapping[str, Any], at: datetime) -> bytes:
        """`template` is a path below app/, which reads its `data` as JSON from `sys.inputs.data`; made `at` then.

        Raises DocumentsBusy, BrokenDocumentError.
        """
        if self._asked >= self._most:
            raise DocumentsBusy(retry_after=10)
        self._asked += 1
        try:
            order = await asyncio.to_thread(_order, template, data, at)
            async with self._places:
                return await self._made(order)
        finally:
            self._asked -= 1

    async def _made(self, order: bytes) -> bytes:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe, stderr=pipe)
        try:
            async with asyncio.timeout(self._seconds):
                pdf, said = await process.communicate(order)
        except TimeoutError:
            raise DocumentsBusy(retry_after=60) from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if process.returncode:
            raise BrokenDocumentError(said.decode(errors="replace")[-1000:])
        return pdf


def _order(template: str, data: Mapping[str, Any], at: datetime) -> bytes:
    return orjson.dumps({"template": template, "data": all_printable(dict(data)), "at": at.isoformat()})
