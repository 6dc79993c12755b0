"""The calendars of one's own account, where their addresses are made and revoked; and what the addresses answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import SignedIn
from app.accounts.rules.rights import Caller, Permission
from app.accounts.service.organisations import person_of
from app.feeds import service
from app.feeds.calendar_file import feed_file, tag_of
from app.feeds.errors import FeedInUse
from app.feeds.models import CalendarFeed
from app.feeds.queries import feeds_of, look
from app.kit import clock
from app.kit.db import Hot, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.kit.problems import NotFound
from app.stations.directory import CurrentDirectory, Directory
from app.stations.snapshot import CurrentNetwork, StationFacts
from app.web.limits import limited
from app.web.templating import page

router = Door(route_class=RetryingRoute)
HERE = "/account/calendars"
SEE_OTHER, FORM_AGAIN, NOT_MODIFIED = 303, 422, 304
SECRET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
SHARED_BY_NOBODY = {"Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
FEW_STATIONS = 200
Groups = list[tuple[str, list[tuple[str, str]]]]
Now = Annotated[datetime, Depends(clock.now)]


@router.get("/feeds/{secret}.ics", dependencies=[Depends(limited("feed"))])
async def feed(
    request: Request, secret: Annotated[str, Path(max_length=100)], database: Hot, network: CurrentNetwork, now: Now
) -> Response:
    """The calendar, for programs: they show no cookie, the address is all. Raises NotFound, the same for any reason."""
    found = await look(database, secret, now)
    if found is None:
        raise NotFound
    base = address_of(request)
    headers = {**SHARED_BY_NOBODY, "ETag": tag_of(found, network, base), "Content-Language": found.language}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(feed_file(found, network, base), headers=headers, media_type="text/calendar")


@dataclass(frozen=True, slots=True)
class Own:
    """One call of a page of the caller's own calendars."""

    request: Request
    caller: Caller
    session: AsyncSession
    directory: Directory
    now: datetime

    def name(self, feed: CalendarFeed) -> str:
        if feed.station_id is None:
            return _("My own appointments")
        return tr(self.directory.network.station_by_id[feed.station_id], "name")

    def reaches(self, station: StationFacts) -> bool:
        return self.caller.scope(Permission.REQUESTS_READ).reaches(station.id, station.county_adcode)

    def works(self, feed: CalendarFeed) -> bool:
        """Whether it shows anything to its person, whose roles may have changed since it was made."""
        return feed.station_id is None or self.reaches(self.directory.network.station_by_id[feed.station_id])

    async def one(self, feed_id: UUID) -> CalendarFeed:
        """A feed of one's own that is in use. Raises NotFound."""
        for each in await feeds_of(self.session, person_of(self.caller)):
            if each.id == feed_id:
                return each
        raise NotFound

    def show(self, name: str, context: dict[str, Any], *, again: bool = False) -> HTMLResponse:
        full = {"current": self.request.url.path, **context}
        return page(self.request, f"feeds/{name}", full, status_code=FORM_AGAIN if again else 200, headers=SECRET)


async def own(request: Request, caller: SignedIn, session: Writing, directory: CurrentDirectory, now: Now) -> Own:
    return Own(request, caller, session, directory, now)


Mine = Annotated[Own, Depends(own)]


@router.get(HERE)
async def calendars(own: Mine, revoked: str = "") -> HTMLResponse:
    return await list_page(own, {}, revoked=revoked == "yes")


@router.post(HERE)
async def make(
    own: Mine,
    whose: Annotated[str, Form(max_length=10)] = "",
    code: Annotated[str, Form(alias="station", max_length=32)] = "",
) -> HTMLResponse:
    """The answer itself shows the address: loading it again asks whether to send the form again."""
    station = chosen(own, code) if whose == "station" else None
    if whose == "station" and station is None:
        return await list_page(own, {"station": _("Choose the station whose appointments you want.")}, typed=code)
    try:
        secret = await service.make(own.session, own.caller, station, own.now)
    except FeedInUse as problem:
        return await list_page(own, {"station" if station else "": problem.sentence()}, typed=code)
    return made_page(own, secret, tr(station, "name") if station else _("My own appointments"))


@router.get(f"{HERE}/{{feed_id}}/revoke")
async def ask_to_revoke(own: Mine, feed_id: UUID) -> HTMLResponse:
    found = await own.one(feed_id)
    return own.show("sure.html", {"name": own.name(found), "anew": False})


@router.post(f"{HERE}/{{feed_id}}/revoke")
async def revoke(own: Mine, feed_id: UUID) -> Response:
    """Without a fresh proof: it takes something away, and may be urgent."""
    await service.revoke(own.session, own.caller, feed_id, own.now)
    return RedirectResponse(f"{HERE}?revoked=yes", SEE_OTHER, SECRET)


@router.get(f"{HERE}/{{feed_id}}/anew")
async def ask_to_make_anew(own: Mine, feed_id: UUID) -> HTMLResponse:
    found = await own.one(feed_id)
    return own.show("sure.html", {"name": own.name(found), "anew": True})


@router.post(f"{HERE}/{{feed_id}}/anew")
async def make_anew(own: Mine, feed_id: UUID) -> HTMLResponse:
    name = own.name(await own.one(feed_id))
    return made_page(own, await service.make_anew(own.session, own.caller, feed_id, own.now), name)


def chosen(own: Own, code: str) -> StationFacts | None:
    """The station of this code, if its requests may be read by whoever asks."""
    network = own.directory.network
    index = network.station_index.get(code.strip().upper())
    station = None if index is None else network.stations[index]
    return station if station and own.reaches(station) else None


async def list_page(own: Own, errors: dict[str, str], *, typed: str = "", revoked: bool = False) -> HTMLResponse:
    found = await feeds_of(own.session, person_of(own.caller))
    context = {
        "feeds": [(each, own.name(each), own.works(each)) for each in found],
        "has_own": any(each.station_id is None for each in found),
        "staff": own.caller.may(Permission.REQUESTS_READ),
        "station_groups": groups(own),
        "typed": typed,
        "errors": errors,
        "revoked": revoked,
    }
    return own.show("calendars.html", context, again=bool(errors))


def groups(own: Own) -> Groups | None:
    """The stations to choose from by county; None where there are too many for a list: then a code is typed."""
    reached = [each for each in own.directory.network.stations if own.reaches(each)]
    if len(reached) > FEW_STATIONS:
        return None
    by_county = [
        (tr(county, "name"), [(each.code, tr(each, "name")) for each in reached if each.county_adcode == county.adcode])
        for county in own.directory.atlas.divisions
    ]
    return [group for group in by_county if group[1]]


def made_page(own: Own, secret: str, name: str) -> HTMLResponse:
    url = f"{address_of(own.request)}/feeds/{secret}.ics"
    return own.show("made.html", {"url": url, "webcal": f"webcal://{url.partition('://')[2]}", "name": name})


def address_of(request: Request) -> str:
    """The installation's public address, without a slash at its end."""
    public = request.app.state.settings.web.public_url
    return str(public or request.base_url).rstrip("/")
