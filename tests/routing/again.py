"""Routing done a second time, as plainly as possible: loops over stations, no arrays, distances by pyproj."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from app.catalogue.rules import Use
from app.kit.ticks import floor_tick
from app.routing.rules import Policy, Question
from app.stations.snapshot import ServiceFacts
from tests.routing.nets import GEOD, NOW, Can, Diary, Stop

CHECKS = (
    "not_capable",
    "not_designated",
    "capability_expired",
    "mode_not_offered",
    "inactive",
    "closed",
    "no_free_time",
)


@dataclass
class Seen:
    """One station as it stands for one question."""

    index: int
    km: float
    order: tuple[float, int]
    failed: dict[int, str] = field(default_factory=dict)
    covers: tuple[int, ...] = ()
    start: int | None = None
    why: str | None = None


@dataclass
class Expected:
    """What routing should answer."""

    candidates: list[tuple[int, int, tuple[int, ...]]]
    passed_over: list[tuple[int, str]]
    escalated: bool


def kilometres(asked: Question, stop: Stop) -> float:
    return GEOD.inv(asked.origin.point.lon, asked.origin.point.lat, stop.lon, stop.lat)[2] / 1000


def may(stop: Stop, can: Can | None, service: ServiceFacts, asked: Question) -> str | None:
    """The first check that a station fails for a service; None when it may do it on some of the days."""
    days = [asked.first + timedelta(days=n) for n in range(asked.days)]
    if can is None:
        return "not_capable"
    if service.designation_required and asked.use != Use.OTHER and not can.designated:
        return "not_designated"
    if not any(can.in_force(day) for day in days):
        return "capability_expired"
    if asked.mode not in can.modes:
        return "mode_not_offered"
    return None if stop.active else "inactive"


def look(stops: Sequence[Stop], services: Sequence[ServiceFacts], asked: Question, diary: Diary) -> list[Seen]:
    """All stations, by distance and code, with what they may do, when, and what they fail."""
    found = []
    for index, stop in enumerate(stops):
        km = kilometres(asked, stop)
        seen = Seen(index, km, (round(km * 10_000), index))
        for place, at in enumerate(asked.services):
            why = may(stop, stop.can.get(at), services[at], asked)
            if why:
                seen.failed[place] = why
        seen.covers = tuple(place for place in range(len(asked.services)) if place not in seen.failed)
        if seen.failed:
            seen.why = min(seen.failed.values(), key=CHECKS.index)
        if seen.covers:
            starts = diary.starts(index, [asked.services[place] for place in seen.covers])
            seen.start = starts[0] if starts else None
            if not starts and seen.why is None:
                seen.why = "closed" if index in diary.shut else "no_free_time"
        found.append(seen)
    return sorted(found, key=lambda seen: seen.order)


def stand_ins(stops: Sequence[Stop], seen: Sequence[Seen], reach: float) -> list[Seen]:
    """Nobody in reach may do anything: who above the nearest station in use may, from below."""
    by_index = {each.index: each for each in seen}
    if any(each.covers for each in seen if each.order[0] <= reach):
        return []
    nearest = next((each for each in seen if stops[each.index].active), None)
    if nearest is None or nearest.covers:
        return []
    chain, link = [nearest.index], stops[nearest.index].parent
    while link is not None and link not in chain:
        chain.append(link)
        link = stops[link].parent
    return [by_index[index] for index in chain[1:] if by_index[index].covers]


def in_turn(seen: Sequence[Seen], asked: Question, reach: float) -> list[Seen]:
    may_do = [each for each in seen if each.covers]
    if len(asked.services) == 1:
        return may_do
    queue = sorted(may_do, key=lambda each: (each.order[0] > reach, -len(each.covers), each.order))
    whole = [each for each in queue if len(each.covers) == len(asked.services)]
    if whole and whole[0].order[0] > reach:
        queue.remove(whole[0])
        queue.insert(0, whole[0])
    return queue


def visits(queue: Sequence[Seen], asked: Question, reach: float) -> list[Seen]:
    """Who of the queue is asked for time: until enough have some; or all in reach, everybody if these are too few."""
    if asked.policy == Policy.NEAREST:
        visited: list[Seen] = []
        for each in queue:
            if len({one.index for one in visited if one.start is not None}) == asked.limit:
                break
            visited.append(each)
        return visited
    last = max((n for n, each in enumerate(queue) if each.order[0] <= reach), default=len(queue))
    near = list(queue[: last + 1])
    return near if sum(each.start is not None for each in near) >= asked.limit else list(queue)


def again(stops: Sequence[Stop], services: Sequence[ServiceFacts], asked: Question, diary: Diary) -> Expected:
    reach = float("inf") if asked.mode == "online" else asked.reach_km * 10_000
    seen = look(stops, services, asked, diary)
    parents = stand_ins(stops, seen, reach)
    above = next((each for each in parents if each.start is not None), None)
    queue = parents[: parents.index(above) + 1] if above else parents
    queue = [*queue, *(each for each in in_turn(seen, asked, reach) if each is not above)]
    visited = visits(queue, asked, reach)
    pool = [each for each in visited if each.start is not None]

    def place(each: Seen) -> tuple[object, ...]:
        tier = (each is not above, -len(each.covers), each.order[0] > reach)
        by = {
            Policy.NEAREST: (),
            Policy.SOONEST: (each.start,),
            Policy.BALANCED: (cost(each, diary),),
        }[asked.policy]
        return (*tier, *by, each.order)

    chosen = sorted(pool, key=place)[: asked.limit]
    farthest = max((each.order for each in chosen), default=(reach, float("inf")))
    for each in seen:
        if each.start is None and len(each.covers) == len(asked.services) and each not in visited:
            each.why = None  # nobody asked it for its time
    passed = [each for each in seen if each.order <= farthest and each.why and each not in chosen]
    return Expected(
        [(each.index, each.start or 0, each.covers) for each in chosen],
        [(each.index, each.why or "") for each in passed],
        above in chosen if above else False,
    )


def cost(each: Seen, diary: Diary) -> float:
    """Ten kilometres a day of waiting, five for a station without any time left."""
    wait = ((each.start or 0) - floor_tick(NOW)) / 288
    return each.order[0] / 10_000 + 10 * max(wait, 0) + 5 * diary.loads.get(each.index, 0)
