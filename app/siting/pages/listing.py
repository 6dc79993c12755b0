"""All plans, the newest first, and two of them to be compared."""

from datetime import datetime
from uuid import UUID

from fastapi.responses import HTMLResponse

from app.kit.cursors import CursorInvalid, read_cursor, write_cursor
from app.kit.db import Reading
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.siting.pages.frame import PLANS, READ, Looking
from app.siting.queries import listed
from app.siting.rules.states import Status
from app.web.forms import address

router = Door()
PER_PAGE = 30
DELETED = "deleted"


@router.get(PLANS, dependencies=[READ])
async def plans_page(at: Looking, session: Reading, after: str = "", done: str = "") -> HTMLResponse:
    """A page of them; an address that isn't ours begins at the beginning."""
    found = await listed(session, _place(after), PER_PAGE + 1)
    shown = [at.shown(plan) for plan in found[:PER_PAGE]]
    more = len(found) > PER_PAGE
    last = found[PER_PAGE - 1] if more else None
    following = address(PLANS, {"after": write_cursor(last.created_at, last.id)}) if last else ""
    context = {
        "rows": shown,
        "comparable": [(str(each.plan.id), each.name) for each in shown if each.plan.status is Status.DONE],
        "first": PLANS if after else "",
        "following": following,
        "done": _("The plan is deleted.") if done == DELETED else "",
    }
    return at.show("plans.html", context)


def _place(after: str) -> tuple[datetime, UUID] | None:
    try:
        created_at, plan_id = read_cursor(after, datetime, UUID)
    except CursorInvalid:
        return None
    return created_at, plan_id
