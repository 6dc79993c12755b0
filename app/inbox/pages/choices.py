"""What can be chosen in the filters of the list."""

from typing import Any

from app.accounts.rules.rights import Permission, Scope
from app.inbox.pages.desk import Desk
from app.inbox.rules import Filters
from app.inbox.words import DUES, MODES
from app.kit.i18n import tr
from app.requests.words import STATES
from app.stations.directory import Directory

FEW_STATIONS = 200
Groups = list[tuple[str, list[tuple[str, str]]]]


def choices(desk: Desk) -> dict[str, Any]:
    """Asked for by the template where the form is not kept made."""
    scope = desk.caller.scope(Permission.REQUESTS_READ)
    groups = station_groups(desk.directory, scope)
    several = groups is None or sum(len(stations) for _county, stations in groups) > 1
    return {
        "station_groups": groups,
        "several_stations": several,
        "counties": counties(desk.directory, scope) if several else [],
        "states": [(state.value, str(words)) for state, words in STATES.items()],
        "categories": [(each.code, tr(each, "name")) for each in desk.catalogue.categories],
        "modes": [(mode.value, str(words)) for mode, words in MODES.items()],
        "dues": [(due.value, str(words)) for due, words in DUES.items()],
    }


def more_than_text(filters: Filters) -> int:
    """How many of the filters that lie folded are in use."""
    folded = ("states", "due", "county", "category", "service", "mode", "unread", "complaint", "first", "last")
    return sum(bool(getattr(filters, name)) for name in folded)


def station_groups(directory: Directory, scope: Scope) -> Groups | None:
    """The stations of a scope by county; None where there are too many for a list: then a code is typed."""
    reached = [each for each in directory.network.stations if scope.reaches(each.id, each.county_adcode)]
    if len(reached) > FEW_STATIONS:
        return None
    groups = [
        (tr(county, "name"), [(each.code, tr(each, "name")) for each in reached if each.county_adcode == county.adcode])
        for county in directory.atlas.divisions
    ]
    return [group for group in groups if group[1]]


def counties(directory: Directory, scope: Scope) -> list[tuple[str, str]]:
    """Those of the stations that are reached, where there is more than one."""
    reached = {each.county_adcode for each in directory.network.stations if scope.reaches(each.id, each.county_adcode)}
    found = [(each.adcode, tr(each, "name")) for each in directory.atlas.divisions if each.adcode in reached]
    return found if len(found) > 1 else []
