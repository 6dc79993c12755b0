"""When somebody is asked how it went, and by when who is dissatisfied must have an answer. Pure.

Five levels, the two worst of which are a bad rating that is looked into within 15 working days: 国办发〔2019〕51号,
关于建立政务服务“好差评”制度提高政务服务水平的意见.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from app.kit.clock import LOCAL, local_date
from app.stations.rules import Calendar

BAD = 2
"""This level and the one below it."""
ANSWER_WITHIN = 15
"""Working days; the day of the rating doesn't count, what is due is due at the end of its day."""
REMIND_BEFORE = 3
"""Working days before that, on which the managers hear of it each morning."""
ASK_AFTER, ASK_UNTIL = timedelta(days=1), timedelta(days=3)
"""After all of a request is done: not on the spot, and not when it is forgotten."""
AWAKE = time(9), time(20)
MORNING = time(8, 30)


def due_on(rated_at: datetime, calendar: Calendar) -> tuple[date, bool]:
    """The last day for the answer, and whether public holidays on the way are still unknown."""
    return calendar.add_workdays(local_date(rated_at), ANSWER_WITHIN)


def asks_now(now: datetime) -> bool:
    """Whether it is a time of day at which people are asked something."""
    first, last = AWAKE
    return first <= now.astimezone(LOCAL).time() < last


def reminds_now(now: datetime, calendar: Calendar) -> bool:
    """On the mornings of working days."""
    return calendar.kind(local_date(now)).worked and now.astimezone(LOCAL).time() >= MORNING


def remind_until(today: date, calendar: Calendar) -> date:
    """What is due up to this day, or was before, is told today."""
    return calendar.add_workdays(today, REMIND_BEFORE)[0]


def mean(indicators: Mapping[str, tuple[int, int]], key: str) -> float | None:
    """Of a sum and a count by key; None where nobody said anything."""
    total, count = indicators.get(key, (0, 0))
    return total / count if count else None
