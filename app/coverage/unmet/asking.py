"""What can be asked about unmet demand, by programs and on the page, and what it means in this network."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field

from app.catalogue.snapshot import Catalogue
from app.coverage.unmet.queries import Row, Span
from app.kit.cursors import CursorInvalid, read_cursor, write_cursor
from app.kit.schemas import Strict, WrittenDate
from app.kit.text import Line
from app.stations.atlas import DivisionFacts
from app.stations.directory import Directory
from app.stations.errors import range_reversed, range_too_long
from app.stations.queries import wanted
from app.stations.snapshot import ServiceFacts

USUAL, MOST_DAYS = timedelta(days=90), 1096
MOST = 200
Sort = Literal["unmet", "share", "questions", "declined", "service", "county"]


class UnmetFilters(Strict):
    """Which days, services and counties, and in which order."""

    first: Annotated[WrittenDate | None, Field(alias="from", description="90 days before the last unless given.")] = (
        None
    )
    to: Annotated[WrittenDate | None, Field(description="The last day; today unless given.")] = None
    county: Annotated[str, Line(60, blank=True), Field(description="A county's code or name: where it was asked.")] = ""
    service: Annotated[str, Line(32, blank=True), Field(description="A service's code.")] = ""
    sort: Annotated[Sort, Field(description="By share, those over few questions come last.")] = "unmet"


@dataclass(frozen=True, slots=True)
class Choice:
    """The same in this network's terms."""

    span: Span
    service: ServiceFacts | None
    county: DivisionFacts | None
    sort: Sort


def chosen(asked: UnmetFilters, directory: Directory, catalogue: Catalogue, today: date) -> Choice:
    """Raises Invalid, with suggestions where a county or a service isn't known."""
    last = asked.to or today
    span = Span(asked.first or max(last, date.min + USUAL) - USUAL, last)
    if span.last < span.first:
        raise range_reversed()
    if (span.last - span.first).days >= MOST_DAYS:
        raise range_too_long(MOST_DAYS)
    found = wanted(directory, catalogue, asked.county, asked.service)
    return Choice(span, found.service, found.county, asked.sort)


def page_of(rows: Sequence[Row], cursor: str, limit: int) -> tuple[Sequence[Row], str | None]:
    """The rows after the one that a cursor names, and the cursor of those after them. Raises CursorInvalid."""
    start = 0
    if cursor:
        key = read_cursor(cursor, str, str)
        start = next((n for n, row in enumerate(rows, start=1) if row.key == key), 0)
        if not start:
            raise CursorInvalid
    part = rows[start : start + limit]
    return part, write_cursor(*part[-1].key) if start + limit < len(rows) else None
