"""The web room's own addresses: large text, and the API's human pages."""

from typing import Annotated, Literal

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.kit.doors import Door
from app.web.cookies import set_cookie
from app.web.templating import TEXT_COOKIE, page

router = Door(include_in_schema=False)
YEAR_SECONDS = 365 * 24 * 3600


@router.post("/preferences")
async def remember_text_size(
    request: Request, text: Annotated[Literal["normal", "large"], Form()], back: Annotated[str, Form()] = "/"
) -> RedirectResponse:
    """Remember the text size in a cookie and go back to the page it was asked on."""
    response = RedirectResponse(own_path(back), status_code=303)
    set_cookie(request, response, TEXT_COOKIE, text, max_age=YEAR_SECONDS)
    return response


def own_path(address: str) -> str:
    """`address` when it is a path of this site, else the home page: a form may not send people elsewhere."""
    elsewhere = address.startswith("//") or "\\" in address or not address.isprintable()
    return address if address.startswith("/") and not elsewhere else "/"


@router.get("/docs")
async def api_docs(request: Request) -> HTMLResponse:
    """Everything that there is for developers, and each operation to be tried."""
    return page(request, "web/docs.html")
