"""What is asked of the catalogue: services by words and filters, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.catalogue.errors import ServiceUnknown, category_unknown
from app.catalogue.search import Nearest
from app.catalogue.snapshot import Catalogue, ServiceInfo
from app.kit.cursors import CursorInvalid, read_cursor, write_cursor

NOTHING_NEAR = Nearest((), ())


@dataclass(frozen=True, slots=True)
class Wanted:
    """A choice of services: by words, of a category, mandatory or not."""

    q: str = ""
    category: str = ""
    mandatory: bool | None = None


def find_services(catalogue: Catalogue, wanted: Wanted) -> list[ServiceInfo]:
    """The services that fit: best first when there are words, else in the operator's order.

    Raises Invalid for a category that isn't there.
    """
    if wanted.category and wanted.category not in catalogue.category_by_code:
        raise category_unknown(wanted.category, catalogue.category_by_code)
    if wanted.q.strip():
        categories = [wanted.category] if wanted.category else None
        hits = catalogue.index.search(wanted.q, len(catalogue.services), categories)
        found = [catalogue.by_code[hit.code] for hit in hits]
    else:
        found = [s for s in catalogue.offered if not wanted.category or s.category == wanted.category]
    return [s for s in found if wanted.mandatory is None or s.mandatory is wanted.mandatory]


def nearest(catalogue: Catalogue, q: str) -> Nearest:
    """What may have been meant by words that found nothing, or nothing for certain."""
    if not q.strip():
        return NOTHING_NEAR
    return catalogue.remember(("nearest", q), lambda: catalogue.index.did_you_mean(q))


def service_by_code(catalogue: Catalogue, code: str) -> ServiceInfo:
    """An offered service; its code in capitals or not. Raises ServiceUnknown."""
    service = catalogue.by_code.get(code) or catalogue.by_code.get(code.upper())
    if service is None or not service.active:
        raise ServiceUnknown(service_code=code)
    return service


def page_of(found: Sequence[ServiceInfo], cursor: str, limit: int) -> tuple[list[ServiceInfo], str | None]:
    """The services after the cursor, and the cursor of those after them, None at the end.

    A cursor is the code of the last service given out, so that what is added in front repeats nothing.
    Raises CursorInvalid for a cursor that isn't ours, or whose service is no longer found.
    """
    start = _after(found, cursor) if cursor else 0
    items = list(found[start : start + limit])
    return items, write_cursor(items[-1].code) if start + limit < len(found) else None


def _after(found: Sequence[ServiceInfo], cursor: str) -> int:
    (code,) = read_cursor(cursor, str)
    try:
        return [service.code for service in found].index(code) + 1
    except ValueError as error:
        raise CursorInvalid from error
