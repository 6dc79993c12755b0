"""What was changed lately: who, what, from which value to which, when and why."""

from typing import Annotated

from fastapi import Depends
from fastapi.responses import HTMLResponse

from app.kit.db import Reading
from app.kit.doors import Door
from app.policy.pages.frame import PATH, READ, Looking
from app.policy.queries import latest
from app.policy.reach import scopes_seen

router = Door()
HISTORY = f"{PATH}/history"
A_PAGE = 50


@router.get(HISTORY, dependencies=[READ])
async def history_page(desk: Annotated[Looking, Depends()], session: Reading) -> HTMLResponse:
    """Newest first; a place to begin that isn't ours counts as none."""
    text = desk.request.query_params.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(2**63)) else None
    entries, following = await latest(session, scopes_seen(desk.caller, desk.network), before=before, limit=A_PAGE)
    context = {
        "lines": [desk.line(each) for each in entries],
        "first": HISTORY if before else "",
        "following": f"{HISTORY}?before={following}" if following else "",
    }
    return desk.show("history.html", context, part=HISTORY)
