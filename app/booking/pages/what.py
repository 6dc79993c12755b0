"""The first page: what is to be done, what for, and how. And where every booking begins, `/book`."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from starlette.datastructures import FormData

from app.booking.choices import keep_what_fits
from app.booking.drafts import DraftData, begin
from app.booking.errors import TooManyServices
from app.booking.pages.frame import Now, Wizard, WizardPage, WizardRoute, see
from app.booking.pages.typed import text
from app.booking.steps import Step, asks_use, chosen, first_open_step, path, put_aside, shared_modes
from app.catalogue.labels import mode_label, option_label
from app.catalogue.queries import Wanted, find_services, nearest, service_by_code
from app.catalogue.rules import USE_FIELD, Use
from app.catalogue.snapshot import Catalogue, current_catalogue
from app.kit.db import Hot, Writing
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.requests.many import MOST_SERVICES
from app.slots.errors import StationUnknown
from app.stations.snapshot import MODES, current_network
from app.web.client import get_clients

router = Door(route_class=WizardRoute)
MOST_FOUND = 8
LONGEST_WORDS = 100


class Beginning(BaseModel):
    """What may be chosen already where the visitor comes from."""

    service: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=MOST_SERVICES)
    station: str = Field(default="", max_length=32)


@router.get("/book")
async def start(request: Request, asked: Annotated[Beginning, Query()], session: Writing, at: Now) -> Response:
    """A new draft, with its own address. Raises ServiceUnknown, StationUnknown."""
    network, catalogue = await asyncio.gather(current_network(request), current_catalogue(request))
    codes = dict.fromkeys(service_by_code(catalogue, code).code for code in asked.service)
    if asked.station and asked.station not in network.station_index:
        raise StationUnknown
    data = DraftData(services=list(codes), station=asked.station or None)
    settle_mode(data, catalogue)
    response = see("/")
    draft = await begin(session, get_clients(request).ensure(request, response).key, data, at)
    response.headers["location"] = path(draft.id, first_open_step(data, catalogue, at))
    return response


def settle_mode(data: DraftData, catalogue: Catalogue) -> None:
    """Where there is one way only, nobody need be asked."""
    services = chosen(data, catalogue)
    ways = shared_modes(services) if services else []
    if len(ways) == 1:
        data.mode = ways[0]
    elif data.mode not in ways:
        data.mode = None


@router.get("/book/{draft}/what")
async def what(wizard: Wizard) -> HTMLResponse:
    """With `q`, also the services that these words find, to be added."""
    wizard.guard(Step.WHAT)
    return _page(wizard, {})


@router.post("/book/{draft}/what")
async def choose(wizard: Wizard, database: Hot) -> Response:
    """One form with several buttons: take a service out, put one in, search for one, go on."""
    wizard.guard(Step.WHAT)
    before = wizard.data.model_copy(deep=True)
    async with wizard.request.form() as form:
        words = "" if "go" in form else text(form, "q")[:LONGEST_WORDS]
        stays = _take(wizard, form)
    settle_mode(wizard.data, wizard.catalogue)
    await keep_what_fits(database, wizard.network, wizard.data, before)
    await wizard.save()
    if stays:
        return see(wizard.path(Step.WHAT))
    if words:
        return see(f"{wizard.path(Step.WHAT)}?{urlencode({'q': words})}#add")
    errors = _errors(wizard)
    return _page(wizard, errors, status_code=422) if errors else wizard.onward()


def _take(wizard: WizardPage, form: FormData) -> bool:
    """What was chosen, as far as it can be. True when the list of services was changed, so that one stays here.

    Raises ServiceUnknown for one that nobody offers, TooManyServices.
    """
    data = wizard.data
    if "use" in form:
        data.use = use if (use := text(form, "use")) in set(Use) else None
    if "mode" in form:
        data.mode = mode if (mode := text(form, "mode")) in MODES else None
    added, removed = text(form, "add"), text(form, "remove")
    if added and added not in data.services:
        if len(data.services) >= MOST_SERVICES:
            raise TooManyServices(most=MOST_SERVICES)
        data.services.append(service_by_code(wizard.catalogue, added).code)
    # What is no longer offered goes too: it can't be shown, so it couldn't be taken out.
    kept = [service.code for service in chosen(data, wizard.catalogue) if service.code != removed]
    changed, data.services = kept != data.services or bool(added), kept
    data.later = [code for code in data.later if code not in kept]
    return changed


def _errors(wizard: WizardPage) -> dict[str, str]:
    services = chosen(wizard.data, wizard.catalogue)
    if not services:
        return {"q": _("Please look for the service that you need, and add it.")}
    errors = {}
    if asks_use(services) and not wizard.data.use:
        errors["use"] = _("Please say what the instrument is used for. It decides which stations may do this.")
    if not shared_modes(services):
        errors[""] = _("These services can't be done in the same way, so not in one visit. Please remove one.")
    elif not wizard.data.mode:
        errors["mode"] = _("Please choose where it is to be done.")
    return errors


def _page(wizard: WizardPage, errors: dict[str, str], *, status_code: int = 200) -> HTMLResponse:
    services = chosen(wizard.data, wizard.catalogue)
    words = wizard.request.query_params.get("q", "").strip()[:LONGEST_WORDS]
    context = {
        "errors": errors,
        "services": services,
        "aside": put_aside(wizard.data, wizard.catalogue),
        "total_min": sum(service.duration_min for service in services),
        "uses": [(use.value, option_label(USE_FIELD, use.value)) for use in Use] if asks_use(services) else [],
        "ways": [(mode, mode_label(mode)) for mode in shared_modes(services)] if services else [],
        "full": len(services) >= MOST_SERVICES,
        "q": words,
        **_found(wizard, words),
    }
    return wizard.show("booking/what.html", Step.WHAT, context, status_code=status_code)


def _found(wizard: WizardPage, words: str) -> dict[str, Any]:
    """The services that words find, but those already there; and what may have been meant."""
    if not words:
        return {"found": [], "meant": []}
    found = find_services(wizard.catalogue, Wanted(words))
    wizard.request.app.state.questions.searched(found=bool(found))
    new = [service for service in found if service.code not in wizard.data.services]
    terms = nearest(wizard.catalogue, words).terms if not new else ()
    return {"found": new[:MOST_FOUND], "meant": [(term, f"?{urlencode({'q': term})}#add") for term in terms]}
