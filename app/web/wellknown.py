"""`/.well-known/security.txt` (RFC 9116): whom to tell of a weakness."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends
from fastapi.responses import PlainTextResponse

from app.kit.clock import now as clock_now
from app.kit.doors import Door
from app.kit.problems import NotFound

PATH = "/.well-known/security.txt"
GOOD_FOR = timedelta(days=180)


def security_txt(contact: str | None, public_url: str | None) -> Door:
    """The router for a `contact` (``mailto:…``, ``https://…``, ``tel:…``); without one the address is not found.

    `public_url` is the portal's own address without a slash at its end, named in the file as its canonical place.
    """
    router = Door(include_in_schema=False)

    @router.get(PATH)
    async def show(now: Annotated[datetime, Depends(clock_now)]) -> PlainTextResponse:
        if contact is None:
            raise NotFound
        expires = (now + GOOD_FOR).date()
        lines = [f"Contact: {contact}", f"Expires: {expires:%Y-%m-%d}T00:00:00Z", "Preferred-Languages: zh, en"]
        if public_url:
            lines.append(f"Canonical: {public_url}{PATH}")
        return PlainTextResponse("\n".join(lines) + "\n")

    return router
