"""What the JSON door of ratings takes and sends."""

from datetime import date, datetime
from typing import Annotated

from app.kit.clock import LOCAL
from app.kit.schemas import Out, Strict
from app.kit.text import Paragraph
from app.ratings.models import WORDS_LENGTH
from app.ratings.queries import Call, Rated


class CallIn(Strict):
    reached: bool
    words: Annotated[str, Paragraph(WORDS_LENGTH, blank=True)] = ""


class AnswerIn(Strict):
    words: Annotated[str, Paragraph(WORDS_LENGTH)]


class CallOut(Out):
    n: int
    at: datetime
    by: str | None
    reached: bool
    words: str | None


class RatedOut(Out):
    """A rating; its words without telephone numbers and mail addresses. `due` is the last day for the answer."""

    reference: str
    station_code: str
    level: int
    indicators: dict[str, int]
    words: str | None
    at: datetime
    due: date | None
    overdue: bool
    answered_at: datetime | None
    answer: str | None


class WholeOut(RatedOut):
    calls: list[CallOut]


class RatingsOut(Out):
    items: list[RatedOut]


def rated_out(one: Rated) -> RatedOut:
    answer = one.answer
    return RatedOut(
        reference=one.reference,
        station_code=one.station.code,
        level=one.rating.level,
        indicators=one.rating.indicators,
        words=one.words or None,
        at=one.rating.at.astimezone(LOCAL),
        due=one.due,
        overdue=one.overdue,
        answered_at=answer.at.astimezone(LOCAL) if answer else None,
        answer=answer.words if answer else None,
    )


def whole_out(one: Rated, calls: list[Call]) -> WholeOut:
    listed = [
        CallOut(
            n=each.call.n,
            at=each.call.at.astimezone(LOCAL),
            by=each.by or None,
            reached=each.call.reached,
            words=each.call.words,
        )
        for each in calls
    ]
    return WholeOut(**rated_out(one).model_dump(), calls=listed)
