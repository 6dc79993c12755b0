"""Stations, counties, towns and the working calendar by JSON and GeoJSON."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, TypeVar, get_args

from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from app.catalogue.snapshot import CurrentCatalogue
from app.kit.clock import LOCAL, local_date, now
from app.kit.conditional import (
    NOT_MODIFIED,
    Document,
    Sheet,
    has,
    headers_of,
    not_modified,
    sheet_answer,
    sheet_kind,
    squeezes,
)
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.problems import problem_responses
from app.kit.schemas import Out
from app.kit.tables import CSV, XLSX, as_file
from app.stations.directory import CurrentDirectory, station_feature
from app.stations.errors import StationUnknown, range_reversed, range_too_long
from app.stations.geojson import MEDIA_TYPE, document
from app.stations.geojson_schemas import CountyCollection, StationCollection
from app.stations.opening import Opening
from app.stations.place_schemas import CountiesPage, CountyOut, DayOut, DaysAsked, DaysPage, TownOut, TownsPage
from app.stations.queries import (
    Found,
    Key,
    Page,
    counties,
    offers,
    openings,
    page_of,
    select,
    station_of,
    towns,
    wanted,
    wanted_county,
)
from app.stations.schemas import (
    CountiesAsked,
    CountyChoice,
    Paged,
    StationChoice,
    StationDetail,
    StationOut,
    StationsAsked,
    StationsPage,
    TownsAsked,
)
from app.stations.snapshot import CurrentNetwork

router = Door(tags=["stations"])
Now = Annotated[datetime, Depends(now)]
ONE_DAY, DEFAULT_DAYS, MOST_DAYS = timedelta(days=1), 30, 731
DEFAULT_LIMIT = 50
T = TypeVar("T")
Listed = tuple[StationsPage | CountiesPage | TownsPage, datetime | None]
"""A page, and when it will be another one though the network stays."""
AS_FILE = as_file(CSV, XLSX) | NOT_MODIFIED


class GeoJSON(JSONResponse):
    """A document that is kept as bytes. Being JSON, it is described by its model in the OpenAPI document."""

    media_type = MEDIA_TYPE

    def render(self, content: bytes) -> bytes:
        return content


# Plain functions run in a thread: looking through 41,352 stations must not hold up everybody else.
@router.get("/stations", response_model=StationsPage, responses=AS_FILE)
def list_stations(
    asked: Annotated[StationsAsked, Query()],
    directory: CurrentDirectory,
    catalogue: CurrentCatalogue,
    request: Request,
    now: Now,
) -> Out | Response:
    """Stations in use, by code; when asked by words, best first. As a file with `format=csv` or `xlsx`."""

    def listed() -> Listed:
        choice = wanted(directory, catalogue, asked.county, asked.service, asked.q)
        page = _page(request, asked, select(directory, choice, local_date(now)), Found.order)
        stations = [each.station for each in page.items]
        standing = openings(directory.network, stations, now)
        items = [StationOut.of(directory.network, *each) for each in zip(stations, standing, strict=True)]
        until = min([midnight_after(now), *filter(None, map(turn, standing))])
        return StationsPage(items=items, next=page.next, total=page.total), until

    return _list(request, asked, ("stations", directory.network.version), now, listed)


@router.get("/stations/{code}", responses=problem_responses(StationUnknown))
async def get_station(code: str, directory: CurrentDirectory, database: Hot, now: Now) -> StationDetail:
    """A station with its hours, coming closures, desks and services."""
    station = station_of(directory, code)
    [opening] = openings(directory.network, [station], now)
    return StationDetail.whole(directory.network, station, opening, await offers(database, station), now)


@router.get("/stations.geojson", response_class=GeoJSON, response_model=StationCollection, responses=NOT_MODIFIED)
def stations_geojson(
    asked: Annotated[StationChoice, Query()],
    directory: CurrentDirectory,
    catalogue: CurrentCatalogue,
    request: Request,
    now: Now,
) -> Response:
    """The points of stations in use."""
    choice = wanted(directory, catalogue, asked.county, asked.service, asked.q)
    if choice.everything:
        return _document(request, directory.stations_document)
    found = select(directory, choice, local_date(now))
    return _document(request, document([station_feature(each.station) for each in found]))


@router.get("/counties.geojson", response_class=GeoJSON, response_model=CountyCollection, responses=NOT_MODIFIED)
def counties_geojson(
    asked: Annotated[CountyChoice, Query()], directory: CurrentDirectory, request: Request
) -> Response:
    """The boundaries of the counties; of one when asked for."""
    county = wanted_county(directory, asked.county)
    if county is None:
        return _document(request, directory.counties_document)
    return _document(request, document([directory.county_feature(county)]))


@router.get("/counties", response_model=CountiesPage, responses=AS_FILE)
def list_counties(
    asked: Annotated[CountiesAsked, Query()], directory: CurrentDirectory, request: Request, now: Now
) -> Out | Response:
    """Counties in the operator's order, with the codes and names that they had before."""

    def listed() -> Listed:
        page = _page(request, asked, counties(directory), lambda each: (each[0], each[1].adcode))
        items = [CountyOut.of(directory, division) for _, division in page.items]
        return CountiesPage(items=items, next=page.next, total=page.total), None

    return _list(request, asked, ("counties", directory.network.version), now, listed)


