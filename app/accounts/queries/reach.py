"""What somebody's roles are, and which stations they reach, by code."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Integer, String, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import RoleGrant
from app.accounts.rules.rights import Grant, Role, Scope, scope_of
from app.accounts.scoping import within

# Named without importing the room of stations, which lies above this one.
_STATION = table("station", column("id", Integer), column("code", String))


@dataclass(frozen=True, slots=True)
class Reach:
    """Roles in their order, each once; the codes of stations, sorted, but none where `everywhere` says all."""

    roles: tuple[Role, ...]
    stations: tuple[str, ...]
    everywhere: bool


async def reach(session: AsyncSession, person_id: UUID) -> Reach:
    columns = RoleGrant.role, RoleGrant.station_id, RoleGrant.county_adcode
    rows = (await session.execute(select(*columns).where(RoleGrant.person_id == person_id))).all()
    grants = [Grant(Role(role), station_id, county) for role, station_id, county in rows]
    scope = scope_of(grants)
    held = {grant.role for grant in grants}
    stations = () if scope.everything or scope.empty else await _codes(session, scope)
    return Reach(tuple(role for role in Role if role in held), stations, scope.everything)


async def _codes(session: AsyncSession, scope: Scope) -> tuple[str, ...]:
    codes = select(_STATION.c.code).where(within(scope, _STATION.c.id)).order_by(_STATION.c.code)
    return tuple((await session.scalars(codes)).all())
