"""What tests of requests share: somebody who books as the API's callers do."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.requests.booking import Booker


@pytest.fixture
def booker(client: httpx.AsyncClient) -> Booker:
    return Booker(client)
