"""Until when an instrument is good, and how that came about. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.results.rules import usually_until


class DueFrom(StrEnum):
    """What a due date comes from: the certificate itself, an interval of the enterprise's own, the service's."""

    CERTIFICATE = "certificate"
    OWN_INTERVAL = "own_interval"
    SERVICE = "service"


SOON = (7, 30, 60)
"""Days before the due date: what is filtered by, and when people are reminded."""


@dataclass(frozen=True, slots=True)
class Due:
    """The last day on which it may be used, and why that day; neither where nothing is known."""

    on: date | None = None
    reason: DueFrom | None = None


def due(done: date | None, valid_until: date | None, own_months: int | None, service_months: int | None) -> Due:
    """The certificate's own date wins over any interval, and the enterprise's own over the catalogue's."""
    if valid_until is not None:
        return Due(valid_until, DueFrom.CERTIFICATE)
    months = own_months or service_months
    if done is None or not months:
        return Due()
    return Due(usually_until(done, months, passed=None), DueFrom.OWN_INTERVAL if own_months else DueFrom.SERVICE)


class When(StrEnum):
    """How near a due date is, for filters and tags."""

    OVERDUE = "overdue"
    DAYS_7 = "7"
    DAYS_30 = "30"
    DAYS_60 = "60"
    NONE = "none"


WITHIN: Mapping[When, int] = {When.DAYS_7: 7, When.DAYS_30: 30, When.DAYS_60: 60}
