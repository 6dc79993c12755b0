"""Requests of which one was split off from the other: items that were passed on alone, and where they came from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.requests.models import Request
from app.requests.rules import LINKS
from app.requests.telling import Told
from app.stations.snapshot import Network, StationFacts


@dataclass(frozen=True, slots=True)
class Linked:
    """The other request, and the station where it is now. `came_from`: it is the first one, else what was split off."""

    id: UUID
    reference: str
    station: StationFacts
    came_from: bool


async def linked_with(
    session: AsyncSession, network: Network, request: Request, timeline: Sequence[Told]
) -> tuple[Linked, ...]:
    """The requests on the other side of each split, the first one before those that went; no query where none was."""
    if not any(told.kind in LINKS for told in timeline):
        return ()
    columns = Request.id, Request.reference, Request.station_id
    either = or_(Request.split_from == request.reference, Request.reference == request.split_from)
    rows = await session.execute(select(*columns).where(either).order_by(Request.created_at, Request.id))
    found = [
        Linked(row.id, row.reference, network.station_by_id[row.station_id], row.reference == request.split_from)
        for row in rows
    ]
    return tuple(sorted(found, key=lambda each: not each.came_from))


def with_what_was_split_off(references: Collection[str]) -> ColumnElement[bool]:
    """These requests, and whatever was split off from them or from those: whoever may open one may open these."""
    first = select(Request.reference).where(Request.reference.in_(references))
    family = first.cte("family", recursive=True)
    family = family.union(select(Request.reference).where(Request.split_from == family.c.reference))
    return Request.reference.in_(select(family.c.reference))
