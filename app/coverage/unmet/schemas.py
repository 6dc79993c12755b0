"""What `GET /coverage/unmet` takes and sends."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from app.coverage.unmet.asking import MOST, Choice, UnmetFilters
from app.coverage.unmet.queries import FEW, Report, Row
from app.demand.rules import UNMET
from app.kit.schemas import Out
from app.kit.text import Line

Count = Annotated[int, Field(ge=0)]
SHARE_DIGITS = 6


class UnmetAsked(UnmetFilters):
    """What to count, and how to give it out."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="A file has all.")] = MOST
    cursor: Annotated[str, Line(200, blank=True), Field(description="`next` of the page before.")] = ""
    format: Annotated[Literal["json", "csv", "xlsx", "pdf"] | None, Field(description="Else `Accept` decides.")] = None


class UnmetOut(Out):
    """One service in one county where something could not be routed.

    Of `questions` about it, `routed` got a station in reach with time; `unmet` are the others, by what stood in the
    way. `declined` are items of requests sent in these days that a station declined. Without a county it was asked
    from beyond all boundaries.
    """

    service_code: str
    service_name_zh: str
    service_name_en: str
    county_adcode: str | None
    county_name_zh: str
    county_name_en: str
    questions: Count
    routed: Count
    unmet: Count
    share: Annotated[float | None, Field(ge=0, le=1, description="unmet of questions; null without questions.")]
    few: Annotated[bool, Field(description=f"Over fewer than {FEW} questions: read the share with care.")]
    beyond_reach: Annotated[Count, Field(description="Only stations farther than the reach that was asked for.")]
    not_capable: Count
    not_designated: Count
    capability_expired: Count
    mode_not_offered: Count
    inactive: Count
    closed: Count
    no_free_time: Annotated[Count, Field(description="Nobody had time on the days that were asked about.")]
    left_out: Annotated[Count, Field(description="Asked together with others, and only these were offered.")]
    declined: Count


class TotalsOut(Out):
    """Of everything that fits, also where nothing is unmet; searches of the catalogue are those of all the network."""

    questions: Count
    unmet: Count
    declined: Count
    searches: Count
    searches_in_vain: Count


class UnmetAskedOut(Out):
    first: date = Field(alias="from", serialization_alias="from")
    to: date
    service: str | None
    county: str | None


class UnmetPageOut(Out):
    items: list[UnmetOut]
    next: str | None
    total: Annotated[int, Field(description="Rows on all pages.")]
    totals: TotalsOut
    asked: UnmetAskedOut


def row_out(row: Row) -> UnmetOut:
    share = None if row.share is None else round(row.share, SHARE_DIGITS)
    county = row.county
    return UnmetOut(
        service_code=row.service.code,
        service_name_zh=row.service.name_zh,
        service_name_en=row.service.name_en,
        county_adcode=county.adcode if county else None,
        county_name_zh=county.name_zh if county else "",
        county_name_en=county.name_en if county else "",
        questions=row.questions,
        routed=row.routed,
        unmet=row.unmet,
        share=share,
        few=row.few,
        declined=row.declined,
        **{outcome.value: row.by_outcome.get(outcome, 0) for outcome in UNMET},
    )


def totals_out(report: Report) -> TotalsOut:
    return TotalsOut.model_validate(report)


def asked_out(choice: Choice) -> UnmetAskedOut:
    return UnmetAskedOut.model_validate(
        {
            "from": choice.span.first,
            "to": choice.span.last,
            "service": choice.service.code if choice.service else None,
            "county": choice.county.adcode if choice.county else None,
        }
    )
