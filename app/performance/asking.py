"""What can be asked about performance, for programs, pages and mails: days, and stations that somebody reaches."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field

from app.accounts.callers import allowed
from app.accounts.rules.rights import Caller, Permission, Scope
from app.catalogue.snapshot import Catalogue, CurrentCatalogue
from app.kit.clock import local_date, now
from app.kit.db import Database
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid
from app.kit.schemas import Strict, WrittenDate
from app.kit.text import Line
from app.performance.queries import Asked, Report, report
from app.performance.rules import MOST_DAYS, By
from app.performance.unusual import StationUnusual, look_for
from app.requests.errors import station_unknown
from app.stations.atlas import DivisionFacts
from app.stations.directory import CurrentDirectory, Directory
from app.stations.queries import wanted
from app.stations.snapshot import Network, ServiceFacts, StationFacts

USUAL_DAYS = 30
WRONG_WAY = lazy("The last day comes before the first. Please exchange them.")
TOO_LONG = lazy("Please ask for at most {most} days at once.")
MayRead = Annotated[Caller, Depends(allowed(Permission.COVERAGE_READ))]


class PlaceAsked(Strict):
    """Which days and stations; of these only those that one may see."""

    first: Annotated[WrittenDate | None, Field(alias="from", description="The first day; else 30 days to `to`.")] = None
    last: Annotated[WrittenDate | None, Field(alias="to", description="The last day; today unless given.")] = None
    county: Annotated[str, Line(60, blank=True), Field(description="A county's code or name.")] = ""
    station: Annotated[str, Line(32, blank=True), Field(description="A station's code.")] = ""


class FiguresAsked(PlaceAsked):
    """And which service, and what is put together."""

    service: Annotated[str, Line(32, blank=True), Field(description="A service's code.")] = ""
    by: Annotated[By, Field(description="What figures are put together for.")] = By.DAY


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for in this network's terms."""

    asked: Asked
    county: DivisionFacts | None
    station: StationFacts | None
    service: ServiceFacts | None


@dataclass(frozen=True, slots=True)
class Working:
    """What performance is counted from: the network, the part of it that is reached, and the moment."""

    directory: Directory
    catalogue: Catalogue
    database: Database
    scope: Scope
    now: datetime

    @property
    def network(self) -> Network:
        return self.directory.network

    @property
    def stations(self) -> list[StationFacts]:
        """Those that one may see, by code."""
        return [each for each in self.network.stations if self.scope.reaches(each.id, each.county_adcode)]

    def choice(self, asked: PlaceAsked) -> Choice:
        """Raises Invalid that names what is unknown, or out of reach."""
        services, by = (asked.service, asked.by) if isinstance(asked, FiguresAsked) else ("", By.DAY)
        found = wanted(self.directory, self.catalogue, asked.county, services)
        own = self.stations
        station = next((each for each in own if each.code.upper() == asked.station.upper()), None)
        if asked.station and station is None:
            raise station_unknown(asked.station)
        ids = tuple(
            each.id
            for each in own
            if (station is None or each is station)
            and (found.county is None or each.county_adcode == found.county.adcode)
        )
        first, last = self._days(asked)
        service_id = found.service.id if found.service else None
        return Choice(Asked(first, last, ids, by, service_id), found.county, station, found.service)

    def _days(self, asked: PlaceAsked) -> tuple[date, date]:
        last = asked.last or max(local_date(self.now), asked.first or date.min)
        first = asked.first or max(last, date(1, 3, 1)) - timedelta(days=USUAL_DAYS - 1)
        if first > last:
            raise Invalid(errors=[FieldError("to", "before_from", WRONG_WAY.msgid)])
        if (last - first).days >= MOST_DAYS:
            raise Invalid(errors=[FieldError("from", "too_long", TOO_LONG.msgid, {"most": MOST_DAYS})])
        return first, last

    async def report(self, choice: Choice) -> Report:
        """The figures, from the replica where there is one."""
        async with self.database.reader() as session:
            return await report(session, self.network, choice.asked, self.now)

    async def unusual(self, choice: Choice) -> list[StationUnusual]:
        """Days that are far from what their station is used to, the last first."""
        async with self.database.reader() as session:
            return await look_for(session, choice.asked, self.now)


async def current_work(
    request: Request,
    caller: MayRead,
    directory: CurrentDirectory,
    catalogue: CurrentCatalogue,
    at: Annotated[datetime, Depends(now)],
) -> Working:
    return Working(directory, catalogue, request.app.state.database, caller.scope(Permission.COVERAGE_READ), at)


CurrentWork = Annotated[Working, Depends(current_work)]
