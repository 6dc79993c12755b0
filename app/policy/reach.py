"""Which places' settings somebody may see or change. Pure: scopes and the network in memory."""

from app.accounts.rules.rights import Caller, Permission, Scope
from app.policy.rules import NETWORK, Level, Place
from app.stations.snapshot import Network


def sees(caller: Caller, place: Place, network: Network) -> bool:
    """Whether the caller may look at the settings of a place: all that hold where the caller works."""
    scope = caller.scope(Permission.SETTINGS_READ)
    if place.level is Level.NETWORK:
        return not scope.empty
    return place.scope in _scopes(scope, network) if not scope.everything else True


def may_change(caller: Caller, place: Place, network: Network) -> bool:
    """Whether the caller may change them: a station's manager, a county's administrator, the city's for the network."""
    return within(caller.scope(Permission.SETTINGS_CHANGE), place, network)


def within(scope: Scope, place: Place, network: Network) -> bool:
    """Whether a place lies wholly within the scope."""
    if scope.everything:
        return True
    if place.level is Level.COUNTY:
        return place.id in scope.counties
    if place.level is Level.NETWORK:
        return False
    station = network.station_by_id.get(int(place.id))
    return station is not None and scope.reaches(station.id, station.county_adcode)


def scopes_seen(caller: Caller, network: Network) -> frozenset[str] | None:
    """The scopes of settings that the caller sees, as the history names them; None for all of them."""
    scope = caller.scope(Permission.SETTINGS_READ)
    return None if scope.everything else _scopes(scope, network)


def _scopes(scope: Scope, network: Network) -> frozenset[str]:
    stations = [each for each in network.stations if scope.reaches(each.id, each.county_adcode)]
    counties = scope.counties | {each.county_adcode for each in stations}
    return frozenset(
        {NETWORK}
        | {Place(Level.COUNTY, adcode).scope for adcode in counties}
        | {Place(Level.STATION, str(each.id)).scope for each in stations}
    )
