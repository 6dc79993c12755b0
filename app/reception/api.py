"""Reception for programs: labels, every link of a chain with its pictures, and the lists of a station."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response

from app.accounts.callers import GUARDED, allowed
from app.accounts.errors import SignInNeeded
from app.accounts.rules.rights import Permission
from app.files.errors import FileMissing
from app.files.service import open_file
from app.files.store import FileStore
from app.kit.db import Reading, RetryingRoute
from app.kit.doors import Door
from app.kit.problems import Invalid, TooMany, problem_responses
from app.reception.codes import thing_code
from app.reception.errors import CustodyMoved, NotExpected, ThingUnknown
from app.reception.lists import View
from app.reception.queries import chains, photo_of, things_of
from app.reception.rules import Action
from app.reception.schemas import (
    LabelledOut,
    LabelsIn,
    LinkIn,
    RowsOut,
    ThingOut,
    ThingsOut,
    WholeThingOut,
    link_out,
    row_out,
    thing_out,
)
from app.reception.service import MOST_PHOTOS
from app.reception.working import AtReception, Looking, Shown, Watching
from app.requests.access import MayAccess, slowed
from app.requests.errors import AppointmentAhead, InvalidTransition, ItemUnknown, RequestUnknown
from app.slots.errors import StationUnknown
from app.web.bodies import JSON, MULTIPART, form_of, is_form, json_of, judged, parts_of
from app.web.downloads import attachment

router = Door(tags=["reception"], route_class=RetryingRoute)
READ = Depends(allowed(Permission.REQUESTS_READ))
HANDLE = Depends(allowed(Permission.REQUESTS_HANDLE))
StationCode = Annotated[str, Path(max_length=32)]
ThingCode = Annotated[str, Path(max_length=40, examples=["WJ-7K3M-9QXD-J"])]
UNKNOWN = (Invalid, RequestUnknown, SignInNeeded, TooMany)
MAY = (*GUARDED, StationUnknown, Invalid)
THING = "/reception/{station}/things/{code}"


class Verb(StrEnum):
    """A step as it stands in an address."""

    RECEIVE = "receive"
    MOVE = "move"
    NOTE = "note"
    SEND_ON = "send-on"
    TAKE_IN = "take-in"
    RETURN = "return"

    @property
    def action(self) -> Action:
        return Action(self.replace("-", "_"))


def _body() -> dict[str, Any]:
    """The body as JSON, or as a form where pictures come along."""
    said = LinkIn.model_json_schema()
    fields = {**said["properties"], "condition": {"type": "string", "enum": ["sound", "marked"]}}
    pictures = {"type": "array", "maxItems": MOST_PHOTOS, "items": {"type": "string", "format": "binary"}}
    whole = {"type": "object", "additionalProperties": False}
    content = {
        JSON: {"schema": {**whole, "properties": fields}},
        MULTIPART: {"schema": {**whole, "properties": {**fields, "photos": pictures}}},
    }
    return {"requestBody": {"required": True, "content": content}}


@router.get("/reception/{station}/things", dependencies=[READ], responses=problem_responses(*MAY))
async def listed(
    station: StationCode, at: Watching, view: View = View.HERE, cursor: Annotated[str, Query(max_length=200)] = ""
) -> RowsOut:
    """What lies at a station, is elsewhere, should have been fetched or sent back by now, or was given back."""
    rows, onward = await at.lists(at.station(station, Permission.REQUESTS_READ)).rows(view, cursor)
    return RowsOut(items=[row_out(row) for row in rows], next=onward or None)


@router.post(
    "/reception/{station}/labels",
    status_code=201,
    dependencies=[HANDLE],
    responses=problem_responses(*MAY, RequestUnknown, ItemUnknown),
)
async def label(station: StationCode, sent: LabelsIn, at: AtReception) -> LabelledOut:
    """A code for each piece that is handed in, to stand on its label; those that have one keep it."""
    found = at.station(station, Permission.REQUESTS_HANDLE)
    things = await at.label(found, sent.reference, sent.parts)
    codes = _codes(at)
    return LabelledOut(
        reference=sent.reference, things=[ThingOut.model_validate(thing_out(thing, codes)) for thing in things]
    )


@router.get(THING, dependencies=[READ], responses=problem_responses(*MAY, ThingUnknown))
async def one(station: StationCode, code: ThingCode, at: Watching) -> WholeThingOut:
    """A thing with which the station has to do, and its chain."""
    shown = await at.thing(at.station(station, Permission.REQUESTS_READ), code)
    return _whole(shown, _codes(at))


@router.post(
    f"{THING}/{{verb}}",
    dependencies=[HANDLE],
    responses=problem_responses(
        *MAY, ThingUnknown, CustodyMoved, NotExpected, InvalidTransition, AppointmentAhead, RequestUnknown
    ),
    openapi_extra=_body(),
)
async def act(request: Request, station: StationCode, code: ThingCode, verb: Verb, at: AtReception) -> WholeThingOut:
    """One link of the chain. What isn't possible where the thing is, is 409 `custody_moved`, which names where it is.

    To take in what is handed in is also a step of the request, with the same conditions.
    """
    found = at.station(station, Permission.REQUESTS_HANDLE)
    exact = thing_code(code)
    if exact is None:
        raise ThingUnknown
    custody = at.custody(found)
    if not is_form(request):
        sent = await json_of(request, LinkIn)
        await custody.act(exact, verb.action, sent.handover())
    else:
        async with form_of(request) as form:
            said, photos = parts_of(form, "photos")
            await custody.act(exact, verb.action, judged(LinkIn, _numbered(said)).handover(), photos)
    return _whole(await at.thing(found, exact), _codes(at))


@router.get("/requests/{reference}/things", dependencies=[Depends(slowed)], responses=problem_responses(*UNKNOWN))
async def of_request(access: MayAccess, session: Reading) -> ThingsOut:
    """What was handed in with a request and where it is; the applicant isn't told which of the staff had it."""
    seen = await access.open(session, Permission.REQUESTS_READ)
    things = await things_of(session, seen.view.request.id)
    found = await chains(session, [thing.id for thing in things])
    codes = {each.id: each.code for each in access.network.stations}
    return ThingsOut(
        things=[_whole(Shown(thing, seen.view, found[thing.id]), codes, as_staff=seen.as_staff) for thing in things]
    )


