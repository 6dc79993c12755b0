"""For doors: what stands at the head of a mail that a page causes, and to where its link leads."""

from typing import Annotated

from fastapi import Depends, Request

from app.config import Settings
from app.notify.letters import Letterhead
from app.web.templating import Site


async def letterhead(request: Request) -> Letterhead:
    """The network's names and the portal's address: as its operator set it, never from the Host header.

    On a developer's machine, where none is set, it is the address of the very socket that the call came in by.
    """
    settings: Settings = request.app.state.settings
    site: Site = request.app.state.look.env.globals["site"]
    address = settings.address if settings.web.public_url else _own_socket(request) or settings.address
    return Letterhead(site.network_zh, site.network_en, address, settings.mail.sms_url is not None)


def _own_socket(request: Request) -> str:
    host, port = request.scope.get("server") or ("", None)
    if not host or host.startswith("/"):
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{request.scope['scheme']}://{shown}:{port}" if port else f"{request.scope['scheme']}://{shown}"


Head = Annotated[Letterhead, Depends(letterhead)]
