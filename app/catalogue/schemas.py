"""What the JSON door takes and sends. Names are those of the contract; what is more has been added."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.catalogue.search import How
from app.kit.schemas import Out, Strict
from app.kit.text import Line

MOST = 200
MOST_SUGGESTIONS = 20
LONGEST_QUERY = 100
Words = Annotated[
    str,
    Line(LONGEST_QUERY, blank=True),
    Field(description="Chinese, synonyms, pinyin, initials, English or a code; a slip is forgiven."),
]
Code = Annotated[str, Field(examples=["MET-MEC-015"])]
Mode = Literal["station", "onsite", "online"]


class ServicesAsked(Strict):
    """Which services, from where on."""

    q: Words = ""
    category: Annotated[str, Line(32, blank=True)] = ""
    mandatory: bool | None = None
    limit: Annotated[int | None, Field(ge=1, le=MOST, description="50 unless given; a file has all.")] = None
    cursor: Annotated[str, Line(200, blank=True), Field(description="`next` of the page before.")] = ""
    format: Annotated[Literal["json", "csv", "xlsx"] | None, Field(description="Else `Accept` decides.")] = None


class SuggestionsAsked(Strict):
    """What was typed so far."""

    q: Words = ""
    limit: Annotated[int, Field(ge=1, le=MOST_SUGGESTIONS)] = 8


class ServiceOut(Out):
    code: Code
    category: Annotated[str, Field(examples=["metrology"])]
    subcategory: str | None
    name_zh: str
    name_en: str
    modes: list[Mode]
    duration_min: Annotated[int, Field(description="Length of an appointment in minutes.")]
    mandatory: bool
    designation_required: Annotated[
        bool, Field(description="Only a designated station may do it, unless its use is `other`.")
    ]
    validity_months: int | None
    station_count: Annotated[int, Field(description="Stations in use that may do it today.")]


class ServiceDetail(ServiceOut):
    keywords_zh: list[str]
    inputs: Annotated[list[dict[str, Any]], Field(description="The questions of its form.")]
    deliverable_zh: str
    deliverable_en: str
    reference: Annotated[str | None, Field(description="Only where it was verified or is known for sure.")]


class NearestOut(Out):
    """What may have been meant, when nothing was found or nothing for certain."""

    terms: list[str]
    categories: list[str]


class ServicesOut(Out):
    items: list[ServiceOut]
    next: str | None
    nearest: NearestOut


class SubcategoryOut(Out):
    code: str
    name_zh: str
    name_en: str


class CategoryOut(SubcategoryOut):
    service_count: int
    subcategories: list[SubcategoryOut]


class CategoriesOut(Out):
    items: list[CategoryOut]
    next: None


class SuggestionOut(Out):
    code: Code
    name_zh: str
    name_en: str
    category: str
    term: Annotated[str, Field(description="The name that fits what was typed.")]
    spans: Annotated[list[tuple[int, int]], Field(description="Parts of `term` to mark: first place, place after.")]
    matched: How


class SuggestionsOut(Out):
    items: list[SuggestionOut]
    next: None
