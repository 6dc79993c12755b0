"""Stations, counties, towns and the working calendar by JSON and GeoJSON."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, TypeVar, get_args

from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from app.catalogue.snapshot import CurrentCatalogue
from app.kit.clock import local_date, now
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.problems import problem_responses
from app.kit.schemas import Out
from app.kit.tables import csv_response, wants_csv
from app.stations.directory import CurrentDirectory, station_feature
from app.stations.errors import StationUnknown, range_reversed, range_too_long
from app.stations.geojson import MEDIA_TYPE, Document, document
from app.stations.geojson_schemas import CountyCollection, StationCollection
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
AS_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "A page of the list; also as a file."}
}
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What the caller has (`If-None-Match`) is current."}
}


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
    """Stations in use, by code; when asked by words, best first. As a file with `format=csv`."""
    choice = wanted(directory, catalogue, asked.county, asked.service, asked.q)
    page = _page(request, asked, select(directory, choice, local_date(now)), Found.order)
    stations = [each.station for each in page.items]
    standing = openings(directory.network, stations, now)
    items = [StationOut.of(directory.network, *each) for each in zip(stations, standing, strict=True)]
    return _list(request, asked, "stations", StationsPage(items=items, next=page.next, total=page.total))


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
    asked: Annotated[CountiesAsked, Query()], directory: CurrentDirectory, request: Request
) -> Out | Response:
    """Counties in the operator's order, with the codes and names that they had before."""
    page = _page(request, asked, counties(directory), lambda each: (each[0], each[1].adcode))
    items = [CountyOut.of(directory, division) for _, division in page.items]
    return _list(request, asked, "counties", CountiesPage(items=items, next=page.next, total=page.total))


@router.get("/towns", response_model=TownsPage, responses=AS_FILE)
def list_towns(asked: Annotated[TownsAsked, Query()], directory: CurrentDirectory, request: Request) -> Out | Response:
    """Towns and streets with a point each, in the operator's order."""
    found = towns(directory, wanted_county(directory, asked.county), asked.q)
    page = _page(request, asked, found, lambda each: (each[0], each[1].code))
    items = [TownOut.of(town) for _, town in page.items]
    return _list(request, asked, "towns", TownsPage(items=items, next=page.next, total=page.total))


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
    whole = max(len(found), 1) if wants_csv(request, asked.format) else DEFAULT_LIMIT
    return page_of(found, key, asked.cursor, asked.limit or whole)


def _list(request: Request, asked: Paged, name: str, page: StationsPage | CountiesPage | TownsPage) -> Out | Response:
    """The page as it is, or as a file of that name with what one of its items has as columns."""
    if not wants_csv(request, asked.format):
        return page
    [kind] = get_args(type(page).model_fields["items"].annotation)
    return csv_response(name, tuple(kind.model_fields), (dict(item) for item in page.items))


def _document(request: Request, content: Document) -> Response:
    """The document, compressed for who takes that; or word that the caller has it already (RFC 9110, 13.1.2)."""
    squeezed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "ETag": f'"{content.tag}{"-gz" if squeezed else ""}"',
        "Cache-Control": "public, no-cache",
        "Vary": "Accept-Encoding",
    }
    if _has(request.headers.get("if-none-match", ""), content.tag):
        return Response(status_code=304, headers=headers)
    if squeezed:
        return GeoJSON(content.compressed, headers=headers | {"Content-Encoding": "gzip"})
    return GeoJSON(content.body, headers=headers)


def _has(if_none_match: str, tag: str) -> bool:
    tags = {each.strip().removeprefix("W/").strip('"').removesuffix("-gz") for each in if_none_match.split(",")}
    return tag in tags or "*" in tags
