"""The public check as a page: the number and the code of a document, and how it stands."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse

from app.kit import clock
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.results.checking import check
from app.results.errors import DocumentUnknown
from app.results.words import STANDINGS, TITLES
from app.web.limits import limited
from app.web.templating import page

router = Door()
Now = Annotated[datetime, Depends(clock.now)]
Typed = Annotated[str, Query(max_length=200)]
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


@router.get("/check")
async def check_page(request: Request, database: Hot, now: Now, number: Typed = "", code: Typed = "") -> HTMLResponse:
    """The form, and what it found. An address with both, as in the QR code, answers at once."""
    if not number and not code:
        return _page(request, {"errors": {}, "number": "", "code": "", "found": None})
    errors = {} if number.strip() else {"number": _("Type the number that stands at the top of the document.")}
    if not code.strip():
        errors["code"] = _("Type the code that stands beside the QR code of the document.")
    found = None
    if not errors:
        await limited("follow")(request, now)
        try:
            found = await check(database, number, code, request.app.state.settings.secret_key, now)
        except DocumentUnknown as problem:
            errors["number"] = problem.sentence()
    return _page(request, {"errors": errors, "number": number, "code": code, "found": found})


def _page(request: Request, context: dict[str, object]) -> HTMLResponse:
    words = {"titles": TITLES, "standings": STANDINGS}
    return page(
        request,
        "results/check.html",
        words | context,
        status_code=422 if context["errors"] else 200,
        headers=PRIVATE,
    )
