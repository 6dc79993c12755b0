"""What tests of this room share."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from tests.ledger.support import GAUGE, Keeper, keeper_of
from tests.support.people import People


@pytest.fixture
async def keeper(app: FastAPI, client: httpx.AsyncClient, people: People) -> Keeper:
    return await keeper_of(app, client, people)


@pytest.fixture
async def catalogue_of_its_own(keeper: Keeper) -> AsyncIterator[None]:
    """The gauges' service may be changed: afterwards it is as it was, for the tests that come next."""
    [before] = await keeper.rows("SELECT name_en, validity_months FROM service WHERE code = %s", GAUGE)
    yield
    await keeper.rows("UPDATE service SET name_en = %s, validity_months = %s WHERE code = %s", *before, GAUGE)
