"""Finding a service: by words, by category; and a page for each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.catalogue.queries import Wanted, find_services, nearest, service_by_code
from app.catalogue.rules import mode_label, what_to_bring
from app.catalogue.schemas import Words
from app.catalogue.search import Suggestion
from app.catalogue.snapshot import Catalogue, CategoryInfo, Counts, CurrentCatalogue, ServiceInfo, catalogue_store
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy, pgettext
from app.kit.problems import Invalid
from app.kit.validation import validated
from app.web.limits import limited
from app.web.templating import page

router = Door()
SLOWED = [Depends(limited("search"))]
PER_PAGE = 30
SUGGESTIONS = 8

EXAMPLES: Sequence[LazyString] = (
    lazy("pressure gauge"),
    lazy("electronic scale"),
    lazy("ISO 9001"),
    lazy("trade mark"),
    lazy("food testing"),
)
ABOUT: Mapping[str, LazyString] = {
    "metrology": lazy("Gauges, scales, meters: verification and calibration"),
    "standards": lazy("Find, check and write standards"),
    "certification": lazy("Management systems, products, CCC, food, laboratories"),
    "testing": lazy("Have products and materials tested"),
    "ip": lazy("Trade marks, patents, copyright"),
    "brand": lazy("Quality awards, diagnosis, training"),
}
"""Where a category has no words here, its name must do."""


class Filter(BaseModel):
    """What the list is narrowed to. Other names in the query are let pass: links gather them on their way."""

    q: Words = ""
    category: str = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Services under one heading; without one when the category has no branches."""

    title_zh: str
    title_en: str
    services: list[ServiceInfo]


@router.get("/services", dependencies=SLOWED)
async def services_page(request: Request, catalogue: CurrentCatalogue, counts: Counts) -> HTMLResponse:
    """The field to search in; below it what was found, a category's services, or all categories."""
    asked = {name: value for name, value in request.query_params.items() if value.strip()}
    try:
        chosen = validated(Filter, asked)
        found = find_services(catalogue, Wanted(chosen.q, chosen.category))
    except Invalid as problem:
        return _refused(request, catalogue, asked, problem)
    context = _context(catalogue, chosen.q, counts)
    if chosen.q:
        if chosen.page == 1:
            request.app.state.questions.searched(found=bool(found))  # counted above this room
        return page(request, "catalogue/found.html", context | _found_context(catalogue, chosen, found))
    if chosen.category:
        category = catalogue.category_by_code[chosen.category]
        return page(request, "catalogue/category.html", context | _category_context(catalogue, category, found))
    return page(request, "catalogue/services.html", context)


def _refused(request: Request, catalogue: Catalogue, asked: Mapping[str, str], problem: Invalid) -> HTMLResponse:
    # Only the words can be mended in the field; the summary names the rest.
    errors = {error.field if error.field == "q" else "": error.sentence() for error in problem.errors}
    context = _context(catalogue, asked.get("q", ""), {}) | {"errors": errors}
    return page(request, "catalogue/services.html", context, status_code=problem.status)


def _context(catalogue: Catalogue, q: str, counts: Mapping[str, int]) -> dict[str, Any]:
    offered = Counter(service.category for service in catalogue.offered)
    tiles = [
        {
            "code": each.code,
            "href": address(category=each.code),
            "count": offered[each.code],
            "text": ABOUT.get(each.code),
        }
        for each in catalogue.categories
    ]
    return {
        "q": q,
        "errors": {},
        "tiles": tiles,
        "examples": [(str(example), address(q=str(example))) for example in EXAMPLES],
        "counts": counts,
        "mode_label": mode_label,
        "categories": catalogue.category_by_code,
    }


def _found_context(catalogue: Catalogue, chosen: Filter, found: list[ServiceInfo]) -> dict[str, Any]:
    """One page of the services found, how many there are by category, and what else may have been meant."""
    start = (chosen.page - 1) * PER_PAGE
    everywhere = found if not chosen.category else find_services(catalogue, Wanted(chosen.q))
    by_category = Counter(service.category for service in everywhere)
    near = nearest(catalogue, chosen.q)
    return {
        "services": found[start : start + PER_PAGE],
        "total": len(found),
        "everywhere": len(everywhere),
        "category": catalogue.category_by_code.get(chosen.category),
        "all_href": address(q=chosen.q),
        "by_category": [
            (category, by_category[category.code], address(q=chosen.q, category=category.code))
            for category in catalogue.categories
            if by_category[category.code]
        ],
        "meant": [(term, address(q=term)) for term in near.terms],
        "near": [(catalogue.category_by_code[code], address(category=code)) for code in near.categories],
        "previous": address(q=chosen.q, category=chosen.category, page=chosen.page - 1) if start else "",
        "following": address(q=chosen.q, category=chosen.category, page=chosen.page + 1)
        if len(found) > start + PER_PAGE
        else "",
    }


def _category_context(catalogue: Catalogue, category: CategoryInfo, found: list[ServiceInfo]) -> dict[str, Any]:
    branches = {branch.code: branch for branch in category.subcategories}
    groups: dict[str | None, list[ServiceInfo]] = {code: [] for code in branches}
    for service in found:
        groups.setdefault(service.subcategory if service.subcategory in branches else None, []).append(service)
    named = [
        Group(branches[code].name_zh if code else "", branches[code].name_en if code else "", services)
        for code, services in groups.items()
        if services
    ]
    return {"category": category, "groups": named, "total": len(found)}


def address(**query: object) -> str:
    """The list's address with what is asked of it; a first page needs no number."""
    said = {name: value for name, value in query.items() if value not in ("", 1)}
    return f"/services?{urlencode(said)}" if said else "/services"


@router.get("/services/suggestions", dependencies=SLOWED)
async def suggestions(request: Request) -> HTMLResponse:
    """Options for the search field, with the parts marked that fit what was typed. Nothing for what can't be used."""
    catalogue = await catalogue_store(request).recent()
    q = request.query_params.get("q", "")
    options = [(found, _parts(found)) for found in catalogue.index.suggest(q, SUGGESTIONS)]
    return page(request, "catalogue/suggestions.html", {"options": options})


def _parts(found: Suggestion) -> list[tuple[str, bool]]:
    """The term cut into pieces, each with whether it is to be marked."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for first, after in found.spans:
        pieces += [(found.term[at:first], False), (found.term[first:after], True)]
        at = after
    return [piece for piece in [*pieces, (found.term[at:], False)] if piece[0]]


def _listed(words: Sequence[str]) -> str:
    """Several labels as one phrase: only the first keeps its capital."""
    return pgettext("in a list", ", ").join([*words[:1], *(word.lower() for word in words[1:])])


@router.get("/services/{code}")
async def service_page(request: Request, code: str, catalogue: CurrentCatalogue, counts: Counts) -> HTMLResponse:
    """What a service is, what it gives, what it takes, whether it is mandatory, and where it is done."""
    service = service_by_code(catalogue, code)
    category = catalogue.category_by_code[service.category]
    context = {
        "service": service,
        "category": category,
        "category_href": address(category=category.code),
        "subcategory": next((each for each in category.subcategories if each.code == service.subcategory), None),
        "station_count": counts.get(service.code, 0),
        "modes": _listed([mode_label(mode) for mode in service.modes]),
        "bring": what_to_bring(service.fields, service.modes[0]),
        "required": [field for field in service.fields if field.required],
        "optional": [field for field in service.fields if not field.required],
    }
    return page(request, "catalogue/service.html", context)
