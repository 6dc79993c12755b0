"""The home page: one question; below it the kinds of services, and the stations, the nearest once a place is known."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from app.booking.pages.frame import Now
from app.booking.places import points
from app.bundles.offered import offered
from app.catalogue.snapshot import Catalogue, CurrentCatalogue
from app.kit.doors import Door
from app.kit.geo import Crs, Point, geodesic_km_many
from app.kit.i18n import LazyString, lazy, tr
from app.kit.problems import Invalid
from app.kit.schemas import Strict
from app.kit.validation import validated
from app.routing.origins import origin_of_point
from app.stations.directory import CurrentDirectory, Directory, approximate
from app.stations.opening import Opening
from app.stations.queries import openings
from app.stations.snapshot import StationFacts
from app.web.templating import page

router = Door()
NEAREST = 5
MOST_ON_MAP = 2000
EXAMPLES: tuple[LazyString, ...] = (
    lazy("pressure gauge verification"),
    lazy("electronic scale"),
    lazy("ISO 9001 certification"),
    lazy("trademark registration"),
    lazy("food testing"),
)


class Here(Strict):
    """Where the visitor is."""

    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    crs: Crs = Crs.WGS84


@dataclass(frozen=True, slots=True)
class Near:
    """A station near the visitor, `km` away."""

    station: StationFacts
    km: float
    opening: Opening
    approximate: bool


@router.get("/")
async def home(request: Request, catalogue: CurrentCatalogue, directory: CurrentDirectory, now: Now) -> HTMLResponse:
    """With `lon`, `lat` and `crs`, also the stations nearest to there."""
    asked = {name: value for name, value in request.query_params.items() if name in Here.model_fields and value.strip()}
    here, errors = None, {}
    try:
        here = _here(asked)
    except Invalid as problem:
        errors = {error.field: error.sentence() for error in problem.errors[:1]}
    near = _nearest(directory, here, now) if here else []
    context = {
        "errors": errors,
        "asked": {"lon": "", "lat": "", "crs": Crs.WGS84.value} | asked,
        "examples": list(_examples(catalogue)),
        "tiles": _tiles(catalogue),
        "packages": [(tr(each, "name"), f"/packages/{each.code}") for each in offered(catalogue)],
        "near": near,
        "points": points(entry.station for entry in near),
        "here": here,
        "maps_all": len(directory.network.stations) <= MOST_ON_MAP,
    }
    return page(request, "booking/home.html", context, status_code=Invalid.status if errors else 200)


def _here(asked: dict[str, str]) -> Point | None:
    """The point that was asked from. Raises Invalid."""
    if not asked.keys() & {"lon", "lat"}:
        return None
    here = validated(Here, asked)
    return origin_of_point(here.lon, here.lat, here.crs).point


def _nearest(directory: Directory, here: Point, now: datetime) -> list[Near]:
    network = directory.network
    km = np.where(network.active, geodesic_km_many(here, network.lons, network.lats), np.inf)
    indices = [int(index) for index in np.argsort(km, kind="stable")[:NEAREST] if np.isfinite(km[index])]
    stations = [network.stations[index] for index in indices]
    return [
        Near(station, float(km[station.index]), opening, approximate(station.coord_class))
        for station, opening in zip(stations, openings(network, stations, now), strict=True)
    ]


def _examples(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Words that people use, and where they lead: to the service that the search finds for them, if there is one."""
    for words in EXAMPLES:
        for hit in catalogue.index.search(str(words), 1):
            yield str(words), f"/book?service={hit.code}"


def _tiles(catalogue: Catalogue) -> list[dict[str, Any]]:
    """The kinds of services that there are, with how many of each."""
    counts = Counter(service.category for service in catalogue.offered)
    return [
        {
            "code": category.code,
            "href": f"/services?category={category.code}",
            "count": counts[category.code],
            "text": "",
        }
        for category in catalogue.categories
        if counts[category.code]
    ]
