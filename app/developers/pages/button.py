"""The booking button for other websites: its script, and the page on which one makes it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from app.catalogue.queries import Wanted, find_services
from app.catalogue.snapshot import Catalogue, CurrentCatalogue, ServiceInfo
from app.developers.snippets import SCRIPT, Button
from app.kit.clock import local_date
from app.kit.clock import now as clock_now
from app.kit.conditional import Document, has, headers_of, not_modified, squeezes
from app.kit.doors import Door
from app.kit.i18n import current_locale, tr, use_locale
from app.kit.i18n import gettext as _
from app.kit.problems import Invalid
from app.kit.schemas import Strict
from app.kit.text import Line
from app.kit.validation import validated
from app.stations.directory import CurrentDirectory, Directory
from app.web.limits import limited
from app.web.templating import page

router = Door()
Now = Annotated[datetime, Depends(clock_now)]
CODE = Document((Path(__file__).parent.parent / "embed" / "v1.js").read_bytes())
FOR_A_DAY = "public, max-age=86400, stale-while-revalidate=604800"
EVERYWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": FOR_A_DAY,
}
"""Pages of others may fetch it; being without cookies and the same for all, it tells them nothing."""
MOST_FOUND, MOST_STATIONS, LONGEST_LABEL = 12, 300, 60
Text = Annotated[str, Line(100, blank=True)]


class Asked(Strict):
    """What the button is to be."""

    q: Text = ""
    service: Text = ""
    station: Text = ""
    language: Literal["zh-CN", "en"] = "zh-CN"
    theme: Literal["light", "dark", "auto"] = "light"
    label: Annotated[str, Line(LONGEST_LABEL, blank=True)] = ""


@router.get(SCRIPT)
async def script(request: Request) -> Response:
    """The address has the version: what works with it goes on working."""
    headers = headers_of(request, "js", CODE.tag) | EVERYWHERE
    if has(request, CODE.tag):
        return not_modified(request, "js", CODE.tag, EVERYWHERE)
    body = CODE.compressed if squeezes(request) else CODE.body
    return Response(body, media_type="text/javascript", headers=headers)


@router.get("/embed", dependencies=[Depends(limited("search"))])
async def make(request: Request, catalogue: CurrentCatalogue, directory: CurrentDirectory, now: Now) -> HTMLResponse:
    """Step by step by the address alone: which service, then the rest; the button is there from the first moment."""
    given = {name: value for name, value in request.query_params.items() if name in Asked.model_fields}
    errors: dict[str, str] = {}
    try:
        asked = validated(Asked, {"language": current_locale()} | {k: v for k, v in given.items() if v.strip()})
    except Invalid as problem:
        errors = {fault.field: fault.sentence() for fault in problem.errors}
        right = {name: value for name, value in given.items() if name not in errors and value.strip()}
        asked = Asked(**({"language": current_locale()} | right))
    service, found = _service(catalogue, asked, errors)
    context: dict[str, Any] = {"asked": asked, "service": service, "found": found, "errors": errors, "button": None}
    context["site_address"] = request.app.state.settings.address
    if service is not None:
        stations = _stations(directory, service, local_date(now).toordinal())
        context |= _made(request, asked, service, stations, errors)
    return page(request, "developers/button.html", context, status_code=Invalid.status if errors else 200)


def _service(
    catalogue: Catalogue, asked: Asked, errors: dict[str, str]
) -> tuple[ServiceInfo | None, list[tuple[ServiceInfo, str]]]:
    """The service by its code or name; else those that the words find, each with the address that chooses it."""
    named = asked.service or asked.q
    service = catalogue.called(named) if named else None
    if service is not None and service.active:
        return service, []
    if asked.service:
        errors["q"] = _("There is no service “{code}” at present. Please look for it by its name.").format(
            code=asked.service
        )
        return None, []
    found = find_services(catalogue, Wanted(asked.q))[:MOST_FOUND] if asked.q else []
    if asked.q and not found:
        errors["q"] = _("Nothing was found for “{words}”. Please try other words.").format(words=asked.q)
    return None, [(each, f"/embed?{urlencode({'service': each.code})}") for each in found]


def _stations(directory: Directory, service: ServiceInfo, on: int) -> dict[str, str]:
    """Those in use that do the service today, by code."""
    network = directory.network
    offered = directory.in_force(network.service_index[service.code], on)
    return {each.code: tr(each, "name") for each in network.stations if each.active and offered[each.index]}


def _made(
    request: Request, asked: Asked, service: ServiceInfo, stations: Mapping[str, str], errors: dict[str, str]
) -> dict[str, Any]:
    if asked.station and asked.station not in stations:
        errors["station"] = _("No station “{code}” does this at present. Please choose another one, or none.").format(
            code=asked.station
        )
    with use_locale(asked.language):
        name = tr(service, "name")
    button = Button(
        request.app.state.settings.address,
        service.code,
        name,
        asked.station if asked.station in stations else "",
        asked.language,
        asked.theme,
        asked.label,
    )
    few = len(stations) <= MOST_STATIONS
    return {"button": button, "stations": list(stations.items()) if few else None}
