"""The Python client, made of the application's own document, once for each process of tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.client import generate
from tests.conftest import without_database


@pytest.fixture(scope="session")
def client_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("client")
    generate(without_database().openapi(), folder)
    return folder


@pytest.fixture
def onestop_client(client_folder: Path) -> Iterator[None]:
    """The generated package can be imported; nothing is installed."""
    sys.path.insert(0, str(client_folder))
    yield
    sys.path.remove(str(client_folder))
