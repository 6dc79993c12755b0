"""What the calls of this room share: who asks, whose ledger it is, how an answer is written."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Request, Response

from app.accounts.callers import SignedIn
from app.accounts.errors import SecondFactorMissing, SignInNeeded
from app.accounts.ids import OrganisationId
from app.accounts.rules.rights import Caller
from app.catalogue.snapshot import Catalogue, current_catalogue
from app.enterprise.errors import KeyScopeMissing
from app.kit import clock
from app.kit.clock import local_date
from app.kit.problems import Invalid, NotFound
from app.ledger.asking import changes, reads
from app.ledger.entries import Reader
from app.ledger.rows import World
from app.stations.directory import Directory, current_directory
from app.web.ids import identified

NOT_TO_KEEP = {"Cache-Control": "private, no-store"}
GUARDED = (Invalid, SignInNeeded, SecondFactorMissing, KeyScopeMissing, NotFound)
HERE = "/organisations/{organisation}/instruments"


@dataclass(frozen=True, slots=True)
class Asking:
    """A call about one organisation's ledger, by somebody who acts for it."""

    caller: Caller
    organisation_id: UUID
    directory: Directory
    catalogue: Catalogue
    now: datetime

    @property
    def world(self) -> World:
        return World(self.directory, self.catalogue, local_date(self.now))

    @property
    def reader(self) -> Reader:
        return Reader(self.directory.atlas, self.catalogue, local_date(self.now))


async def asking(
    request: Request,
    caller: SignedIn,
    organisation: OrganisationId,
    now: Annotated[datetime, Depends(clock.now)],
) -> Asking:
    """Raises KeyScopeMissing, NotFound."""
    reads(caller)
    if organisation not in caller.organisation_ids:
        raise NotFound
    directory, catalogue = await asyncio.gather(current_directory(request), current_catalogue(request))
    return Asking(caller, organisation, directory, catalogue, now)


async def writing(found: Annotated[Asking, Depends(asking)]) -> Asking:
    changes(found.caller)
    return found


async def instrument_id(instrument: str, _caller: SignedIn) -> UUID:
    return identified(instrument)


Asks = Annotated[Asking, Depends(asking)]
Writes = Annotated[Asking, Depends(writing)]
InstrumentId = Annotated[UUID, Depends(instrument_id)]


def as_json(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, NOT_TO_KEEP, media_type="application/json")