@router.get("/towns", response_model=TownsPage, responses=AS_FILE)
def list_towns(
    asked: Annotated[TownsAsked, Query()], directory: CurrentDirectory, request: Request, now: Now
) -> Out | Response:
    """Towns and streets with a point each, in the operator's order."""

    def listed() -> Listed:
        found = towns(directory, wanted_county(directory, asked.county), asked.q)
        page = _page(request, asked, found, lambda each: (each[0], each[1].code))
        items = [TownOut.of(town) for _, town in page.items]
        return TownsPage(items=items, next=page.next, total=page.total), None

    return _list(request, asked, ("towns", directory.network.version), now, listed)


@router.get("/calendar")
def list_days(asked: Annotated[DaysAsked, Query()], network: CurrentNetwork, now: Now) -> DaysPage:
    """What each day is: worked or not, a holiday, a make-up day; provisional while its year is not announced."""
    first = asked.first or local_date(now)
    last = asked.last or first + min(timedelta(days=DEFAULT_DAYS), date.max - first)
    if last < first:
        raise range_reversed()
    if (last - first).days >= MOST_DAYS:
        raise range_too_long(MOST_DAYS)
    days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    return DaysPage(items=[DayOut.of(day, network.calendar.kind(day)) for day in days])


def _page(request: Request, asked: Paged, found: Sequence[T], key: Callable[[T], Key]) -> Page[T]:
    whole = max(len(found), 1) if sheet_kind(request, asked.format) else DEFAULT_LIMIT
    return page_of(found, key, asked.cursor, asked.limit or whole)


def _list(
    request: Request, asked: Paged, follows: tuple[str, int], now: datetime, listed: Callable[[], Listed]
) -> Out | Response:
    """The page as it is; or as a file with what one of its items has as columns, unless the caller has that already.

    `follows` is the file's name and the network's version.
    """
    kind = sheet_kind(request, asked.format)
    if kind is None:
        return listed()[0]

    def sheet() -> Sheet:
        page, until = listed()
        [item] = get_args(type(page).model_fields["items"].annotation)
        return Sheet(follows[0], tuple(item.model_fields), [dict(each) for each in page.items], until)

    return sheet_answer(request, kind, (*follows, asked.model_dump_json()), now, sheet)


def turn(opening: Opening) -> datetime | None:
    """When a station that stands so will stand otherwise."""
    return opening.closes_at if opening.open_now else opening.opens_next


def midnight_after(moment: datetime) -> datetime:
    """When the day ends there: what is offered and how long ahead one looks goes by days."""
    return datetime.combine(local_date(moment) + ONE_DAY, time(), LOCAL)


def _document(request: Request, content: Document) -> Response:
    """The document, compressed for who takes that; or word that the caller has it already."""
    if has(request, content.tag):
        return not_modified(request, "geojson", content.tag)
    body = content.compressed if squeezes(request) else content.body
    return GeoJSON(body, headers=headers_of(request, "geojson", content.tag))
