"""What tests of results share: a pressure gauge that was taken in and is being worked on."""

import httpx
import pytest

from tests.conftest import Clock
from tests.requests.booking import Booker
from tests.requests.test_life_api import Life
from tests.support.people import People


@pytest.fixture
def booker(client: httpx.AsyncClient) -> Booker:
    return Booker(client)


@pytest.fixture
async def work(booker: Booker, people: People, clock: Clock) -> Life:
    """Handed in, and begun."""
    return await begun(Life(booker, people, clock, await booker.book()))


async def begun(life: Life) -> Life:
    await life.go(("officer", "accept"))
    life.at_its_time()
    await life.go(("window", "check-in"), ("window", "receive"), ("window", "start"))
    return life
