"""For doors: who does what at which station, with all that a link of a chain needs. Pages and JSON do it by this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller
from app.accounts.rules.rights import Caller, Permission
from app.files.store import FileStore
from app.kit import clock
from app.kit.db import Database, Reading, WriteSession, Writing
from app.reception.codes import thing_code
from app.reception.errors import ThingUnknown
from app.reception.lists import Lists
from app.reception.models import Thing
from app.reception.queries import Link, chains, concerns, thing_of
from app.reception.service import Custody
from app.requests.correspondence import CurrentLetters
from app.requests.errors import RequestUnknown
from app.requests.letters import Letters
from app.requests.queries import RequestView, by_id, find_reached
from app.requests.reach import as_staff
from app.requests.service import Changes
from app.requests.visiting import spelled
from app.slots.errors import StationUnknown
from app.stations.snapshot import CurrentNetwork, Network, StationFacts

Now = Annotated[datetime, Depends(clock.now)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A thing, its request and its chain, first link first."""

    thing: Thing
    view: RequestView
    chain: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Looking:
    """A call that looks at what lies at stations."""

    request: Request
    caller: Caller
    session: AsyncSession
    network: Network
    now: datetime

    def station(self, code: str, permission: Permission) -> StationFacts:
        """The station of this code, where the caller may. Raises StationUnknown, also where they may not."""
        index = self.network.station_index.get(code)
        station = None if index is None else self.network.stations[index]
        if station is None or not self.may_at(station, permission):
            raise StationUnknown
        return station

    def may_at(self, station: StationFacts, permission: Permission) -> bool:
        return self.caller.scope(permission).reaches(station.id, station.county_adcode)

    def lists(self, station: StationFacts) -> Lists:
        database: Database = self.request.app.state.database
        return Lists(database, self.network, station, self.now)

    async def thing(self, station: StationFacts, code: str) -> Shown:
        """A thing with which the station has to do. Raises ThingUnknown."""
        exact = thing_code(code)
        if exact is None:
            raise ThingUnknown
        thing = await thing_of(self.session, exact, concerns(station.id))
        view = await by_id(self.session, self.network, thing.request_id)
        return Shown(thing, view, (await chains(self.session, [thing.id]))[thing.id])

    async def view(self, station: StationFacts, reference: str, *, lock: bool = False) -> RequestView:
        """A request of this station. Raises RequestUnknown."""
        reach = as_staff(self.caller, Permission.REQUESTS_READ)
        found = await find_reached(self.session, self.network, spelled(reference), reach, lock=lock)
        if found.request.station_id != station.id:
            raise RequestUnknown
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Working(Looking):
    """A call that writes a link, in its session's transaction."""

    session: WriteSession
    letters: Letters

    def custody(self, station: StationFacts) -> Custody:
        changes = Changes(self.session, self.network, self.now, self.caller.actor, self.letters, by_station=True)
        store: FileStore = self.request.app.state.files
        return Custody(self.session, self.network, station, self.caller, changes, store, self.now)

    async def label(self, station: StationFacts, reference: str, parts: Mapping[int, int]) -> Sequence[Thing]:
        """Raises RequestUnknown, ItemUnknown, Invalid."""
        found = await self.view(station, reference, lock=True)
        return await self.custody(station).label(found, parts)


async def looking(
    *, request: Request, caller: CurrentCaller, session: Reading, network: CurrentNetwork, now: Now
) -> Looking:
    return Looking(request, caller, session, network, now)


async def working(
    *,
    request: Request,
    caller: CurrentCaller,
    network: CurrentNetwork,
    now: Now,
    session: Writing,
    letters: CurrentLetters,
) -> Working:
    return Working(request=request, caller=caller, network=network, now=now, session=session, letters=letters)


AtReception = Annotated[Working, Depends(working)]
Watching = Annotated[Looking, Depends(looking)]
