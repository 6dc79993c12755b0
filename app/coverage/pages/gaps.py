"""Where somebody has no station in reach, and what is in the way."""

from functools import partial

from anyio import to_thread
from fastapi import Response

from app.coverage.asking import ReachAsked
from app.coverage.pages.frame import READ, Looking, as_file, listed, plain, question
from app.coverage.papers.lists import gaps_paper
from app.coverage.tables import gap_features, gap_rows, of_county
from app.coverage.words import BASES, CAUSES, COVERAGE
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy

router = Door()
MOST_SHOWN = 200
HEADS: dict[str, LazyString] = {
    "code": lazy("Code of the place"),
    "name_zh": lazy("Name in Chinese"),
    "name_en": lazy("Name in English"),
    "county": lazy("County"),
    "lon": lazy("Longitude"),
    "lat": lazy("Latitude"),
    "approximate": lazy("Approximate position"),
    "weight": lazy("Demand"),
    "missing": lazy("Services out of reach"),
    "nearest_km": lazy("Nearest station that may do it (km)"),
    "nearest_station": lazy("That station"),
    "days_to_first_slot": lazy("Working days to its first free time"),
    "cause": lazy("What is in the way"),
}


@router.get(f"{COVERAGE}/gaps", dependencies=[READ])
async def gaps(at: Looking) -> Response:
    """Worst first; with `format` all of them as a file."""
    asked = question(at, ReachAsked)
    if isinstance(asked, Response):
        return asked
    kept, reached = await at.work.kept(asked.choice), await at.work.reached(asked.choice)
    rows = await to_thread.run_sync(lambda: gap_rows(at.work, reached, of_county(reached, asked.choice)))
    if at.file:
        lines = [plain(row) | {"cause": str(CAUSES[row.cause]) if row.cause else ""} for row in rows]
        paper = partial(gaps_paper, at.work, asked.choice, kept, rows)
        return await as_file(at, listed("gaps", HEADS, lines), paper, gap_features(rows))
    weight = sum(row.weight for row in rows)
    context = {
        "choice": asked.choice,
        "rows": rows[:MOST_SHOWN],
        "total": len(rows),
        "weight": weight,
        "share": weight / kept.demand.points.total if kept.demand.points.total else 0.0,
        "points": int((reached.weights(of_county(reached, asked.choice))[0] > 0).sum()),
        "causes": CAUSES,
        "stations": {each.code: each for each in at.work.network.stations},
        "divisions": at.work.directory.atlas.division_by_code,
        "basis": [str(words) for words in BASES[asked.choice.basis]],
        "kept": kept,
        "plan": at.planning(asked.choice),
    }
    return at.show("gaps.html", context)
