"""What the pages of the inbox share: who looks, at what moment, with the network and the catalogue at hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller
from app.accounts.rules.rights import Caller, Permission
from app.catalogue.snapshot import Catalogue, CurrentCatalogue, RecentCatalogue
from app.inbox.service import managed
from app.kit.db import Database, Reading, WriteSession, Writing
from app.kit.i18n import tr
from app.requests.showing import show_office
from app.requests.visiting import FORM_AGAIN, OFFICE, Now, Visitor, spelled
from app.stations.directory import CurrentDirectory, Directory


@dataclass(frozen=True, slots=True)
class Desk:
    """One call of a page of the inbox."""

    request: Request
    caller: Caller
    session: AsyncSession
    directory: Directory
    catalogue: Catalogue
    now: datetime

    @property
    def database(self) -> Database:
        """For what is read on every opening of the list, as bare statements."""
        found: Database = self.request.app.state.database
        return found

    def visitor(self, reference: str) -> Visitor:
        """The same for the page of one request."""
        network = self.directory.network
        return Visitor(self.request, self.session, network, self.now, spelled(reference), self.caller)

    def show(self, name: str, context: Mapping[str, Any], *, again: bool = False) -> HTMLResponse:
        """`again`: a form with what is wrong."""
        status = FORM_AGAIN if again else 200
        return show_office(self.request, self.caller, f"inbox/{name}", context, status_code=status)

    def shares(self) -> list[tuple[str, str]]:
        """The stations for which the caller may keep views, by code and name."""
        found = (self.directory.network.station_by_id[each] for each in sorted(managed(self.caller)))
        return [(station.code, tr(station, "name")) for station in found]

    def may(self, permission: Permission) -> bool:
        return self.caller.may(permission)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingDesk(Desk):
    """The same with a session that may write."""

    session: WriteSession


async def looking(
    *,
    request: Request,
    caller: CurrentCaller,
    session: Reading,
    directory: CurrentDirectory,
    catalogue: RecentCatalogue,
    now: Now,
) -> Desk:
    request.state.mark = request.app.state.live.mark  # before anything is read: what changes later is told
    return Desk(request, caller, session, directory, catalogue, now)


async def acting(
    *,
    request: Request,
    caller: CurrentCaller,
    session: Writing,
    directory: CurrentDirectory,
    catalogue: CurrentCatalogue,
    now: Now,
) -> ActingDesk:
    request.state.mark = request.app.state.live.mark
    return ActingDesk(
        request=request, caller=caller, session=session, directory=directory, catalogue=catalogue, now=now
    )


Looking = Annotated[Desk, Depends(looking)]
Acting = Annotated[ActingDesk, Depends(acting)]


def address(query: Iterable[tuple[str, str]], path: str = OFFICE) -> str:
    pairs = list(query)
    return f"{path}?{urlencode(pairs)}" if pairs else path
