"""catalogue.json: what its values must be to each other, and its rows."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from app.stations.transfer.documents import CatalogueFile, FieldPart, ServicePart
from app.stations.transfer.faults import Fault, Faults
from app.stations.transfer.jsonfiles import Document, Route
from app.stations.transfer.reading import Cells

FILE = "catalogue.json"
CATEGORY_COLUMNS = "code text, name_zh text, name_en text, has_subcategories boolean"
SUBCATEGORY_COLUMNS = "category_code text, code text, name_zh text, name_en text"
SERVICE_COLUMNS = """
    code text, category_code text, subcategory_code text, name_zh text, name_en text, keywords_zh varchar[],
    modes varchar[],
    duration_min integer, deliverable_zh text, deliverable_en text, inputs json, validity_months integer,
    mandatory boolean, designation_required boolean, reference text, confidence text, source text, notes json,
    active boolean
"""
NOTES = ("mandatory_condition", "mandatory_note", "validity_note", "note")
CHOOSING, COUNTING = frozenset({"enum", "multi_enum"}), frozenset({"integer", "number"})

Catalogue = Document[CatalogueFile]


def check_catalogue(document: Catalogue, faults: Faults) -> None:
    """What no single value shows: names given twice, unknown categories, forms that contradict themselves."""
    for fault in (*_category_faults(document), *_service_faults(document)):
        faults.add(fault)


def _category_faults(document: Catalogue) -> Iterator[Fault]:
    seen: set[tuple[str, ...]] = set()
    for n, category in enumerate(document.parts.categories):
        keys: list[tuple[Route, tuple[str, ...]]] = [(("categories", n, "code"), (category.code,))]
        for m, subcategory in enumerate(category.subcategories or ()):
            keys.append((("categories", n, "subcategories", m, "code"), (category.code, subcategory.code)))
        for route, key in keys:
            if key in seen:
                yield document.fault(route, key[-1], "value_twice")
            seen.add(key)


def _service_faults(document: Catalogue) -> Iterator[Fault]:
    known = {category.code: {s.code for s in category.subcategories or ()} for category in document.parts.categories}
    seen: set[str] = set()
    for n, service in enumerate(document.parts.items):
        here: Route = ("items", n)
        if service.code in seen:
            yield document.fault((*here, "code"), service.code, "value_twice")
        seen.add(service.code)
        yield from _place_faults(document, here, service, known)
        if len(set(service.mode)) < len(service.mode):
            yield document.fault((*here, "mode"), "", "value_twice")
        yield from _form_faults(document, (*here, "inputs"), service.inputs)


def _place_faults(
    document: Catalogue, here: Route, service: ServicePart, known: dict[str, set[str]]
) -> Iterator[Fault]:
    category, subcategory = service.category, service.subcategory
    if category not in known:
        data = {"category": category, "known": ", ".join(known)}
        yield document.fault((*here, "category"), category, "category_unknown", **data)
    elif subcategory is None and known[category]:
        yield document.fault((*here, "subcategory"), None, "subcategory_needed", category=category)
    elif subcategory is not None and subcategory not in known[category]:
        yield document.fault((*here, "subcategory"), subcategory, "subcategory_unknown", category=category)


def _form_faults(document: Catalogue, here: Route, inputs: list[FieldPart]) -> Iterator[Fault]:
    seen: set[str] = set()
    for n, part in enumerate(inputs):
        if part.key in seen:
            yield document.fault((*here, n, "key"), part.key, "value_twice")
        seen.add(part.key)
        if part.type in CHOOSING and not part.options:
            yield document.fault((*here, n), "", "options_needed")
        if part.type not in CHOOSING and part.options is not None:
            yield document.fault((*here, n, "options"), "", "options_refused")
        if part.options and len(set(part.options)) < len(part.options):
            yield document.fault((*here, n, "options"), "", "value_twice")
        if part.type not in COUNTING and part.min is not None:
            yield document.fault((*here, n, "min"), part.min, "min_refused")


def category_rows(document: Catalogue) -> Iterator[Cells]:
    for category in document.parts.categories:
        yield [category.code, category.name_zh, category.name_en, _flag(category.subcategories is not None)]


def subcategory_rows(document: Catalogue) -> Iterator[Cells]:
    for category in document.parts.categories:
        for subcategory in category.subcategories or ():
            yield [category.code, subcategory.code, subcategory.name_zh, subcategory.name_en]


def service_rows(document: Catalogue) -> Iterator[Cells]:
    for service, raw in zip(document.parts.items, document.raw["items"], strict=True):
        yield [
            service.code,
            service.category,
            service.subcategory,
            service.name_zh,
            service.name_en,
            array(service.keywords_zh),
            array(service.mode),
            str(service.duration_min),
            service.deliverable_zh,
            service.deliverable_en,
            as_json(raw["inputs"]),
            None if service.validity_months is None else str(service.validity_months),
            _flag(service.mandatory),
            _flag(service.designation_required),
            service.reference,
            service.confidence,
            service.source,
            as_json({name: text for name, text in raw.items() if name in NOTES}),
            _flag(service.active),
        ]


def as_json(value: Any) -> str:  # noqa: ANN401 - anything that JSON can say
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def array(items: Sequence[str]) -> str:
    """A text array as PostgreSQL writes it."""
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return "{" + ",".join(f'"{item}"' for item in quoted) + "}"


def _flag(value: bool) -> str:
    return "true" if value else "false"
