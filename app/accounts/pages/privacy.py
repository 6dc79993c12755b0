"""The privacy notice as a page."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from app.accounts.queries.notice import notice_in_force, operator
from app.accounts.rules.notice import Operator, blocks
from app.kit.clock import local_date, now
from app.kit.doors import Door
from app.kit.i18n import tr
from app.web.templating import page

router = Door()


@router.get("/privacy")
async def privacy(
    request: Request, now: Annotated[datetime, Depends(now)], operator: Annotated[Operator, Depends(operator)]
) -> HTMLResponse:
    notice = operator.filled(notice_in_force(local_date(now)))
    return page(request, "accounts/privacy.html", {"version": notice.version, "blocks": blocks(tr(notice, "text"))})
