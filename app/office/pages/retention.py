"""What is kept how long, and why: read from the rules that the daily job follows."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from app.accounts.callers import allowed
from app.accounts.rules.rights import Caller, Permission
from app.audit.rules import KEPT, LEAST_KEPT
from app.kit.doors import Door
from app.kit.retention import Retention
from app.office.pages.frame import show

router = Door()
MayRead = Annotated[Caller, Depends(allowed(Permission.RETENTION_READ))]


@router.get("/office/retention")
async def retention_page(request: Request, caller: MayRead) -> HTMLResponse:
    rules: Sequence[Retention] = getattr(request.app.state, "retention", ())
    context = {"rules": rules, "record_days": KEPT.days, "record_least_days": LEAST_KEPT.days}
    return show(request, caller, "retention.html", context)
