"""What the slots tests share: a process on a database, services that a station offers, rows put in directly."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.ids import new_id
from app.kit.ticks import floor_tick
from app.slots.queries import Availability
from app.slots.rules import Terms
from app.slots.service import Handle, Held, Holds, Wish, handle
from app.slots.terms import fixed
from app.stations.snapshot import STATION, Network, NetworkStore, StationFacts

NOW = datetime(2026, 12, 1, 9, tzinfo=LOCAL)
OVERLAPS = """
SELECT count(*) FROM reservation a JOIN reservation b ON a.desk_id = b.desk_id AND a.id < b.id AND a.during && b.during
WHERE a.active AND b.active
"""


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in December 2026; the first is a Tuesday."""
    return datetime(2026, 12, day, hour, minute, tzinfo=LOCAL)


@dataclass
class Place:
    """A process of its own on a database: pool, free times, holds. With `limit` None clients have no limit."""

    database: Database
    availability: Availability
    holds: Holds
    networks: NetworkStore

    @classmethod
    def on(cls, database: Database, *, limit: int | None = 3) -> "Place":
        async def version() -> int:
            [(found,)] = await database.fetch("SELECT version FROM network_state", ())
            return int(found)

        networks = NetworkStore(database, version)
        availability = Availability(database, fixed(Terms(holds_per_client=limit)))
        return cls(database, availability, Holds(database, availability, networks), networks)

    async def hold(self, wish: Wish, client: str = "somebody", now: datetime = NOW, new: Handle | None = None) -> Held:
        return await self.holds.hold(wish, client, new or handle(client, None, b""), now)

    async def reserve(self, station: StationFacts, desk: int, start: datetime, minutes: int, **changes: object) -> None:
        """An appointment, or what `changes` say, straight into the table."""
        row: dict[str, object] = {
            "id": new_id(),
            "station_id": station.id,
            "desk_id": desk,
            "starts": floor_tick(start),
            "ticks": minutes // 5,
            "kind": "appointment",
            "service_ids": [1],
            "created_at": NOW,
            "changed_at": NOW,
        } | changes
        names, places = ", ".join(row), ", ".join(["%s"] * len(row))
        await self.database.fetch(f"INSERT INTO reservation ({names}) VALUES ({places})", tuple(row.values()))  # noqa: S608 - names of our own

    async def count(self, where: str = "true") -> int:
        [(found,)] = await self.database.fetch(f"SELECT count(*) FROM reservation WHERE {where}", ())  # noqa: S608 - our own
        return int(found)

    async def overlaps(self) -> int:
        [(found,)] = await self.database.fetch(OVERLAPS, ())
        return int(found)


def able(network: Network, station: StationFacts, minutes: int, *, category: str = "metrology") -> str:
    """The code of a service of that length that the station offers at its desks all through December."""
    last = datetime(2027, 1, 31, tzinfo=LOCAL).toordinal()
    for service in network.services:
        at = service.index, station.index
        if (
            service.duration_min == minutes
            and service.category == category
            and network.offers[at] & STATION
            and network.valid_until[at] > last
        ):
            return service.code
    raise AssertionError(f"{station.code} has no {category} of {minutes} minutes")


def soon(held: Held, seconds: float) -> datetime:
    """A moment so many seconds before a hold ends."""
    return held.expires_at - timedelta(seconds=seconds)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that go to the database meanwhile, whoever sends them."""
    sent: list[str] = []
    original = psycopg.AsyncConnection.execute

    async def counting(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        sent.append(str(query))
        return await original(self, query, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.AsyncConnection, "execute", counting)
        yield sent
