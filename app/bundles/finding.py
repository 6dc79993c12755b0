"""What the doors of this room share: the world as it is now, and who may open which bundle."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller, Permission
from app.bundles.errors import ItemNotFound
from app.bundles.following import Following, following
from app.bundles.models import Bundle
from app.bundles.queries import BundleView, find_reached, reached, view
from app.bundles.visits import Nearby
from app.catalogue.snapshot import Catalogue, CurrentCatalogue
from app.kit import clock
from app.kit.problems import Invalid
from app.policy.snapshot import CurrentPolicy, Policy
from app.requests.errors import RequestUnknown
from app.requests.opened import Opened
from app.requests.queries import RequestView, find
from app.requests.queries import find_reached as find_request
from app.requests.reach import Reach, reach_of
from app.routing.origins import origin_of_town
from app.routing.rules import Origin
from app.stations.directory import CurrentDirectory, Directory
from app.stations.snapshot import Network

Now = Annotated[datetime, Depends(clock.now)]


@dataclass(frozen=True, slots=True)
class Around:
    """The world of one call."""

    request: Request
    directory: Directory
    catalogue: Catalogue
    policy: Policy
    now: datetime

    @property
    def network(self) -> Network:
        return self.directory.network

    @property
    def secret_key(self) -> bytes:
        key: bytes = self.request.app.state.settings.secret_key
        return key

    def origin(self, town: str) -> Origin | None:
        """The point of a town or division; None of one that the network has no longer."""
        try:
            return origin_of_town(self.directory.atlas, town)
        except Invalid:
            return None

    async def following(self, found: BundleView) -> Following:
        state, origin = self.request.app.state, self.origin(found.bundle.town)
        near = Nearby(self.network, state.availability, origin, state.settings.booking.reach_km, self.now)
        return await following(found, self.policy, near)

    async def view(self, session: AsyncSession, bundle: Bundle) -> BundleView:
        return await view(session, self.network, bundle)


async def around(
    request: Request, directory: CurrentDirectory, catalogue: CurrentCatalogue, policy: CurrentPolicy, now: Now
) -> Around:
    return Around(request, directory, catalogue, policy, now)


CurrentAround = Annotated[Around, Depends(around)]


def own_reach(caller: Caller, permission: Permission) -> Reach:
    """What a caller reaches as their own; staff reach no bundle by their roles."""
    return reach_of(caller, permission).own


async def opened_here(
    request: Request,
    session: AsyncSession,
    caller: Caller,
    reference: str,
    permission: Permission,
    *,
    lock: bool = False,
) -> Bundle:
    """The bundle for a page: one's own, or one whose code was shown in this browser. Raises BundleUnknown."""
    condition = reached(own_reach(caller, permission), Opened(request).references())
    return await find_reached(session, reference, condition, lock=lock)


async def request_of(
    session: AsyncSession, around: Around, caller: Caller, reference: str, code: str | None
) -> RequestView:
    """A request to be linked, locked: with its code, or one's own. Raises ItemNotFound."""
    try:
        if code:
            return await find(session, around.network, (reference, code), around.secret_key, lock=True)
        own = own_reach(caller, Permission.REQUESTS_CHANGE)
        return await find_request(session, around.network, reference, own, lock=True)
    except RequestUnknown as error:
        raise ItemNotFound from error


def may_open(request: Request, caller: Caller, bundle: tuple[str, UUID | None, UUID | None]) -> bool:
    """Whether who looks may open a bundle, of which reference, organisation and person are given."""
    reference, organisation_id, person_id = bundle
    own = own_reach(caller, Permission.REQUESTS_READ)
    if organisation_id is not None and organisation_id in own.organisation_ids:
        return True
    mine = organisation_id is None and person_id is not None and person_id == own.person_id
    return mine or reference in Opened(request)
