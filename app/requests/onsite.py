"""What the pages show of a visit on site, to the applicant and to the staff who go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.kit.geo import Crs, Point, from_wgs84
from app.requests.masking import site_contact
from app.requests.queries import RequestView
from app.requests.site_words import on_the_way, way_from_station, way_words, window_words
from app.requests.sites import point_of
from app.slots.travel import ONSITE
from app.stations.snapshot import StationFacts

AMAP = "https://uri.amap.com/marker"
DIGITS = 6


@dataclass(frozen=True, slots=True)
class OnSite:
    """In words; what isn't known is empty. `map_url` shows the place in the map program that staff here have.

    `lon` and `lat` are WGS-84, for a map of ours with the `station` as GeoJSON.
    """

    address: str
    window: str
    contact: str
    way: str
    setting_out: str
    distance: str
    map_url: str
    lon: float | None
    lat: float | None
    station: Mapping[str, Any]


def on_site(view: RequestView, *, masked: bool = False) -> OnSite | None:
    """None for a visit that isn't on site. `masked`: who receives staff there is hidden, as in all of a request."""
    if view.request.mode != ONSITE:
        return None
    site, way, appointment, point = view.site, view.way, view.appointment, point_of(view.request)
    contact = site_contact(site, masked=masked) if site else None
    return OnSite(
        address=site.address if site else "",
        window=window_words(site.first_day, site.last_day, site.part_of_day) if site else "",
        contact=" ".join(part for part in (contact.contact_name, contact.contact_phone) if part) if contact else "",
        way=way_words(appointment.travel, way),
        setting_out=on_the_way(appointment.travel, appointment.sets_out) if appointment.travel else "",
        distance=way_from_station(way) if way else "",
        map_url=_map_url(point, view.request.reference) if point else "",
        lon=point.lon if point else None,
        lat=point.lat if point else None,
        station=_as_point(appointment.station),
    )


def _as_point(station: StationFacts) -> Mapping[str, Any]:
    names = ("code", "name_zh", "name_en", "coord_class")
    place = {"type": "Point", "coordinates": [station.lon, station.lat]}
    feature = {"type": "Feature", "geometry": place, "properties": {name: getattr(station, name) for name in names}}
    return {"type": "FeatureCollection", "features": [feature]}


def _map_url(point: Point, name: str) -> str:
    """Amap reads GCJ-02."""
    lon, lat = from_wgs84(point, Crs.GCJ02)
    query = {"position": f"{lon:.{DIGITS}f},{lat:.{DIGITS}f}", "name": name, "coordinate": "gaode"}
    return f"{AMAP}?{urlencode(query)}"
