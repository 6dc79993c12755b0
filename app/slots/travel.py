"""How long staff are on the way to a visit at the applicant's site, and back: estimated from a distance. Pure.

No road network is kept, so the straight line is stretched to a road and driven at one speed. The time is taken before
the visit and once more after it, at the desk of whoever goes, so that nobody is booked where they can't be yet.
"""

import math

from app.kit.geo import Point, geodesic_km
from app.kit.ticks import ticks_for
from app.stations.snapshot import StationFacts

ONSITE = "onsite"
DETOUR = 1.3
"""Kilometres of road for one as the crow flies: between 1.2 and 1.4 in most road networks."""
SPEED_KMH = 40.0
"""From door to door: town streets at 25, county roads at 60."""
FIXED_MIN = 10
"""Packing the instruments, parking, the gate."""
LEAST_MIN = 15
"""Also to the house next door."""
MOST_MIN = 90
"""Some 40 km. Of a longer way the rest lies before the station opens and after it closes."""
UNKNOWN_MIN = 30
"""When nobody has said where: some 10 km, half the distance between two stations of the reference network."""


def travel_ticks(km: float) -> int:
    """Ticks of one way over `km` as the crow flies, rounded up to whole ones."""
    minutes = FIXED_MIN + km * DETOUR / SPEED_KMH * 60
    return ticks_for(math.ceil(min(max(minutes, LEAST_MIN), MOST_MIN)))


def travel_to(station: StationFacts, site: Point | None) -> int:
    """Ticks of one way from a station to a site; of a site that isn't known, what is kept free for want of better."""
    if site is None:
        return ticks_for(UNKNOWN_MIN)
    return travel_ticks(geodesic_km(Point(station.lon, station.lat), site))


def travel(station: StationFacts, mode: str, site: Point | None) -> int:
    """The same for a visit in a mode: nobody travels but on site."""
    return travel_to(station, site) if mode == ONSITE else 0
