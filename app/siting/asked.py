"""What can be asked for in a plan, and whether it makes sense in this network."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from app.catalogue.rules import Use
from app.coverage.asking import LEAST_KM, MOST_DAYS, MOST_KM, NO_BASIS, USUAL_KM, Working
from app.coverage.points import Basis
from app.kit.clock import local_date
from app.kit.geo import Crs, PointError, locate
from app.kit.i18n import LazyString, lazy
from app.kit.problems import FieldError, Invalid
from app.kit.schemas import Strict, WrittenDate
from app.kit.text import Line
from app.siting.rules.questions import Objective
from app.siting.rules.states import NAME_LENGTH, Kind, Source
from app.stations.queries import wanted

MOST_NEW, MOST_SERVICES, MOST_POINTS = 200, 50, 5_000
UNKNOWN = lazy("There is no service with the code {code}.")
ONLY_STATIONS = lazy("Desks and capabilities go to stations that there are: choose “stations”.")
NOT_STATIONS = lazy("Where there is a station already no new one is placed: choose towns, demand points, or a list.")
DAYS_NEEDED = lazy("Say within how many working days there should be time: a desk is for stations that have none.")
TWICE = lazy("The code {code} stands twice in the list.")
NO_POINT = lazy("Name at least one place.")


class CandidateIn(Strict):
    """A place where it could be. Without a code it is called by its number in the list."""

    code: Annotated[str, Line(32, blank=True)] = ""
    lon: Annotated[float, Field(allow_inf_nan=False)]
    lat: Annotated[float, Field(allow_inf_nan=False)]
    crs: Crs = Crs.WGS84


Points = Annotated[list[CandidateIn], Field(max_length=MOST_POINTS)]


class PlanAsked(Strict):
    """Place `new_stations` (or desks, or capabilities) so that most demand has one in reach, or the way is short.

    With `within_days` only stations count that have time so soon; new ones do.
    """

    name: Annotated[str, Line(NAME_LENGTH, blank=True)] = ""
    objective: Objective = Objective.MAX_COVER
    kind: Kind = Kind.STATIONS
    new_stations: Annotated[int, Field(ge=1, le=MOST_NEW, description="How many; fewer are chosen where they do.")]
    within_km: Annotated[float, Field(ge=LEAST_KM, le=MOST_KM, allow_inf_nan=False)] = USUAL_KM
    within_days: Annotated[int | None, Field(ge=0, le=MOST_DAYS, description="Working days.")] = None
    service_codes: Annotated[list[Annotated[str, Line(32)]], Field(min_length=1, max_length=MOST_SERVICES)]
    candidates: Annotated[
        Source | Points | None, Field(description="Towns for stations, else the stations, unless given.")
    ] = None
    basis: Annotated[Basis, Field(description="What demand is weighed by.")] = Basis.RESIDENTS
    county: Annotated[str, Line(60, blank=True), Field(description="Only its demand, and places in it.")] = ""
    on: Annotated[WrittenDate | None, Field(description="Capabilities in force on this day; today unless given.")] = (
        None
    )
    use: Annotated[Use | None, Field(description="`other` where nothing is mandatory by its use.")] = None


def checked(asked: PlanAsked, work: Working) -> PlanAsked:
    """The same in full: with what was left open, its county's code, and points in WGS-84. Raises Invalid."""
    errors = [*_services(asked.service_codes, work), *_kind(asked)]
    if asked.basis not in work.demand.bases:
        errors.append(FieldError("basis", "basis_unknown", NO_BASIS.msgid, {"expected": ", ".join(work.demand.bases)}))
    points, faults = _points(asked.candidates)
    if errors or faults:
        raise Invalid(errors=[*errors, *faults])
    county = wanted(work.directory, work.catalogue, asked.county, "").county
    usual = Source.TOWNS if asked.kind is Kind.STATIONS else Source.STATIONS
    return asked.model_copy(
        update={
            "service_codes": list(dict.fromkeys(asked.service_codes)),
            "candidates": points if points is not None else asked.candidates or usual,
            "county": county.adcode if county else "",
            "on": asked.on or local_date(work.now),
        }
    )


def _services(codes: Sequence[str], work: Working) -> list[FieldError]:
    known = work.network.service_index
    return [
        FieldError(f"service_codes.{n}", "service_unknown", UNKNOWN.msgid, {"code": code})
        for n, code in enumerate(codes)
        if code not in known or not work.network.services[known[code]].active
    ]


def _kind(asked: PlanAsked) -> list[FieldError]:
    wrong: list[tuple[str, str, LazyString]] = []
    if asked.kind is Kind.STATIONS and asked.candidates is Source.STATIONS:
        wrong.append(("candidates", "not_stations", NOT_STATIONS))
    if asked.kind is not Kind.STATIONS and asked.candidates not in (None, Source.STATIONS):
        wrong.append(("candidates", "only_stations", ONLY_STATIONS))
    if asked.kind is Kind.DESKS and asked.within_days is None:
        wrong.append(("within_days", "required", DAYS_NEEDED))
    return [FieldError(field, code, sentence.msgid) for field, code, sentence in wrong]


def _points(given: Source | list[CandidateIn] | None) -> tuple[list[CandidateIn] | None, list[FieldError]]:
    """The points in WGS-84, each with a code; None where no list was given."""
    if not isinstance(given, list):
        return None, []
    found: dict[str, CandidateIn] = {}
    faults = [] if given else [FieldError("candidates", "required", NO_POINT.msgid)]
    for n, each in enumerate(given):
        code = each.code or f"{n + 1:04}"
        try:
            at = locate(each.lon, each.lat, each.crs)
        except PointError as error:
            faults.append(FieldError(f"candidates.{n}", error.code, str(error)))
            continue
        if code in found:
            faults.append(FieldError(f"candidates.{n}.code", "twice", TWICE.msgid, {"code": code}))
        found[code] = CandidateIn(code=code, lon=at.lon, lat=at.lat)
    return list(found.values()), faults
