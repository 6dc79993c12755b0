"""Two stations with a past that tests write."""

from datetime import date

import pytest

from app.kit.db import Database
from app.stations.snapshot import Network, StationFacts
from tests.performance.history import History


@pytest.fixture
def history(database: Database, network: Network) -> History:
    return history_of(database, network)


def history_of(database: Database, network: Network) -> History:
    """One in which nothing has happened yet."""

    def worked(day: date) -> bool:
        return network.calendar.kind(day).worked

    return History(database, [place(network.stations[3]), place(network.stations[40])], worked)


def place(station: StationFacts) -> tuple[int, str, int]:
    return station.id, station.code, station.desks[0].id
