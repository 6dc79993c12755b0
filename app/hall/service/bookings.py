"""What the counter does to the request behind an appointment: in the same transaction, by the request's own table."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from app.hall.errors import OtherDay, OtherStation
from app.hall.rules.states import Action as Hall
from app.kit.clock import LOCAL, local_date
from app.kit.db import WriteSession
from app.kit.problems import Invalid
from app.requests.errors import InvalidTransition
from app.requests.queries import RequestView, by_id
from app.requests.rules import Action, Way
from app.requests.service import Changes
from app.stations.snapshot import Network, StationFacts

FOLLOWS: Mapping[Hall, Mapping[Way, Action]] = {
    Hall.START: {Way.COUNTER: Action.START},
    Hall.FINISH: {Way.COUNTER: Action.FINISH, Way.HANDED_IN: Action.RECEIVE},
}
"""What a step of a ticket does to the items of its request, by the way in which they are dealt with."""


class Bookings:
    """Requests of one station, moved on as its counter goes on."""

    def __init__(self, session: WriteSession, network: Network, station: StationFacts, changes: Changes) -> None:
        self._session = session
        self._network = network
        self._station = station
        self._changes = changes

    async def check_in(self, found: RequestView, now: datetime) -> RequestView:
        """Raises OtherStation, OtherDay, InvalidTransition."""
        if found.appointment.station.id != self._station.id:
            raise OtherStation(station=found.appointment.station.code)
        start = found.appointment.start.astimezone(LOCAL)
        if local_date(start) != local_date(now):
            raise OtherDay(start=start.isoformat(timespec="minutes"))
        return await self._changes.act(found, Action.CHECK_IN)

    async def follow(self, request_id: UUID, action: Hall, service_ids: Collection[int]) -> bool:
        """Whether the request went on with a step of its ticket: work at the counter is begun and done with it, what is
        handed in is taken in. Items that can't take the step have gone on by another way, or need their officer."""
        steps = FOLLOWS.get(action)
        if not steps:
            return False
        found, moved = await by_id(self._session, self._network, request_id), False
        for item in found.items:
            step = steps.get(item.way)
            if step is None or item.service.id not in service_ids:
                continue
            with suppress(InvalidTransition, Invalid):
                found = await self._changes.act(found, step, items={item.n})
                moved = True
        return moved
