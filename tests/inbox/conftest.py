"""What tests of the inbox share: somebody who books as the API's callers do."""

import httpx
import pytest

from tests.requests.booking import Booker


@pytest.fixture
def booker(client: httpx.AsyncClient) -> Booker:
    return Booker(client)
