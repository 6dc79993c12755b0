"""The packages that there are, what one of them is, and its beginning."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from app.accounts.callers import CurrentCaller
from app.accounts.rules.rights import Caller
from app.bundles import service
from app.bundles.finding import Around, CurrentAround
from app.bundles.following import work_days
from app.bundles.near import Nearest, nearest_for, together
from app.bundles.offered import offered, package_of, packages
from app.bundles.pages.frame import address, see
from app.bundles.rules import Order, Package, Step
from app.bundles.service import Beginning
from app.catalogue.labels import mode_label, what_to_bring
from app.catalogue.snapshot import ServiceInfo
from app.kit.clock import local_date
from app.kit.db import RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.kit.problems import Invalid
from app.requests.opened import Opened
from app.stations.atlas import Atlas
from app.web.limits import limited
from app.web.templating import page

router = Door(route_class=RetryingRoute)
MOST_TOWNS = 400
Towns = list[tuple[str, list[tuple[str, str]]]]


@router.get("/packages")
async def listed(request: Request, around: CurrentAround) -> HTMLResponse:
    """Each package with what it is for."""
    found = offered(around.catalogue)
    context = {"packages": found, "source": tr(packages(), "source"), "version": packages().version}
    return page(request, "bundles/packages.html", context)


@dataclass(frozen=True, slots=True)
class Line:
    """A step as the page of its package explains it. `after` are the names of the services before it."""

    step: Step
    service: ServiceInfo
    after: tuple[str, ...]
    bring: tuple[str, ...]
    modes: tuple[str, ...]
    work_days: int | None
    stations: int
    near: Nearest | None

    @property
    def must_wait(self) -> bool:
        return bool(self.after) and self.step.order is Order.MUST


@router.get("/packages/{code}")
async def one(
    code: str,
    around: CurrentAround,
    caller: CurrentCaller,
    town: Annotated[str, Query(max_length=12)] = "",
) -> HTMLResponse:
    """Its steps, their order, what to bring, how long; with `town`, which stations near there do it."""
    return await _page(around, caller, package_of(around.catalogue, code), {"town": town}, {})


@router.post("/packages/{code}", dependencies=[Depends(limited("request"))])
async def begin(
    *,
    request: Request,
    code: str,
    around: CurrentAround,
    caller: CurrentCaller,
    session: Writing,
    town: Annotated[str, Form(max_length=12)] = "",
    organisation: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Begin it: for an organisation, else with a code that this browser is shown."""
    package = package_of(around.catalogue, code)
    errors = (
        {} if around.origin(town) else {"town": _("Choose where it is for, so that stations near there are found.")}
    )
    own = [each.organisation_id for each in caller.memberships if str(each.organisation_id) == organisation]
    if organisation and not own:
        errors["organisation"] = _("Choose for whom you begin it.")
    if errors:
        return await _page(around, caller, package, {"town": town, "organisation": organisation}, errors)
    bundle = await service.begin(
        session,
        around.network,
        Beginning(package, packages().version, town),
        service.owner_of(caller, own[0] if own else None),
        caller.actor,
        secret_key=around.secret_key,
        now=around.now,
    )
    response = see(f"{address(bundle.reference)}?done=begun")
    if not own:
        Opened(request).remember(response, bundle.reference)
    return response


async def _page(
    around: Around, caller: Caller, package: Package, typed: dict[str, str], errors: dict[str, str]
) -> HTMLResponse:
    lines = await _lines(around, package, typed["town"])
    choices = [(str(each.organisation_id), each.organisation_name) for each in caller.memberships]
    context: dict[str, Any] = {
        "package": package,
        "lines": lines,
        "total_min": sum(line.service.duration_min for line in lines),
        "together": [
            (station, [line.service for line in lines if line.step.key in keys])
            for station, keys in together({line.step.key: line.near for line in lines})
        ],
        "towns": towns(around.directory.atlas),
        "typed": {"organisation": choices[0][0] if choices else "", **typed},
        "organisations": [*choices, ("", _("Without an organisation, with a code"))] if choices else [],
        "errors": errors,
        "source": tr(packages(), "source"),
        "version": packages().version,
    }
    return page(around.request, "bundles/package.html", context, status_code=Invalid.status if errors else 200)


async def _lines(around: Around, package: Package, town: str) -> list[Line]:
    origin, today = around.origin(town), local_date(around.now)
    counts = await around.request.app.state.station_counts(today)
    services = around.catalogue.by_code
    names = {step.key: tr(services[step.service], "name") for step in package.steps}
    network = around.network
    return [
        Line(
            step,
            services[step.service],
            tuple(names[key] for key in step.after),
            tuple(what_to_bring(services[step.service].fields, services[step.service].modes[0])),
            tuple(mode_label(mode) for mode in services[step.service].modes),
            work_days(around.policy, network.services[network.service_index[step.service]]),
            counts.get(step.service, 0),
            nearest_for(network, step.service, origin, today) if origin else None,
        )
        for step in package.steps
    ]


def towns(atlas: Atlas) -> Towns:
    """The towns by county; where a list can't hold them, the counties alone. Names and codes."""
    if len(atlas.towns) > MOST_TOWNS:
        return [("", [(each.adcode, tr(each, "name")) for each in atlas.divisions])]
    by_county: dict[str, list[tuple[str, str]]] = {each.adcode: [] for each in atlas.divisions}
    for town in atlas.towns:
        by_county[town.county_adcode].append((town.code, tr(town, "name")))
    return [(tr(each, "name"), by_county[each.adcode]) for each in atlas.divisions if by_county[each.adcode]]
