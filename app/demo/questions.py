"""What was looked for in a demo's past: questions to routing as counts, most answered, those of rare services not."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from app.demand.rules import Outcome, cell_of
from app.demo.world import World
from app.kit.geo import Point
from app.stations.facts import ServiceFacts

A_DAY, RARE = 40, 12
ROUTED_SHARE = 0.8
UNMET = Outcome.NOT_CAPABLE, Outcome.NOT_DESIGNATED, Outcome.BEYOND_REACH, Outcome.NO_FREE_TIME
WEIGHTS = 4, 2, 3, 3


def questions(world: World, today: date, days: int) -> Iterator[tuple[Any, ...]]:
    """Rows of question_count, up to yesterday; nobody has asked them, so they say nothing of anybody."""
    random, rare = world.random, _rare(world)
    counted: Counter[tuple[Any, ...]] = Counter()
    for n in range(1, days + 1):
        for _ in range(A_DAY):
            station = random.choice(world.sites).station
            routed = random.random() < ROUTED_SHARE
            service = random.choice(world.network.services if routed else rare)
            outcome = Outcome.ROUTED if routed else random.choices(UNMET, WEIGHTS)[0]
            x, y = cell_of(Point(station.lon + random.gauss(0, 0.02), station.lat + random.gauss(0, 0.02)))
            counted[today - timedelta(days=n), service.id, "station", x, y, outcome.value, station.county_adcode] += 1
    seen: dict[tuple[Any, ...], str] = {}
    for (day, service_id, mode, x, y, outcome, county), many in counted.items():
        if seen.setdefault((day, service_id, mode, x, y, outcome), county) == county:
            yield day, service_id, mode, x, y, outcome, county, many


def _rare(world: World) -> list[ServiceFacts]:
    """The services that the fewest stations do."""
    offered = (world.network.offers > 0).sum(axis=1)
    active = [each for each in world.network.services if each.active]
    return sorted(active, key=lambda each: (int(offered[each.index]), each.code))[:RARE]
