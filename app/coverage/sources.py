"""What coverage and performance are counted from, where no page asks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from app.catalogue.snapshot import CatalogueStore
from app.catalogue.version import NetworkVersion
from app.coverage.asking import Working
from app.coverage.demand import DemandStore
from app.kit.db import Database
from app.policy.snapshot import PolicyStore
from app.slots.queries import Availability
from app.slots.rules import Terms
from app.slots.terms import by_policy
from app.stations.directory import DirectoryStore
from app.stations.snapshot import NetworkStore

Now = Callable[[], Awaitable[datetime]]


@dataclass(frozen=True)
class Sources:
    """The stores of a process, or new ones."""

    database: Database
    directories: DirectoryStore
    catalogues: CatalogueStore
    demand: DemandStore
    availability: Availability
    now: Now

    @classmethod
    def anew(cls, database: Database, terms: Terms, now: Now) -> Self:
        """For a job, which needs them once a day and keeps nothing. `terms` are those of booking."""
        version = NetworkVersion(database)
        policies = PolicyStore(database, version.get)
        return cls(
            database,
            DirectoryStore(database, NetworkStore(database, version.get, along=policies.at)),
            CatalogueStore(database, version),
            DemandStore(database),
            Availability(database, by_policy(terms, policies)),
            now,
        )

    async def coverage(self) -> Working:
        return Working(
            await self.directories.current(),
            await self.catalogues.current(),
            self.demand,
            self.availability,
            await self.now(),
        )
