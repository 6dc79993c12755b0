"""Where somebody is, from what they sent: a point in one of three systems, or a town or division of the list."""

from app.kit.geo import Crs, Point, PointError, locate
from app.routing.errors import point_unusable, town_unknown
from app.routing.rules import Origin
from app.stations.atlas import Atlas

DIVISION_DIGITS = 6


def origin_of_point(lon: float, lat: float, crs: Crs = Crs.WGS84) -> Origin:
    """The place of a point as it was given. Raises Invalid, naming `lon` and `lat`, when it is far outside China."""
    try:
        return Origin(locate(lon, lat, crs), lon, lat, crs)
    except PointError as error:
        raise point_unusable(error) from error


def origin_of_town(atlas: Atlas, code: str) -> Origin:
    """The point of a town (nine digits) or the middle of a division (six), by its present code or a former one.

    A town keeps its last three digits when its division gets another code. Raises Invalid, naming `town`.
    """
    former = {division.adcode: division.now for division in atlas.former}
    division = former.get(code[:DIVISION_DIGITS], code[:DIVISION_DIGITS])
    for known in (code, division + code[DIVISION_DIGITS:]):
        town = atlas.town_by_code.get(known)
        if town is not None:
            return Origin(Point(town.lon, town.lat), town.lon, town.lat, town=town.code)
    county = atlas.division_by_code.get(division) if len(code) == DIVISION_DIGITS else None
    if county is None or county.label_lon is None or county.label_lat is None:
        raise town_unknown(code)
    return Origin(Point(county.label_lon, county.label_lat), county.label_lon, county.label_lat, town=county.adcode)
