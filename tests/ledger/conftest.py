"""What tests of this room share."""

import httpx
import pytest
from fastapi import FastAPI

from tests.ledger.support import Keeper, keeper_of
from tests.support.people import People


@pytest.fixture
async def keeper(app: FastAPI, client: httpx.AsyncClient, people: People) -> Keeper:
    return await keeper_of(app, client, people)
