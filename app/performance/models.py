"""Figures of days that are over, kept so that nobody counts a year anew, and results of comparing them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Integer, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

EVERYTHING = 0
"""Stands for all services together; what concerned two services counts for both, and once here."""


class PerformanceDay(Model):
    """What happened at a station on a day, of a service or (`service_id` 0) altogether; no row where nothing did.

    Made by `statements.EVENTS` and nothing else; rules.COUNTS says what each number counts. `judged` are the answers
    and the works that had a deadline to keep, `late` those that missed it. `busy_s` is in seconds, what ends in `_min`
    are whole minutes, one for each case, in ascending order.
    """

    __tablename__ = "performance_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True, autoincrement=False)
    service_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    requests: Mapped[int]
    appointments: Mapped[int]
    walk_ins: Mapped[int]
    served: Mapped[int]
    no_shows: Mapped[int]
    judged: Mapped[int]
    late: Mapped[int]
    returns: Mapped[int]
    reroutes: Mapped[int]
    busy_s: Mapped[int]
    ratings: Mapped[int]
    rating_sum: Mapped[int]
    wait_min: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    service_min: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    answer_min: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class PerformanceCapacity(Model):
    """For how many minutes desks of a station could be booked on a day, as hours and closures were when it ended."""

    __tablename__ = "performance_capacity"

    day: Mapped[date] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True, autoincrement=False)
    minutes: Mapped[int]


class PerformanceSettled(Model):
    """A day whose figures are kept. A trigger removes it when something comes in late that happened on that day."""

    __tablename__ = "performance_settled"

    day: Mapped[date] = mapped_column(primary_key=True)
    settled_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PerformanceCheck(Model):
    """A comparison of all that is kept with what was recorded: `differing` rows on so many days; the first of them."""

    __tablename__ = "performance_check"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    days: Mapped[int]
    differing: Mapped[int]
    mended: Mapped[bool] = mapped_column(server_default=text("false"))
    examples: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
