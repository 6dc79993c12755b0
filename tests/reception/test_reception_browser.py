"""Reception in a real Chromium: a label before its camera, the pages looked at, all of it by keyboard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import segno
from playwright.async_api import Browser, async_playwright, expect

from tests.conftest import Clock
from tests.reception.conftest import Counter
from tests.requests.booking import Booker
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE, errors_of, launch_options, look, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
WIDTH, HEIGHT = 640, 480


def film(path: Path, text: str) -> None:
    """A film (YUV4MPEG2, 4:2:0) of a paper with a QR code, as the camera's picture."""
    rows = [list(row) for row in segno.make(text, error="m").matrix_iter(scale=7, border=4)]
    top, left = (HEIGHT - len(rows)) // 2, (WIDTH - len(rows)) // 2
    picture = bytearray(b"\xc8" * (WIDTH * HEIGHT))
    for y, row in enumerate(rows):
        start = (top + y) * WIDTH + left
        picture[start : start + len(row)] = bytes(24 if dark else 220 for dark in row)
    frame = b"FRAME\n" + bytes(picture) + b"\x80" * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420mpeg2\n".encode() + frame * 10)


@pytest.fixture
async def counter(portal: Portal, clock: Clock, address_client: object) -> AsyncIterator[Counter]:
    yield address_client  # type: ignore[misc]
