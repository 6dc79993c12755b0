"""What tests of bundles share: beginning one by the API, booking its steps, and looking at it."""

import httpx
import pytest
from fastapi import FastAPI

from tests.bundles.bundling import Bundling
from tests.requests.booking import Booker


@pytest.fixture
def booker(client: httpx.AsyncClient) -> Booker:
    return Booker(client)


@pytest.fixture
def bundling(app: FastAPI, client: httpx.AsyncClient, booker: Booker) -> Bundling:
    return Bundling(app, client, booker)
