"""What the JSON doors of performance take and send. Names are those of the contract; what is more has been added."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.kit.schemas import Out
from app.performance.asking import FiguresAsked, PlaceAsked
from app.performance.rules import FEW, By, Figures, Measure, Minutes

FileFormat = Annotated[Literal["json", "csv", "xlsx", "pdf"] | None, Field(description="Or by `Accept`.")]
Rate = Annotated[float | None, Field(ge=0, le=1, description="0 to 1; null where it is a share of nothing.")]
DIGITS = 6


class Asking(FiguresAsked):
    """What to count."""

    format: FileFormat = None


class UnusualAsking(PlaceAsked):
    """Which days and stations to look at."""

    format: FileFormat = None


class MinutesOut(Out):
    """Whole minutes that half, and nine of ten, of so many cases took at most; null where there is no case."""

    p50: int | None
    p90: int | None
    count: int

    @classmethod
    def of(cls, found: Minutes) -> Self:
        return cls(p50=found.p50, p90=found.p90, count=found.count)


class RatingOut(Out):
    """The mean of so many ratings, from 5 (very satisfied) to 1 (very dissatisfied)."""

    mean: Annotated[float | None, Field(ge=1, le=5)]
    count: int


class FiguresOut(Out):
    """Each event counts on its day. `answer_min` are minutes of working days until a station's first answer,
    `on_time_rate` of first answers and finished works; `utilisation` is busy over bookable desk time."""

    requests: int
    appointments: int
    walk_ins: int
    served: int
    no_shows: int
    no_show_rate: Rate
    wait_min: MinutesOut
    service_min: MinutesOut
    answer_min: MinutesOut
    on_time: int
    judged: int
    on_time_rate: Rate
    returns: int
    reroutes: int
    busy_min: float
    capacity_min: int | None
    utilisation: Annotated[float | None, Field(ge=0, description="Null by service: desks have none of their own.")]
    rating: RatingOut
    few: Annotated[list[str], Field(description=f"Of these there are fewer than {FEW} cases: read them with care.")]


class GroupOut(FiguresOut):
    """`key` is a day (the first of a week or month), or a code."""

    key: str
    name_zh: str
    name_en: str


class PerformanceOut(FiguresOut):
    """Everything asked for together, and one after the other; what had no case at all isn't listed."""

    first: Annotated[date, Field(serialization_alias="from")]
    last: Annotated[date, Field(serialization_alias="to")]
    by: By
    items: list[GroupOut]


class UnusualOut(Out):
    """A value of a day, what is usual there on that weekday (the median of `weeks`), and by how many deviations."""

    day: date
    station_code: str
    station_name_zh: str
    station_name_en: str
    measure: Measure
    value: float
    usual: float
    deviations: float
    weeks: int


class UnusualListOut(Out):
    items: list[UnusualOut]


def figures_body(found: Figures) -> dict[str, Any]:
    return {
        "requests": found.requests,
        "appointments": found.appointments,
        "walk_ins": found.walk_ins,
        "served": found.served,
        "no_shows": found.no_shows,
        "no_show_rate": rounded(found.no_show_rate.value),
        "wait_min": MinutesOut.of(found.wait_min),
        "service_min": MinutesOut.of(found.service_min),
        "answer_min": MinutesOut.of(found.answer_min),
        "on_time": found.judged - found.late,
        "judged": found.judged,
        "on_time_rate": rounded(found.on_time_rate.value),
        "returns": found.returns,
        "reroutes": found.reroutes,
        "busy_min": round(found.busy_s / 60, 2),
        "capacity_min": found.capacity_min,
        "utilisation": rounded(found.utilisation),
        "rating": RatingOut(mean=rounded(found.rating), count=found.ratings),
        "few": few(found),
    }


def few(found: Figures) -> list[str]:
    """The names of shares and quantiles that are over few cases."""
    cases = {
        "no_show_rate": found.appointments,
        "wait_min": found.wait_min.count,
        "service_min": found.service_min.count,
        "answer_min": found.answer_min.count,
        "on_time_rate": found.judged,
        "rating": found.ratings,
    }
    return [name for name, count in cases.items() if 0 < count < FEW]


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
