"""Coverage at a glance: four figures, the map beside the counties, and how evenly it is spread."""

from collections.abc import Callable
from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import Response

from app.coverage.asking import Choice, ReachAsked
from app.coverage.demand import Kept
from app.coverage.figures import Figures, Report
from app.coverage.pages.frame import READ, Look, Looking, Question, as_file, listed, plain, question
from app.coverage.papers.figures import counties_paper
from app.coverage.points import Points
from app.coverage.reach import Reached
from app.coverage.rules.measures import Curve
from app.coverage.schemas import CountyFiguresOut
from app.coverage.tables import county_features, county_rows, flat, of_county
from app.coverage.words import BASES, COVERAGE
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy
from app.web.forms import address

router = Door()
Key = Callable[[CountyFiguresOut], Any]
SORTS: dict[str, tuple[LazyString, Key]] = {
    "share_within": (lazy("Within reach"), lambda row: row.share_within),
    "backup_share": (lazy("With a second station"), lambda row: row.backup_share),
    "p50": (lazy("Half at most"), lambda row: row.distance_km.p50),
    "p90": (lazy("Nine of ten at most"), lambda row: row.distance_km.p90),
    "days": (lazy("Working days to a free time"), lambda row: row.days_to_first_slot and row.days_to_first_slot.p90),
    "capable_stations": (lazy("Stations that may do it"), lambda row: row.capable_stations),
    "accessibility": (lazy("Desk hours"), lambda row: row.accessibility),
    "demand_weight": (lazy("Demand"), lambda row: row.demand_weight),
}
HEADS: dict[str, LazyString] = {
    "county": lazy("Code of the county"),
    "name_zh": lazy("Name in Chinese"),
    "name_en": lazy("Name in English"),
    "demand_points": lazy("Places"),
    "demand_weight": lazy("Demand"),
    "stations": lazy("Stations"),
    "capable_stations": lazy("Stations that may do it"),
    "designated_stations": lazy("Designated stations"),
    "services_asked": lazy("Services asked for"),
    "services_offered": lazy("Services offered there"),
    "share_within": lazy("Share within reach"),
    "backup_share": lazy("Share with a second station in reach"),
    "distance_km_p50": lazy("Distance, half at most (km)"),
    "distance_km_p90": lazy("Distance, nine of ten at most (km)"),
    "distance_km_max": lazy("Greatest distance (km)"),
    "distance_km_mean": lazy("Mean distance (km)"),
    "days_to_first_slot_p50": lazy("Working days to the first free time, half at most"),
    "days_to_first_slot_p90": lazy("Working days to the first free time, nine of ten at most"),
    "accessibility": lazy("Desk hours a week for 1,000"),
    "accessibility_enhanced": lazy("The same, who is far away counting less"),
    "gini": lazy("Gini of the desk hours"),
    "few": lazy("Few places"),
}
QUARTERS = (0.25, 0.5, 0.75)
LOW = 0.9
"""A lower share within reach is worth a plan."""


@router.get(COVERAGE, dependencies=[READ])
async def overview(at: Looking) -> Response:
    """The question stands in the address; with `format` the counties as a file."""
    asked = question(at, ReachAsked)
    if isinstance(asked, Response):
        return asked
    kept = await at.work.kept(asked.choice)
    reached = await at.work.reached(asked.choice)
    report = Report(reached)
    rows = await to_thread.run_sync(lambda: county_rows(at.work, report))
    if at.file:
        lines = [_columns(flat(plain(row))) for row in rows]
        paper = partial(counties_paper, at.work, asked.choice, kept, report, rows)
        return await as_file(at, listed("counties", HEADS, lines), paper, county_features(at.work, rows))
    context = await to_thread.run_sync(lambda: _context(at, asked, kept, report, rows))
    return at.show("overview.html", context)


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    """Where nobody was asked for free time, its columns are there all the same."""
    return {key: row.get(key) for key in HEADS}


