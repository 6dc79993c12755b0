"""How many stations may do a service."""

from datetime import date, timedelta

from app.stations.counts import OfferingStations, offering_stations
from app.stations.snapshot import ALWAYS, Network, NetworkStore

DAY = date(2026, 12, 1)


async def test_counts_are_those_of_stations_in_use_with_the_capability_in_force(network: Network) -> None:
    counts = offering_stations(network, DAY)
    for service in network.services:
        row = service.index
        slow = sum(
            bool(network.offers[row, station.index])
            and network.valid_from[row, station.index] <= DAY.toordinal() <= network.valid_until[row, station.index]
            and station.active
            for station in network.stations
        )
        assert counts[service.code] == slow
    assert len(counts) == 193


async def test_the_last_day_of_a_capability_still_counts(network: Network) -> None:
    until = network.valid_until[network.service_index["MET-GEO-001"]]
    last = date.fromordinal(int(until[until < ALWAYS].max()))
    assert offering_stations(network, last)["MET-GEO-001"] == int((until == last.toordinal()).sum()) > 0
    assert offering_stations(network, last + timedelta(days=1))["MET-GEO-001"] == 0


async def test_counting_is_done_once_a_day_and_network(network: Network) -> None:
    class Store(NetworkStore):
        def __init__(self) -> None:
            pass

        async def current(self) -> Network:
            return network

    counts = OfferingStations(Store())
    today = await counts(DAY)
    assert await counts(DAY) is today
    assert await counts(DAY + timedelta(days=1)) is not today
