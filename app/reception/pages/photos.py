"""Pictures of a thing, for staff and for its owner; and the address that stands in a label's QR code."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller
from app.accounts.rules.rights import Permission
from app.files.errors import FileMissing
from app.files.service import open_file
from app.files.store import FileStore
from app.kit.db import Reading
from app.kit.doors import Door
from app.reception.codes import LABEL, thing_code
from app.reception.errors import ThingUnknown
from app.reception.models import Thing
from app.reception.pages.frame import READ, RECEPTION, AtStation, ThingCode
from app.reception.queries import photo_of, thing_of, things_of
from app.requests.visiting import FollowRoute, Looking, see
from app.stations.snapshot import CurrentNetwork
from app.web.downloads import attachment

router = Door(route_class=FollowRoute)


@router.get(f"{LABEL}{{code}}")
async def label(
    code: Annotated[str, Path(max_length=40)], caller: CurrentCaller, session: Reading, network: CurrentNetwork
) -> Response:
    """What a telephone opens that looks at a label: for staff the thing, for everybody else the search for a request.

    Nobody learns whether there is such a thing, or whose it is.
    """
    exact = thing_code(code)
    scope = caller.scope(Permission.REQUESTS_READ)
    if exact is None or scope.empty:
        return see("/find")
    try:
        thing = await thing_of(session, exact)
    except ThingUnknown:
        return see(RECEPTION)
    concerned = (thing.at_station_id, thing.to_station_id, thing.station_id)
    stations = (network.station_by_id[station_id] for station_id in concerned if station_id)
    own = next((each for each in stations if scope.reaches(each.id, each.county_adcode)), None)
    return see(f"{RECEPTION}/{own.code}/things/{exact}" if own else RECEPTION)


@router.get(f"{RECEPTION}/{{code}}/things/{{thing}}/photos/{{file_id}}", dependencies=[READ])
async def for_staff(here: AtStation, thing: ThingCode, file_id: UUID) -> Response:
    """Raises ThingUnknown, FileMissing."""
    shown = await here.at.thing(here.station, thing)
    return await given_out(here.at.request, here.at.session, shown.thing, file_id)


@router.get("/r/{reference}/things/{thing}/photos/{file_id}")
async def for_owner(visitor: Looking, thing: ThingCode, file_id: UUID) -> Response:
    """Raises NotOpenedError, which shows the page that asks for the access code, and FileMissing."""
    view = await visitor.open()
    found = [each for each in await things_of(visitor.session, view.request.id) if each.code == thing_code(thing)]
    if not found:
        raise FileMissing
    return await given_out(visitor.request, visitor.session, found[0], file_id)


async def given_out(request: Request, session: AsyncSession, thing: Thing, file_id: UUID) -> Response:
    """As a download; as an image of our own pages browsers show it all the same. Raises FileMissing."""
    file = await photo_of(session, thing, file_id)
    if file is None:
        raise FileMissing
    store: FileStore = request.app.state.files
    parts = await open_file(store, file)
    return attachment(parts, name=file.name, media_type=file.media_type, size=file.size)