@router.get(
    "/requests/{reference}/things/{code}/photos/{file_id}",
    response_class=Response,
    dependencies=[Depends(slowed)],
    responses={200: {"content": {"*/*": {}}}, **problem_responses(*UNKNOWN, FileMissing)},
)
async def photo(request: Request, access: MayAccess, session: Reading, code: ThingCode, file_id: UUID) -> Response:
    """A picture of something that was handed in with the request."""
    seen = await access.open(session, Permission.REQUESTS_READ)
    exact = thing_code(code)
    for thing in await things_of(session, seen.view.request.id):
        if thing.code == exact and (file := await photo_of(session, thing, file_id)):
            store: FileStore = request.app.state.files
            parts = await open_file(store, file)
            return attachment(parts, name=file.name, media_type=file.media_type, size=file.size)
    raise FileMissing


def _codes(at: Looking) -> dict[int, str]:
    return {each.id: each.code for each in at.network.stations}


def _whole(shown: Shown, codes: dict[int, str], *, as_staff: bool = True) -> WholeThingOut:
    values = thing_out(shown.thing, codes)
    if not as_staff:
        values["place"] = None
    chain = [link_out(each, codes, as_staff=as_staff) for each in shown.chain]
    return WholeThingOut.model_validate({**values, "reference": shown.view.request.reference, "chain": chain})


def _numbered(said: Mapping[str, str]) -> dict[str, Any]:
    """A form knows texts only: the number is read."""
    given: dict[str, Any] = dict(said)
    if (seen := given.get("seen", "")) and seen.isascii() and seen.isdecimal():
        given["seen"] = int(seen)
    return given
