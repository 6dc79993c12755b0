"""Which service verifies an instrument, by what it is called: only where there is little doubt. Pure."""

from collections.abc import Mapping
from typing import Any

from app.catalogue.snapshot import Catalogue, ServiceInfo
from app.ledger.entries import for_instruments
from app.ledger.fields import DELIVERY, NAME, SERVICE

GOOD, CLEARLY = 70.0, 15.0
"""A score from which a hit counts, and by how much it must be better than the next."""


def fitting(catalogue: Catalogue, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the code of the service that fits, if none is said and one does."""
    if values.get(SERVICE):
        return dict(values)
    name = values.get(NAME) or ""
    service = catalogue.remember(("verifies", name), lambda: _called(catalogue, name))
    fits = service is not None and values.get(DELIVERY) in {None, *service.modes}
    return {**values, SERVICE: service.code if service and fits else None}


def _called(catalogue: Catalogue, name: str) -> ServiceInfo | None:
    hits = [(hit, catalogue.by_code[hit.code]) for hit in catalogue.index.search(name, 5)]
    good = [(hit.score, service) for hit, service in hits if for_instruments(service)]
    if not good or good[0][0] < GOOD or (len(good) > 1 and good[0][0] - good[1][0] < CLEARLY):
        return None
    return good[0][1]
