"""A scope as a condition of a query: what it doesn't reach isn't selected, and an empty one selects nothing."""

from uuid import UUID

from sqlalchemy import ColumnElement, Integer, String, column, false, or_, select, table, true
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.rules.rights import Scope

# Named without importing the room of stations, which lies above this one.
_STATION = table("station", column("id", Integer), column("county_adcode", String))


def within(
    scope: Scope,
    station_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None] | ColumnElement[int],
    organisation_id: InstrumentedAttribute[UUID | None] | ColumnElement[UUID] | None = None,
) -> ColumnElement[bool]:
    """The rows whose station (or organisation, where a column is given) lies within the scope."""
    if scope.everything:
        return true()
    reached: list[ColumnElement[bool]] = []
    if scope.station_ids:
        reached.append(station_id.in_(scope.station_ids))
    if scope.counties:
        in_counties = select(_STATION.c.id).where(_STATION.c.county_adcode.in_(scope.counties))
        reached.append(station_id.in_(in_counties))
    if scope.organisation_ids and organisation_id is not None:
        reached.append(organisation_id.in_(scope.organisation_ids))
    return or_(*reached) if reached else false()
