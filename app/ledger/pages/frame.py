"""What the pages of this room share: whose ledger it is, the world it is read against, how a page is shown."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import SignedIn
from app.accounts.ids import OrganisationId
from app.accounts.queries.organisations import Mine, mine
from app.accounts.rules.rights import Caller
from app.catalogue.snapshot import Catalogue, current_catalogue
from app.kit import clock
from app.kit.clock import local_date
from app.kit.db import Reading, Writing
from app.kit.i18n import LazyString, lazy, tr
from app.ledger.entries import Reader, for_instruments
from app.ledger.fields import DELIVERIES, USES
from app.ledger.rows import World
from app.ledger.service.keeping import Ledger
from app.stations.directory import Directory, current_directory
from app.web.ids import identified
from app.web.templating import page

SEE_OTHER, FORM_AGAIN, CONFLICT = 303, 422, 409
NOT_TO_KEEP = {"Cache-Control": "private, no-store"}
HERE = "/organisation/{organisation}/instruments"
Now = Annotated[datetime, Depends(clock.now)]
DONE: Mapping[str, LazyString] = {
    "added": lazy("The instrument stands in your ledger."),
    "changed": lazy("The instrument is changed."),
    "retired": lazy("The instrument is out of use. Nobody is reminded of it any more."),
    "restored": lazy("The instrument is in use again."),
    "reminders": lazy("Your choice is kept."),
    "taken_in": lazy("The file is taken in."),
    "forgotten": lazy("Nothing was taken in; the file is forgotten."),
}
"""What an address says has just happened."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a page about a ledger, by somebody who acts for the organisation `own`."""

    request: Request
    caller: Caller
    session: AsyncSession
    own: Mine
    directory: Directory
    catalogue: Catalogue
    now: datetime

    @property
    def world(self) -> World:
        return World(self.directory, self.catalogue, local_date(self.now))

    @property
    def reader(self) -> Reader:
        return Reader(self.directory.atlas, self.catalogue, local_date(self.now))

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.session, self.caller, self.own.id, self.catalogue, self.now)

    def path(self, *parts: object) -> str:
        """The address of a page of this ledger."""
        return "/".join((f"/organisation/{self.own.id}/instruments", *map(str, parts)))

    def show(self, name: str, context: Mapping[str, Any], *, status: int = 200) -> HTMLResponse:
        """A page that no cache keeps."""
        done = DONE.get(self.request.query_params.get("done", ""))
        frame = {"own": self.own, "here_path": self.path(), "done": str(done) if done else "", "world": self.world}
        return page(self.request, f"ledger/{name}", frame | dict(context), status_code=status, headers=NOT_TO_KEEP)

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """The options of a form's lists, in the words of the moment."""
        return {
            "regions": [(each.adcode, tr(each, "name")) for each in self.directory.atlas.divisions],
            "uses": [(key, str(words)) for key, words in USES.items()],
            "deliveries": [(key, str(words)) for key, words in DELIVERIES.items()],
            "services": [(each.code, tr(each, "name")) for each in self.catalogue.services if for_instruments(each)],
        }


async def looking(request: Request, caller: SignedIn, organisation: OrganisationId, session: Reading, now: Now) -> Call:
    """Raises NotFound who doesn't act for the organisation."""
    return await _call(request, caller, organisation, session, now)


async def acting(request: Request, caller: SignedIn, organisation: OrganisationId, session: Writing, now: Now) -> Call:
    return await _call(request, caller, organisation, session, now)


async def _call(request: Request, caller: Caller, organisation_id: UUID, session: AsyncSession, now: datetime) -> Call:
    own = await mine(session, caller, organisation_id)
    # Asked in the same moment, both are answered by one look at the network's version.
    directory, catalogue = await asyncio.gather(current_directory(request), current_catalogue(request))
    return Call(request, caller, session, own, directory, catalogue, now)


async def instrument_id(instrument: str, _caller: SignedIn) -> UUID:
    return identified(instrument)


Looking = Annotated[Call, Depends(looking)]
Acting = Annotated[Call, Depends(acting)]
InstrumentId = Annotated[UUID, Depends(instrument_id)]


def see(path: str) -> Response:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(path, SEE_OTHER, NOT_TO_KEEP)
