"""Where a booking for steps of a package begins: the wizard, filled in with what is known already."""

from typing import Annotated

from fastapi import Form, Path, Request, Response

from app.accounts.callers import CurrentCaller
from app.accounts.rules.rights import Caller, Permission
from app.booking.drafts import DraftData, Origin, begin
from app.booking.pages.frame import see
from app.booking.pages.what import settle_mode
from app.booking.steps import first_open_step, path
from app.bundles.errors import BundleUnknown
from app.bundles.finding import Around, CurrentAround, opened_here
from app.bundles.queries import BundleView, Step
from app.bundles.rules import StepState
from app.kit.db import RetryingRoute, WriteSession, Writing
from app.kit.doors import Door
from app.kit.geo import Crs
from app.requests.errors import RequestUnknown
from app.requests.many import MOST_SERVICES
from app.requests.models import Request as RequestRow
from app.requests.opened import Opened
from app.requests.queries import find_reached, open_by_reference
from app.requests.reach import reach_of
from app.web.client import get_clients

router = Door(route_class=RetryingRoute)
CONTACT = ("organisation_name", "uscc", "contact_name", "mobile", "email")
Keys = Annotated[list[Annotated[str, Form(max_length=32)]], Form(max_length=50)]


@router.post("/book/bundle/{reference}")
async def start(
    *,
    request: Request,
    reference: Annotated[str, Path(max_length=60)],
    caller: CurrentCaller,
    around: CurrentAround,
    session: Writing,
    step: Keys = [],  # noqa: B006 - read, never changed
) -> Response:
    """A new draft for the steps that can be booked; where none can, back to the package, which says why."""
    try:
        bundle = await opened_here(request, session, caller, reference, Permission.REQUESTS_CHANGE)
    except BundleUnknown:
        return see(f"/bundles/{reference}")
    view = await around.view(session, bundle)
    steps = [each for each in view.among(StepState.BOOKABLE) if each.key in step][:MOST_SERVICES]
    if not steps:
        return see(f"/bundles/{bundle.reference}?refused={'step_closed' if step else 'nothing_chosen'}")
    data = await _filled(session, caller, around, view, steps)
    settle_mode(data, around.catalogue)
    response = see("/")
    draft = await begin(session, get_clients(request).ensure(request, response).key, data, around.now)
    response.headers["location"] = path(draft.id, first_open_step(data, around.catalogue, around.now))
    return response


async def _filled(
    session: WriteSession, caller: Caller, around: Around, view: BundleView, steps: list[Step]
) -> DraftData:
    """From the latest request of the package that whoever books may open; else from the package's own town."""
    data = DraftData(services=[step.service.code for step in steps], bundle=view.bundle.reference)
    before = await _before(session, caller, around, view)
    if before is not None:
        data.applicant = {name: str(getattr(before, name) or "") for name in CONTACT if not before.anonymised_at}
        data.use = before.use
        if before.crs is not None and before.given_lon is not None and before.given_lat is not None:
            data.origin = Origin(lon=before.given_lon, lat=before.given_lat, crs=before.crs)
    town = around.directory.atlas.town_by_code.get(view.bundle.town)
    if data.origin is None and town is not None:
        data.origin = Origin(lon=town.lon, lat=town.lat, crs=Crs.WGS84.value, town=town.code)
    return data


async def _before(session: WriteSession, caller: Caller, around: Around, view: BundleView) -> RequestRow | None:
    """What names people is told to nobody who couldn't read it on the page of that request."""
    references = [reference for step in view.steps for reference in step.references]
    opened = Opened(around.request)
    for reference in reversed(references):
        try:
            if reference in opened:
                return (await open_by_reference(session, around.network, reference)).request
            own = reach_of(caller, Permission.REQUESTS_READ).own
            return (await find_reached(session, around.network, reference, own)).request
        except RequestUnknown:
            continue
    return None
