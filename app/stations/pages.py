"""The list of stations beside their map, and a page for each station."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.catalogue.snapshot import CurrentCatalogue
from app.kit.clock import local_date, now
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.problems import Invalid
from app.kit.validation import validated
from app.stations.atlas import DivisionFacts
from app.stations.directory import CurrentDirectory, Directory
from app.stations.queries import Wanted, offers, openings, station_of, wanted
from app.stations.schemas import County, Service, Words
from app.stations.views import groups, in_order, listed, points, services_context, station_context
from app.web.templating import page

router = Door()
Now = Annotated[datetime, Depends(now)]
PER_PAGE = 100
LONGEST_FIND = 100
FEW_SERVICES = 40
FEW_DIVISIONS = 12


class Filter(BaseModel):
    """What the list is narrowed to. Other names in the query are let pass: links gather them on their way."""

    county: County = ""
    service: Service = ""
    q: Words = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1


class Current:
    """The network and the catalogue of this moment."""

    def __init__(self, directory: CurrentDirectory, catalogue: CurrentCatalogue) -> None:
        self.directory = directory
        self.catalogue = catalogue


# Plain functions run in a thread, as in `api`.
@router.get("/stations")
def stations_page(request: Request, current: Annotated[Current, Depends()], now: Now) -> HTMLResponse:
    """The list with its filter, and the map with what stands in the list."""
    directory = current.directory
    asked = {name: value for name, value in request.query_params.items() if value.strip()}
    try:
        chosen = validated(Filter, asked)
        choice = wanted(directory, current.catalogue, chosen.county, chosen.service, chosen.q)
    except Invalid as problem:
        return _refused(request, current, asked, problem)
    found = in_order(directory, choice, local_date(now))
    start = (chosen.page - 1) * PER_PAGE
    shown = listed(directory, choice, found[start : start + PER_PAGE], now)
    context = _filter_context(current, asked) | {
        "choice": choice,
        "total": len(found),
        "groups": groups(directory, choice, shown),
        "points": points(entry.station for entry in shown),
        "removals": _removals(choice, asked),
        "previous": address(asked, page=chosen.page - 1) if start and shown else "",
        "following": address(asked, page=chosen.page + 1) if len(found) > start + PER_PAGE else "",
        "today": local_date(now),
    }
    return page(request, "stations/list.html", context)


def _refused(request: Request, current: Current, asked: Mapping[str, str], problem: Invalid) -> HTMLResponse:
    """The filter again with what is wrong in it, and what may have been meant as links."""
    errors = {error.field: error.sentence() for error in problem.errors}
    meant = [
        (each, address(asked, **{name: each["code"]}))
        for name in ("county", "service")
        if name in errors
        for each in problem.data.get("suggestions", ())
    ]
    context = _filter_context(current, asked)
    fields = {"q", "service"} if context["few_divisions"] else {"q", "service", "county"}
    summary = [(name if name in fields else "", sentence) for name, sentence in errors.items()]
    context |= {"errors": errors, "summary": summary, "meant": meant}
    return page(request, "stations/list.html", context, status_code=problem.status)


def _filter_context(current: Current, asked: Mapping[str, str]) -> dict[str, Any]:
    return {
        "asked": {name: asked.get(name, "") for name in Filter.model_fields},
        "counties": _counties(current.directory, asked),
        "few_divisions": len(current.directory.atlas.divisions) <= FEW_DIVISIONS,
        "categories": current.catalogue.categories,
        "offered": current.catalogue.offered,
        "errors": {},
        "summary": [],
        "meant": [],
    }


def _counties(directory: Directory, asked: Mapping[str, str]) -> list[tuple[DivisionFacts | None, int, str]]:
    """All, and each county: its stations in use and the address of its part of the list."""
    counts = directory.station_counts
    parts: list[tuple[DivisionFacts | None, int, str]] = [(None, counts.total(), address(asked, county=""))]
    return parts + [
        (each, counts[each.adcode], address(asked, county=each.adcode)) for each in directory.atlas.divisions
    ]


def _removals(choice: Wanted, asked: Mapping[str, str]) -> list[tuple[object, str]]:
    """Each thing the list is narrowed to, with the address that is narrowed no longer."""
    parts = (("county", choice.county), ("service", choice.service), ("q", choice.q))
    return [(value, address(asked, **{name: ""})) for name, value in parts if value]


def address(asked: Mapping[str, str], **changed: object) -> str:
    """The list's address with other values; a changed filter begins at its first page."""
    kept = {name: asked[name] for name in ("county", "service", "q") if name in asked}
    query = {name: value for name, value in (kept | changed).items() if value not in ("", 1)}
    return f"/stations?{urlencode(query)}" if query else "/stations"


@router.get("/stations/{code}")
async def station_page(
    request: Request, code: str, current: Annotated[Current, Depends()], database: Hot, now: Now
) -> HTMLResponse:
    """A station: when it is open, where it is, what it does; of its services those that `find` finds."""
    station = station_of(current.directory, code)
    [opening] = openings(current.directory.network, [station], now)
    every = await offers(database, station)
    find = request.query_params.get("find", "").strip()[:LONGEST_FIND]
    hits = {hit.code for hit in current.catalogue.index.search(find, len(current.catalogue.services))}
    found = [offer for offer in every if not find or offer.code in hits]
    context = station_context(current.directory, current.catalogue.category_by_code, station, now) | services_context(
        found, local_date(now)
    )
    context |= {
        "opening": opening,
        "find": find,
        "found_count": len(found),
        "service_count": len(every),
        "few_services": len(every) <= FEW_SERVICES,
    }
    return page(request, "stations/station.html", context)
