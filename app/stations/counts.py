"""How many stations may do each service: what the catalogue wants to know and can't ask itself."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from app.stations.snapshot import Network, NetworkStore


class OfferingStations:
    """Counts of stations in use that may do a service on a day, by its code; counted once a network and day."""

    def __init__(self, store: NetworkStore) -> None:
        self._store = store
        self._network: Network | None = None
        self._day: date | None = None
        self._counts: Mapping[str, int] = {}

    async def __call__(self, on: date) -> Mapping[str, int]:
        network = await self._store.current()
        if network is not self._network or on != self._day:
            self._network, self._day, self._counts = network, on, offering_stations(network, on)
        return self._counts


def offering_stations(network: Network, on: date) -> Mapping[str, int]:
    """Stations in use that have each service in force on the day, by the service's code."""
    today = on.toordinal()
    in_force = (network.offers != 0) & (network.valid_from <= today) & (network.valid_until >= today) & network.active
    counts = np.count_nonzero(in_force, axis=1)
    return {service.code: int(count) for service, count in zip(network.services, counts, strict=True)}
