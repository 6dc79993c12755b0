"""Stations, counties, towns and the working calendar by JSON and GeoJSON."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from app.kit.clock import local_date, now
from app.kit.db import Hot
from app.kit.problems import problem_responses
from app.stations.directory import CurrentDirectory, station_feature
from app.stations.errors import StationUnknown, range_reversed, range_too_long
from app.stations.geojson import MEDIA_TYPE, Document, document
from app.stations.geojson_schemas import CountyCollection, StationCollection
from app.stations.queries import (
    Found,
    counties,
    offers,
    openings,
    page_of,
    select,
    station_of,
    towns,
    wanted,
)
from app.stations.schemas import (
    CountiesAsked,
    CountiesPage,
    CountyChoice,
    CountyOut,
    DayOut,
    DaysAsked,
    DaysPage,
    StationChoice,
    StationDetail,
    StationOut,
    StationsAsked,
    StationsPage,
    TownOut,
    TownsAsked,
    TownsPage,
)
from app.stations.snapshot import CurrentNetwork

router = APIRouter(tags=["stations"])
Now = Annotated[datetime, Depends(now)]
ONE_DAY, DEFAULT_DAYS, MOST_DAYS = timedelta(days=1), 30, 731
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What the caller has (`If-None-Match`) is current."}
}


class GeoJSON(Response):
    media_type = MEDIA_TYPE


# Plain functions run in a thread: looking through 41,352 stations must not hold up everybody else.
@router.get("/stations")
def list_stations(asked: Annotated[StationsAsked, Query()], directory: CurrentDirectory, now: Now) -> StationsPage:
    """Stations in use, by code; when asked by words, best first."""
    found = select(directory, wanted(directory, asked.county, asked.service, asked.q), local_date(now))
    page = page_of(found, Found.order, asked.cursor, asked.limit)
    stations = [each.station for each in page.items]
    network = directory.network
    items = [StationOut.of(network, *pair) for pair in zip(stations, openings(network, stations, now), strict=True)]
    return StationsPage(items=items, next=page.next, total=page.total)


@router.get("/stations/{code}", responses=problem_responses(StationUnknown))
async def get_station(code: str, directory: CurrentDirectory, database: Hot, now: Now) -> StationDetail:
    """A station with its hours, coming closures, desks and services."""
    station = station_of(directory, code)
    [opening] = openings(directory.network, [station], now)
    return StationDetail.whole(directory.network, station, opening, await offers(database, station), now)


@router.get("/stations.geojson", response_class=GeoJSON, response_model=StationCollection, responses=NOT_MODIFIED)
def stations_geojson(
    asked: Annotated[StationChoice, Query()], directory: CurrentDirectory, request: Request, now: Now
) -> Response:
    """The points of stations in use."""
    choice = wanted(directory, asked.county, asked.service, asked.q)
    if choice.everything:
        return _document(request, directory.stations_document)
    found = select(directory, choice, local_date(now))
    return _document(request, document([station_feature(each.station) for each in found]))


@router.get("/counties.geojson", response_class=GeoJSON, response_model=CountyCollection, responses=NOT_MODIFIED)
def counties_geojson(
    asked: Annotated[CountyChoice, Query()], directory: CurrentDirectory, request: Request
) -> Response:
    """The boundaries of the counties."""
    county = wanted(directory, asked.county).county
    if county is None:
        return _document(request, directory.counties_document)
    return _document(request, document([directory.county_feature(county)]))


@router.get("/counties")
def list_counties(asked: Annotated[CountiesAsked, Query()], directory: CurrentDirectory) -> CountiesPage:
    """Counties in the operator's order, with the codes and names that they had before."""
    page = page_of(counties(directory), lambda each: (each[0], each[1].adcode), asked.cursor, asked.limit)
    items = [CountyOut.of(directory, division) for _, division in page.items]
    return CountiesPage(items=items, next=page.next, total=page.total)


@router.get("/towns")
def list_towns(asked: Annotated[TownsAsked, Query()], directory: CurrentDirectory) -> TownsPage:
    """Towns and streets with a point each, in the operator's order."""
    found = towns(directory, wanted(directory, asked.county).county, asked.q)
    page = page_of(found, lambda each: (each[0], each[1].code), asked.cursor, asked.limit)
    return TownsPage(items=[TownOut.of(town) for _, town in page.items], next=page.next, total=page.total)


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
