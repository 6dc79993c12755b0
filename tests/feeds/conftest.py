"""What tests of this room share."""

import httpx
import pytest

from tests.requests.booking import Booker


@pytest.fixture
def booker(client: httpx.AsyncClient) -> Booker:
    return Booker(client)
