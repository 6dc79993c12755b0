"""For doors: who answers for which stations, at what moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller
from app.accounts.rules.rights import Caller, Permission, Scope
from app.kit import clock
from app.kit.db import Reading, WriteSession, Writing
from app.ratings.errors import RatingUnknown
from app.ratings.queries import rated
from app.requests.models import Request as Asked
from app.requests.visiting import is_reference, spelled
from app.stations.snapshot import CurrentNetwork, Network, StationFacts


@dataclass(frozen=True, slots=True)
class Manager:
    """One call about ratings."""

    request: Request
    caller: Caller
    session: AsyncSession
    network: Network
    now: datetime

    @property
    def scope(self) -> Scope:
        return self.caller.scope(Permission.REQUESTS_MANAGE)

    def stations(self) -> list[StationFacts]:
        """Those that the caller answers for."""
        every = self.network.stations
        return [each for each in every if each.active and self.scope.reaches(each.id, each.county_adcode)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerAtWork(Manager):
    session: WriteSession

    async def locked(self, reference: str) -> Asked:
        """The request of a rating within reach, locked. Raises RatingUnknown."""
        found = await rated(self.session, self.network, self.scope, reference_of(reference), self.now)
        statement = select(Asked).where(Asked.id == found.rating.request_id).with_for_update()
        return (await self.session.scalars(statement)).one()


def reference_of(typed: str) -> str:
    """In its one spelling. Raises RatingUnknown for what can't be one."""
    if not is_reference(typed):
        raise RatingUnknown
    return spelled(typed)


async def looking(
    *,
    request: Request,
    caller: CurrentCaller,
    session: Reading,
    network: CurrentNetwork,
    now: Annotated[datetime, Depends(clock.now)],
) -> Manager:
    return Manager(request, caller, session, network, now)


async def acting(
    *,
    request: Request,
    caller: CurrentCaller,
    session: Writing,
    network: CurrentNetwork,
    now: Annotated[datetime, Depends(clock.now)],
) -> ManagerAtWork:
    return ManagerAtWork(request=request, caller=caller, session=session, network=network, now=now)


Looking = Annotated[Manager, Depends(looking)]
Acting = Annotated[ManagerAtWork, Depends(acting)]
