"""What the stations of a demo's past did about bad ratings: called back, answered; the latest still wait for it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.demo.lives import HOUR
from app.demo.world import Site, World
from app.ratings.rules import ANSWER_WITHIN, BAD
from app.requests.rating_words import INDICATORS

Row = tuple[Any, ...]
SIDES, SLOWLY, REACHED = 0.5, 0.03, 0.8
NOT_YET = timedelta(days=4)
CALLED = "演示：已电话回访，了解不满意的原因"
NOBODY = "演示：无人接听"
ANSWERS = (
    "演示答复：已向您致歉，并增加了高峰时段的窗口。",
    "演示答复：已核实，办理时限延误系设备检修所致，今后将提前告知。",
    "演示答复：已对相关人员进行提醒，并在预约页面补充了材料清单。",
)


def with_sides(world: World, ratings: list[Row]) -> Iterator[Row]:
    """The ratings, half of them with some sides about as good as the whole."""
    random = world.random
    for request_id, station_id, level, words, at in ratings:
        sides = {}
        if random.random() < SIDES:
            sides = {
                key: min(max(level + random.choice((-1, 0, 0, 1)), 1), 5)
                for key in random.sample(sorted(INDICATORS), random.randint(1, len(INDICATORS)))
            }
        yield request_id, station_id, level, words, at, orjson.dumps(sides).decode()


def answered(world: World, ratings: list[Row], now: datetime) -> tuple[list[Row], list[Row]]:
    """Rows of rating_call and rating_answer: in time but for a few, by the manager, who has called before."""
    sites = {site.station.id: site for site in world.sites}
    calls: list[Row] = []
    answers: list[Row] = []
    for request_id, station_id, level, _words, at in ratings:
        if level > BAD or now - at < NOT_YET:
            continue
        slow = world.random.random() < SLOWLY
        days = ANSWER_WITHIN + 6 if slow else world.random.randint(2, ANSWER_WITHIN - 3)
        calls += _calls(world, sites[station_id], request_id, at, now)
        then = world.workdays_after(world.at_work(at), days)
        if then < now:
            manager = sites[station_id].staff.get("manager")
            answers.append((request_id, station_id, then, manager, world.random.choice(ANSWERS)))
    return calls, answers


def _calls(world: World, site: Site, request_id: UUID, at: datetime, now: datetime) -> Iterator[Row]:
    """On the working day after it; once more where nobody was reached."""
    first = world.workdays_after(world.at_work(at), 1)
    manager, reached = site.staff.get("manager"), world.random.random() < REACHED
    attempts = [(first, reached)] if reached else [(first, False), (first + 2 * HOUR, True)]
    for n, (when, answered_it) in enumerate(attempts, start=1):
        if when < now:
            yield request_id, site.station.id, n, when, manager, answered_it, CALLED if answered_it else NOBODY
