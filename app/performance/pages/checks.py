"""Whether the figures that are kept are still what was recorded, night by night."""

from typing import LiteralString

from fastapi.responses import HTMLResponse

from app.kit.db import Hot
from app.kit.doors import Door
from app.performance.pages.frame import READ, Looking
from app.performance.words import PERFORMANCE

router = Door()
MOST = 60
CHECKS: LiteralString = """
SELECT at, days, differing, mended FROM performance_check ORDER BY at DESC, id DESC LIMIT %s
"""
KEPT: LiteralString = "SELECT count(*), min(day), max(day) FROM performance_settled"


@router.get(f"{PERFORMANCE}/checks", dependencies=[READ])
async def checks(at: Looking, database: Hot) -> HTMLResponse:
    """The last ones first."""
    [(count, first, last)] = await database.fetch(KEPT, ())
    rows = await database.fetch(CHECKS, (MOST,))
    context = {"rows": rows, "count": count, "first": first, "last": last, "path": PERFORMANCE}
    return at.show("checks.html", context)
