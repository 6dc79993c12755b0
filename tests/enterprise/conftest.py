"""What tests of this room share."""

import httpx
import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.enterprise.support import Town
from tests.requests.booking import Booker
from tests.support.people import People


@pytest.fixture
def town(app: FastAPI, people: People, clock: Clock) -> Town:
    return Town(app, people, clock)


@pytest.fixture
def booker(client: httpx.AsyncClient) -> Booker:
    return Booker(client)
