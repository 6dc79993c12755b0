"""What can be asked about coverage, for programs and pages alike: the filters, and what they mean in this network."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Depends, Request
from pydantic import Field

from app.catalogue.rules import Use
from app.catalogue.snapshot import Catalogue, CategoryInfo, CurrentCatalogue
from app.coverage.demand import DemandStore, Kept
from app.coverage.points import Basis, Points
from app.coverage.reach import Asked, Reached, active_in, reach
from app.kit.clock import local_date, now
from app.kit.i18n import lazy, tr
from app.kit.problems import FieldError, Invalid
from app.kit.schemas import Strict, WrittenDate
from app.kit.text import Line
from app.slots.queries import Availability
from app.stations.atlas import DivisionFacts
from app.stations.directory import CurrentDirectory, Directory
from app.stations.queries import wanted
from app.stations.snapshot import Network, ServiceFacts

USUAL_KM = 15.0
LEAST_KM, MOST_KM, MOST_DAYS = 0.01, 1000, 60
MOST_CELLS = 40_000_000
"""Services times demand points that are looked at in one answer: of a country's points a category at most."""
CATEGORY_UNKNOWN = lazy("There is no category “{value}”. Choose one of: {expected}.")
NO_BASIS = lazy("There is no such data here yet. Choose one of: {expected}.")
TOO_MUCH = lazy("These are too many demand points for all services at once. Please choose a service or a category.")


class PlaceAsked(Strict):
    """Which services, where, on which day, counted over which demand."""

    county: Annotated[str, Line(60, blank=True), Field(description="A county's code or name: its demand.")] = ""
    service: Annotated[str, Line(32, blank=True), Field(description="A service's code.")] = ""
    category: Annotated[str, Line(32, blank=True), Field(description="All services of a category.")] = ""
    on: Annotated[WrittenDate | None, Field(description="Capabilities in force on this day; today unless given.")] = (
        None
    )
    basis: Annotated[Basis, Field(description="What demand is weighed by.")] = Basis.RESIDENTS
    use: Annotated[
        Use | None, Field(description="`other` where nothing is mandatory by its use; else designation counts.")
    ] = None


class ReachAsked(PlaceAsked):
    """And how far is near enough, and how soon is soon enough."""

    within_km: Annotated[float, Field(ge=LEAST_KM, le=MOST_KM, allow_inf_nan=False, description="Kilometres.")] = (
        USUAL_KM
    )
    within_days: Annotated[
        int | None, Field(ge=0, le=MOST_DAYS, description="Working days until a free time; any time unless given.")
    ] = None


FileFormat = Annotated[
    Literal["json", "csv", "xlsx", "pdf", "geojson"] | None,
    Field(description="Or by `Accept`, for CSV, XLSX and PDF."),
]


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for in this network's terms: `asked` has the services of the service, the category, or all."""

    asked: Asked
    basis: Basis
    county: DivisionFacts | None
    category: CategoryInfo | None
    service: ServiceFacts | None

    @property
    def adcode(self) -> str | None:
        """The county's code."""
        return self.county.adcode if self.county else None


@dataclass(frozen=True)
class Working:
    """What coverage is counted from: the network, the catalogue, demand, free time, and the moment."""

    directory: Directory
    catalogue: Catalogue
    demand: DemandStore
    availability: Availability
    now: datetime

    @property
    def network(self) -> Network:
        return self.directory.network

    def choice(self, asked: ReachAsked | PlaceAsked) -> Choice:
        """Raises Invalid, with suggestions where a county or a service isn't known."""
        found = wanted(self.directory, self.catalogue, asked.county, asked.service)
        category = self._category(asked.category)
        if found.service:
            services: tuple[int, ...] = (found.service.index,)
        else:
            services = active_in(self.network, [category.code] if category else [])
        limits = (asked.within_km, asked.within_days) if isinstance(asked, ReachAsked) else (USUAL_KM, None)
        on: date = asked.on or local_date(self.now)
        return Choice(Asked(services, *limits, on, asked.use), asked.basis, found.county, category, found.service)

    def _category(self, code: str) -> CategoryInfo | None:
        known = self.catalogue.category_by_code
        if code and code not in known:
            expected = " · ".join(f"{each.code} ({tr(each, 'name')})" for each in self.catalogue.categories)
            places = {"value": code, "expected": expected}
            error = FieldError("category", "category_unknown", CATEGORY_UNKNOWN.msgid, places)
            raise Invalid(errors=[error])
        return known[code] if code else None

    async def kept(self, choice: Choice) -> Kept:
        """Raises Invalid where there is no demand on this basis."""
        if choice.basis not in self.demand.bases:
            expected = ", ".join(self.demand.bases)
            raise Invalid(errors=[FieldError("basis", "basis_unknown", NO_BASIS.msgid, {"expected": expected})])
        return await self.demand.current(self.directory, choice.basis, choice.asked.on, self.now)

    async def points(self, choice: Choice) -> Points:
        """The demand for the services asked for. Raises Invalid where it is too much to count at once."""
        kept = await self.kept(choice)
        everything = choice.service is None and choice.category is None
        services = [self.network.services[index].id for index in choice.asked.services]
        points = kept.demand.of(None if everything else services)
        if len(points) * len(choice.asked.services) > MOST_CELLS:
            raise Invalid(errors=[FieldError("service", "too_much", TOO_MUCH.msgid)])
        return points

    async def reached(self, choice: Choice) -> Reached:
        return await reach(self.network, await self.points(choice), choice.asked, self.availability, self.now)


async def current_work(
    request: Request, directory: CurrentDirectory, catalogue: CurrentCatalogue, at: Annotated[datetime, Depends(now)]
) -> Working:
    state = request.app.state
    return Working(directory, catalogue, state.demand, state.availability, at)


CurrentWork = Annotated[Working, Depends(current_work)]
