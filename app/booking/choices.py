"""What becomes of the later choices of a booking when an earlier one changes."""

from app.booking.drafts import DraftData
from app.catalogue.rules import Use, needs_designation
from app.kit.db import Database
from app.slots.errors import HoldUnknown
from app.slots.service import release
from app.slots.travel import ONSITE
from app.stations.snapshot import DESIGNATED, MODES, Network


def may_do(network: Network, data: DraftData, station_code: str) -> bool:
    """Whether a station does all the services of a draft, for its use and in its mode as far as they are known."""
    index = network.station_index.get(station_code)
    return (
        index is not None
        and network.stations[index].active
        and all(_does(network, data, code, index) for code in data.services)
    )


def _does(network: Network, data: DraftData, service_code: str, station: int) -> bool:
    place = network.service_index.get(service_code)
    if place is None:
        return False
    offers = int(network.offers[place, station])
    if needs_designation(network.services[place], Use(data.use) if data.use else None) and not offers & DESIGNATED:
        return False
    return bool(offers & MODES[data.mode]) if data.mode else bool(offers)


async def keep_what_fits(database: Database, network: Network, data: DraftData, before: DraftData) -> None:
    """After a change of what is to be done: a station that may not do it is to be chosen again."""
    if data.station and not may_do(network, data, data.station):
        data.station = None
    await keep_time_if_it_fits(database, data, before)


async def keep_time_if_it_fits(database: Database, data: DraftData, before: DraftData) -> None:
    """A time that is kept for something else, or elsewhere, is given back."""
    if _wanted(data) != _wanted(before):
        await give_back(database, data)


def _wanted(data: DraftData) -> tuple[object, ...]:
    """What a time is kept for; on site also where staff travel to, and when somebody is there."""
    wanted = data.services, data.mode, data.station
    return (*wanted, data.origin, data.site) if data.mode == ONSITE else wanted


async def give_back(database: Database, data: DraftData) -> None:
    """Keep no time any longer. One that is over, or that somebody else has taken since, need not be given back."""
    held, data.held = data.held, None
    if held is None:
        return
    try:
        await release(database, held.hold_id, held.hold_token)
    except HoldUnknown:
        return
