"""The catalogue by JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query, Request, Response

from app.catalogue.errors import ServiceUnknown
from app.catalogue.queries import Wanted, find_services, nearest, page_of, service_by_code
from app.catalogue.schemas import (
    CategoriesOut,
    ServiceDetail,
    ServiceOut,
    ServicesAsked,
    ServicesOut,
    SuggestionsAsked,
    SuggestionsOut,
)
from app.catalogue.snapshot import Catalogue, CategoryInfo, Counts, CurrentCatalogue, ServiceInfo, catalogue_store
from app.kit.clock import now
from app.kit.conditional import NOT_MODIFIED, Sheet, sheet_answer, sheet_kind
from app.kit.doors import Door
from app.kit.problems import Invalid, TooMany, problem_responses
from app.kit.tables import CSV, XLSX, as_file
from app.web.limits import limited

router = Door(tags=["catalogue"])
JSON = "application/json"
Now = Annotated[datetime, Depends(now)]
SLOWED = [Depends(limited("search"))]
DEFAULT_LIMIT = 50
COLUMNS = tuple(ServiceOut.model_fields)


# Routes are tried in their order, and this one is asked with every key stroke.
@router.get(
    "/suggest", response_model=SuggestionsOut, dependencies=SLOWED, responses=problem_responses(Invalid, TooMany)
)
async def get_suggestions(request: Request, asked: Annotated[SuggestionsAsked, Query()]) -> Response:
    """Services while their name is being typed, each with the name that fits. At most a second old."""
    catalogue = await catalogue_store(request).recent()
    return Response(suggestions(catalogue, asked.q, asked.limit), media_type=JSON)


@router.get(
    "/services",
    response_model=ServicesOut,
    dependencies=SLOWED,
    responses={**as_file(CSV, XLSX), **NOT_MODIFIED, **problem_responses(Invalid, TooMany)},
)
async def get_services(
    request: Request, asked: Annotated[ServicesAsked, Query()], catalogue: CurrentCatalogue, counts: Counts, now: Now
) -> Response:
    """Services by words and filters, best first; as a file with `format=csv` or `xlsx`."""
    kind = sheet_kind(request, asked.format)

    def listed() -> tuple[list[dict[str, Any]], str | None]:
        found = find_services(catalogue, Wanted(asked.q, asked.category, asked.mandatory))
        if asked.q and not asked.cursor:
            request.app.state.questions.searched(found=bool(found))  # counted above this room
        limit = asked.limit or (len(found) if kind else DEFAULT_LIMIT)
        services, following = page_of(found, asked.cursor, max(limit, 1))
        return [service_item(service, counts) for service in services], following

    if kind:
        follows = ("services", catalogue.digest, frozenset(counts.items()), asked.model_dump_json())
        return sheet_answer(request, kind, follows, now, lambda: Sheet("services", COLUMNS, listed()[0]))
    items, following = listed()
    near = nearest(catalogue, asked.q)
    guess = {"terms": near.terms, "categories": near.categories}
    return as_json({"items": items, "next": following, "nearest": guess})


@router.get("/services/{code}", response_model=ServiceDetail, responses=problem_responses(ServiceUnknown))
async def get_service(code: str, catalogue: CurrentCatalogue, counts: Counts) -> Response:
    """One service with the questions of its form and what it gives back."""
    service = service_by_code(catalogue, code)
    detail = {
        **service_item(service, counts),
        "keywords_zh": service.keywords_zh,
        "inputs": service.inputs,
        "deliverable_zh": service.deliverable_zh,
        "deliverable_en": service.deliverable_en,
        "reference": service.reference,
    }
    return as_json(detail)


@router.get("/categories", response_model=CategoriesOut)
async def get_categories(catalogue: CurrentCatalogue) -> Response:
    """The families of services, with their branches."""
    return as_json({"items": [category_item(catalogue, each) for each in catalogue.categories], "next": None})


def service_item(service: ServiceInfo, counts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "code": service.code,
        "category": service.category,
        "subcategory": service.subcategory,
        "name_zh": service.name_zh,
        "name_en": service.name_en,
        "modes": service.modes,
        "duration_min": service.duration_min,
        "mandatory": service.mandatory,
        "designation_required": service.designation_required,
        "validity_months": service.validity_months,
        "station_count": counts.get(service.code, 0),
    }


def category_item(catalogue: Catalogue, category: CategoryInfo) -> dict[str, Any]:
    return {
        "code": category.code,
        "name_zh": category.name_zh,
        "name_en": category.name_en,
        "service_count": sum(service.category == category.code for service in catalogue.offered),
        "subcategories": category.subcategories,
    }


def suggestions(catalogue: Catalogue, q: str, limit: int) -> bytes:
    return catalogue.remember(("suggestions", q, limit), lambda: suggestion_list(catalogue, q, limit))


def suggestion_list(catalogue: Catalogue, q: str, limit: int) -> bytes:
    items = [
        {
            "code": entry.code,
            "name_zh": entry.name_zh,
            "name_en": entry.name_en,
            "category": entry.category,
            "term": term,
            "spans": spans,
            "matched": matched,
        }
        for entry, term, spans, matched in catalogue.index.suggest(q, limit)
    ]
    return orjson.dumps({"items": items, "next": None})


def as_json(body: object) -> Response:
    """Our own data needs no second validation on its way out; the schema says what it is."""
    return Response(orjson.dumps(body), media_type=JSON)
