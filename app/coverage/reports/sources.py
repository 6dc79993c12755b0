"""What a job counts coverage from, where no page has it in memory."""

from collections.abc import Awaitable, Callable
from datetime import datetime

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


def sources(
    database: Database, terms: Terms, now: Callable[[], Awaitable[datetime]]
) -> Callable[[], Awaitable[Working]]:
    """Reads everything anew each time and keeps nothing: it is needed once a week. `terms` are those of booking."""

    async def work() -> Working:
        version = NetworkVersion(database)
        policies = PolicyStore(database, version.get)
        directories = DirectoryStore(database, NetworkStore(database, version.get, along=policies.at))
        return Working(
            await directories.current(),
            await CatalogueStore(database, version).current(),
            DemandStore(database),
            Availability(database, by_policy(terms, policies)),
            await now(),
        )

    return work
