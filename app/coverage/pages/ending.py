"""Capabilities that end soon, and what would be lost with each."""

from datetime import timedelta
from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import Response
from pydantic import Field

from app.coverage.asking import Choice, ReachAsked
from app.coverage.pages.frame import READ, Look, Looking, as_file, listed, plain, question
from app.coverage.papers.lists import expiring_paper
from app.coverage.schemas import ExpiringOut
from app.coverage.tables import expiring_rows
from app.coverage.words import BASES, COVERAGE
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy

router = Door()
MOST_SHOWN = 200
HEADS: dict[str, LazyString] = {
    "valid_until": lazy("Ends on"),
    "service_code": lazy("Service"),
    "service_name_zh": lazy("Name in Chinese"),
    "service_name_en": lazy("Name in English"),
    "station_code": lazy("Station"),
    "station_name_zh": lazy("Its name in Chinese"),
    "station_name_en": lazy("Its name in English"),
    "county": lazy("County"),
    "stations_left": lazy("Stations left that may do it"),
    "stations_left_in_county": lazy("Of these in the county"),
    "share_within": lazy("Share within reach"),
    "share_without": lazy("Share within reach afterwards"),
}


class EndingAsked(ReachAsked):
    """And how soon they end."""

    days: Annotated[int, Field(ge=1, le=730)] = 90


@router.get(f"{COVERAGE}/ending", dependencies=[READ])
async def ending(at: Looking) -> Response:
    """The first to end first; with `format` all of them as a file."""
    asked = question(at, EndingAsked)
    if isinstance(asked, Response):
        return asked
    kept, reached = await at.work.kept(asked.choice), await at.work.reached(asked.choice)
    days, county = asked.asked.days, asked.choice.adcode
    rows = await to_thread.run_sync(lambda: expiring_rows(at.work, reached, days, county))
    if at.file:
        paper = partial(expiring_paper, at.work, asked.choice, kept, rows, days)
        return await as_file(at, listed("ending", HEADS, [plain(row) for row in rows]), paper)
    context = {
        "choice": asked.choice,
        "rows": rows[:MOST_SHOWN],
        "total": len(rows),
        "lost": sum(row.stations_left == 0 for row in rows),
        "lost_here": sum(row.stations_left_in_county == 0 for row in rows),
        "days": days,
        "basis": [str(words) for words in BASES[asked.choice.basis]],
        "kept": kept,
        "plan_of": lambda row: _planning(at, asked.choice, row),
    }
    return at.show("ending.html", context)


def _planning(at: Look, choice: Choice, row: ExpiringOut) -> str:
    """Which station should be able to do it on the day after, where somebody would lose it; else empty."""
    if (row.share_without or 0.0) >= (row.share_within or 0.0):
        return ""
    after = row.valid_until + timedelta(days=1)
    return at.planning(choice, service=row.service_code, county=row.county, on=after, kind="capabilities")
