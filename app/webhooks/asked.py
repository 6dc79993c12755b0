"""What is asked of a webhook, judged in one way for pages and programs: where it sends, and of where it tells."""

import asyncio
from collections.abc import Sequence

from app.kit.outbound import Outbound
from app.kit.problems import FieldError
from app.kit.targets import TargetError, read_target
from app.stations.directory import Directory
from app.webhooks.queries import Reach
from app.webhooks.service.managing import Place
from app.webhooks.words import ADDRESS, PLACE

LOOK_UP_SECONDS = 5.0


async def url_fault(url: str, outbound: Outbound) -> FieldError | None:
    """What is wrong with an address, once its host has been looked up."""
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            await outbound.addresses(read_target(url, outbound.policy))
    except (TargetError, TimeoutError) as error:
        code = error.code if isinstance(error, TargetError) else "url_unresolved"
        return FieldError("url", code, ADDRESS[code].msgid, {"ports": _ports(outbound)})
    return None


def _ports(outbound: Outbound) -> str:
    named = (f"{ports[0]}-{ports[-1]}" if len(ports) > 1 else str(ports[0]) for ports in outbound.policy.ports)
    return ", ".join(named)


def place_of(reach: Reach, directory: Directory, county: str, station: str) -> tuple[Place, Sequence[FieldError]]:
    """The part of the network that an administrator has named by codes, as far as it lies within reach."""
    network, scope = directory.network, reach.scope
    index = network.station_index.get(station.upper()) if station else None
    found = network.stations[index] if index is not None else None
    whole = county if county in scope.counties or (scope.everything and _is_county(directory, county)) else None
    code = ""
    if station and not (found and scope.reaches(found.id, found.county_adcode)):
        code = "station_unknown"
    elif county and not whole:
        code = "county_unknown"
    elif not (found or whole or scope.everything):
        code = "place_missing"
    faults = [FieldError("station" if code == "station_unknown" else "county", code, PLACE[code].msgid)] if code else []
    return Place(whole, found), faults


def _is_county(directory: Directory, county: str) -> bool:
    return any(each.adcode == county for each in directory.atlas.divisions)