def _context(
    at: Look, asked: Question[ReachAsked], kept: Kept, report: Report, rows: list[CountyFiguresOut]
) -> dict[str, Any]:
    choice, reached = asked.choice, report.reached
    of = of_county(reached, choice)
    figures = report.figures(choice.adcode)
    curve = report.access.curve(of)
    sort, falling = _sorting(at)
    return {
        "choice": choice,
        "figures": figures,
        "rows": in_order(rows, sort, falling=falling),
        "sort": sort,
        "falling": falling,
        "columns": _heads(at, sort, falling=falling),
        "county_links": {row.county: address(at.path, at.given, county=row.county) for row in rows},
        "everywhere": address(at.path, at.given, county=""),
        "curve": curve,
        "curve_points": _drawn(curve) if curve else "",
        "curve_rows": _quarters(curve) if curve else [],
        "theil": report.access.theil(of),
        "basis": [str(words) for words in BASES[choice.basis]],
        "kept": kept,
        "plan": at.planning(choice) if _low(figures) else "",
        "drawn": drawn(at, choice, reached, rows),
    }


def _low(figures: Figures) -> bool:
    return figures.share_within is not None and figures.share_within < LOW


def _sorting(at: Look) -> tuple[str, bool]:
    asked = at.given.get("sort", "")
    return (asked.removeprefix("-"), asked.startswith("-")) if asked.removeprefix("-") in SORTS else ("", False)


def _heads(at: Look, sort: str, *, falling: bool) -> list[tuple[str, str, str]]:
    """Each column's key, name, and the address at which the table is sorted by it, or the other way round."""
    return [
        (key, str(label), address(at.path, at.given, sort=key if key != sort or falling else f"-{key}"))
        for key, (label, _key) in SORTS.items()
    ]


def in_order(rows: list[CountyFiguresOut], sort: str, *, falling: bool) -> list[CountyFiguresOut]:
    """By a column; what has no figure stands at the end, whichever way round."""
    if not sort:
        return rows
    key = SORTS[sort][1]
    known = [row for row in rows if key(row) is not None]
    return sorted(known, key=key, reverse=falling) + [row for row in rows if key(row) is None]


def _drawn(curve: Curve) -> str:
    """The curve as the points of a line in a square of 100, which has its origin at the top."""
    return " ".join(
        f"{people * 100:.1f},{100 - good * 100:.1f}" for people, good in zip(curve.people, curve.good, strict=True)
    )


def _quarters(curve: Curve) -> list[tuple[float, float]]:
    """What the quarter, half and three quarters of the people have who have least."""
    steps = len(curve.people) - 1
    return [(part, curve.good[round(part * steps)]) for part in QUARTERS]


def drawn(at: Look, choice: Choice, reached: Reached, rows: list[CountyFiguresOut]) -> dict[str, Any]:
    """For the map: each county's share, the stations that may do it, and the demand points, reached or not."""
    able = [station for station in at.work.network.stations if reached.able[station.index]]
    return {
        "shares": {row.county: row.share_within for row in rows},
        "stations": [
            {"code": each.code, "name_zh": each.name_zh, "name_en": each.name_en, "lon": each.lon, "lat": each.lat}
            for each in able
        ],
        "points": _points(reached.points, reached),
        "county": choice.adcode,
    }


MOST_DRAWN = 2000


def _points(points: Points, reached: Reached) -> list[dict[str, Any]]:
    """The weightiest, each with the part of the services that reach it."""
    part = (reached.soon > 0).mean(axis=0)
    largest = sorted(range(len(points)), key=lambda n: -points.weight[n])[:MOST_DRAWN]
    top = float(points.weight.max()) if len(points) else 1.0
    return [
        {
            "name_zh": points.names_zh[n],
            "name_en": points.names_en[n],
            "lon": float(points.lon[n]),
            "lat": float(points.lat[n]),
            "size": float(points.weight[n]) / top if top else 0.0,
            "part": round(float(part[n]), 4),
        }
        for n in largest
        if points.weight[n] > 0
    ]
