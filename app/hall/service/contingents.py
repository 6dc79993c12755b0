"""How many walk-in tickets a day a station gives out for each service: read with what of it is used, and changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.rules.rights import Caller
from app.audit.service import Object, record
from app.hall.asked import offered
from app.hall.models import Contingent
from app.kit.clock import local_date
from app.kit.db import Database, WriteSession
from app.stations.snapshot import Network, ServiceFacts, StationFacts

MOST = 9999
# Counted as the counter counts when it gives a ticket out: whoever has come for several things counts for each.
USED: LiteralString = """
SELECT service_id, max(per_day)::int4, sum(used)::int4 FROM (
    SELECT service_id, per_day, 0 AS used FROM contingent WHERE station_id = %(station_id)s::int4
    UNION ALL
    SELECT unnest(service_ids), NULL, 1 FROM ticket
    WHERE station_id = %(station_id)s::int4 AND day = %(day)s::date AND kind = 'walk_in'
) AS each
GROUP BY service_id
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """A service with its tickets a day, None for as many as come, and how many were given out today."""

    service: ServiceFacts
    per_day: int | None
    used: int


async def allowances(database: Database, network: Network, station: StationFacts, day: date) -> list[Allowance]:
    """Every service that a walk-in may ask for on this day, and any other that has a contingent."""
    values = {"station_id": station.id, "day": day}
    known = {service_id: (per_day, used) for service_id, per_day, used in await database.fetch(USED, values)}
    services = {service.id: service for service in offered(network, station, day)}
    limited = {service_id for service_id, (per_day, _used) in known.items() if per_day is not None}
    services |= {service_id: network.service_by_id[service_id] for service_id in limited}
    found = [Allowance(service, *known.get(service.id, (None, 0))) for service in services.values()]
    return sorted(found, key=lambda each: each.service.index)


class Contingents:
    """Those of one station, in the session's transaction."""

    def __init__(self, session: WriteSession, station: StationFacts, now: datetime, caller: Caller) -> None:
        self._session = session
        self._station = station
        self._now = now
        self._caller = caller

    async def set(self, wanted: Mapping[ServiceFacts, int | None]) -> bool:
        """These from now on, today included; None takes one away. False when they were so already."""
        now = await self._now_of([service.id for service in wanted])
        changed = {service: number for service, number in wanted.items() if now.get(service.id) != number}
        if not changed:
            return False
        for service, number in changed.items():
            await self._set(service.id, number)
        before = {service.code: now.get(service.id) for service in changed}
        after = {service.code: number for service, number in changed.items()}
        on = Object("hall", f"{self._station.code} {local_date(self._now)}", self._station.id)
        actor, action = self._caller.actor, "hall.contingents_changed"
        await record(self._session, actor, action, on, at=self._now, before=before, after=after)
        return True

    async def _now_of(self, service_ids: list[int]) -> dict[int, int]:
        """Locked, so that of two who change the same one the record is right about what was before."""
        statement = select(Contingent).where(
            Contingent.station_id == self._station.id, Contingent.service_id.in_(service_ids)
        )
        rows = await self._session.scalars(statement.order_by(Contingent.service_id).with_for_update())
        return {row.service_id: row.per_day for row in rows}

    async def _set(self, service_id: int, number: int | None) -> None:
        if number is None:
            own = Contingent.station_id == self._station.id, Contingent.service_id == service_id
            await self._session.execute(delete(Contingent).where(*own))
            return
        new = insert(Contingent).values(station_id=self._station.id, service_id=service_id, per_day=number)
        keys = ["station_id", "service_id"]
        await self._session.execute(new.on_conflict_do_update(index_elements=keys, set_={"per_day": number}))
