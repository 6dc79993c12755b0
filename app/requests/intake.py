"""Whether what was sent can become a request at the place that is held for it. Pure: facts in, verdict out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from app.catalogue.rules import USE_FIELD, Circumstances, Use, needs_designation, validate_inputs
from app.catalogue.snapshot import Catalogue
from app.kit.clock import local_date
from app.kit.geo import Crs, Point, PointError, locate
from app.kit.i18n import LazyString, lazy
from app.kit.problems import FieldError, Invalid
from app.kit.ticks import tick_time
from app.requests.codes import unproven
from app.requests.many import MOST_SERVICES, SERIAL, repeated
from app.requests.site_intake import Asked, address_among, judged_site, not_asked, too_far, with_address
from app.requests.sites import GivenSite, Site
from app.routing.rules import Check, verdicts
from app.slots.travel import ONSITE
from app.stations.atlas import Atlas
from app.stations.snapshot import DESIGNATED, MODES, Network, ServiceFacts, StationFacts


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks; every text cleaned and checked by the door."""

    organisation_name: str
    uscc: str
    contact_name: str
    mobile: str
    email: str | None


@dataclass(frozen=True, slots=True)
class GivenPoint:
    """Where the applicant is, in degrees of the system in which it was given."""

    lon: float
    lat: float
    crs: Crs


@dataclass(frozen=True, slots=True)
class Submission:
    """A request as it was sent. `items` are service codes with the answers to their forms."""

    hold_id: UUID
    hold_token: str
    items: tuple[tuple[str, Mapping[str, Any]], ...]
    use: Use | None
    applicant: Applicant
    origin: GivenPoint | None
    consent_version: str
    note: str | None
    language: str
    site: GivenSite | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What is held: a visit of some ticks (of the epoch) at a station, for these services in this mode.

    `travel` ticks before and after it are held too, for the way to the site.
    """

    station_id: int
    starts: int
    ticks: int
    travel: int
    mode: str
    service_ids: Sequence[int]

    @property
    def start(self) -> datetime:
        return tick_time(self.starts)

    @property
    def end(self) -> datetime:
        return tick_time(self.starts + self.ticks)


@dataclass(frozen=True, eq=False, slots=True)
class Circle:
    """What a submission is judged against, all of this very moment. `regions` as in `Circumstances`.

    `code_stands`: the credit code's check digits fit, or staff have accepted it.
    """

    network: Network
    atlas: Atlas
    catalogue: Catalogue
    regions: Mapping[str, str]
    consent_version: str
    code_stands: bool = True


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission that may be made a request: its station, its services with clean answers, the WGS-84 origin.

    `site` is there when it is done on site.
    """

    station: StationFacts
    items: tuple[tuple[ServiceFacts, Mapping[str, Any]], ...]
    point: Point | None
    site: Site | None


CANNOT: Mapping[Check, LazyString] = {
    Check.NOT_CAPABLE: lazy("This station does not offer the service. Please choose another station."),
    Check.NOT_DESIGNATED: lazy(
        "For this use the verification is mandatory, and this station is not designated for it. "
        "Please choose a designated station."
    ),
    Check.CAPABILITY_EXPIRED: lazy(
        "On that day this station may not carry out the service. Please choose another day or station."
    ),
    Check.MODE_NOT_OFFERED: lazy("This station does not offer the service in this way. Please choose another one."),
    Check.INACTIVE: lazy("This station does not take bookings at present. Please choose another one."),
}
CONSENT_CHANGED = lazy("The privacy notice in force has the version {version}. Please read it and agree to it.")
NOT_HELD = lazy("What is held is for other services than these. Please hold a time for exactly these services.")
SERVICE_UNKNOWN = lazy("There is no service with the code {service_code}.")
SAME_INSTRUMENT = lazy("This is the same instrument as in row {row}: same number, manufacturer and model.")
SAME_ITEM = lazy("This says the same as row {row}. Please leave it out, or give the quantity in the form.")
TOO_MANY_SERVICES = lazy("One request takes up to {most} different services. Please send the others separately.")


@lru_cache(maxsize=2)
def regions(atlas: Atlas) -> Mapping[str, str]:
    """Every code and name of a division, abolished ones too, to the code of today."""
    known = {former.adcode: former.now for former in atlas.former} | {
        former.name_zh: former.now for former in atlas.former
    }
    for division in atlas.divisions:
        known |= dict.fromkeys((division.adcode, division.name_zh, division.name_en), division.adcode)
    return known


def use_of(use: Use | None, answers: Mapping[str, Any]) -> Use | None:
    """The use of one item's instrument: the whole request's, else what its own form says."""
    own = answers.get(USE_FIELD)
    return use or (Use(own) if own else None)


def may_do(
    network: Network, station: StationFacts, service: ServiceFacts, *, mode: str, day: date, use: Use | None
) -> Check:
    """The first check that a station fails for a service on a day, as routing judges it; PASSED if none."""
    at = service.index, station.index
    designated = DESIGNATED if needs_designation(service, use) else 0
    found = Check(int(verdicts(MODES[mode], designated)[network.offers[at]]))
    if not network.valid_from[at] <= day.toordinal() <= network.valid_until[at]:
        found = min(found, Check.CAPABILITY_EXPIRED)
    return found if station.active else min(found, Check.INACTIVE)


def examine(submission: Submission, held: Held, circle: Circle, now: datetime) -> Accepted:
    """Everything of a submission that the door can't judge by itself. Raises Invalid that names every fault."""
    return _Examination(submission, held, circle, local_date(now)).verdict()


class _Examination:
    """One submission looked at from all sides; `faults` collects what is found."""

    def __init__(self, submission: Submission, held: Held, circle: Circle, today: date) -> None:
        self.submission = submission
        self.held = held
        self.network = circle.network
        self.circle = circle
        self.today = today
        self.station = circle.network.station_by_id[held.station_id]
        self.faults: list[FieldError] = []

    def verdict(self) -> Accepted:
        """First whether it is for what is held, then whether forms are filled in, then whether the station may."""
        self._code()
        self._consent()
        self._services()
        point = self._origin()
        site = self._site()
        self._refuse()
        items = tuple(self._item(n) for n in range(len(self.submission.items)))
        self._refuse()
        for n, (service, answers) in enumerate(items):
            self._station(n, service, answers)
        self._refuse()
        return Accepted(self.station, items, point, site)

    def _refuse(self) -> None:
        if self.faults:
            raise Invalid(errors=self.faults)

    def _fault(self, field: str, code: str, sentence: LazyString, **data: object) -> None:
        self.faults.append(FieldError(field, code, sentence.msgid, data))

    def _code(self) -> None:
        if not self.circle.code_stands:
            self.faults.append(unproven("applicant.uscc"))

    def _consent(self) -> None:
        version = self.circle.consent_version
        if self.submission.consent_version != version:
            self._fault("consent_version", "consent_not_in_force", CONSENT_CHANGED, version=version)

    def _services(self) -> None:
        codes = [code for code, _answers in self.submission.items]
        for n, code in enumerate(codes):
            if code not in self.network.service_index:
                self._fault(f"items.{n}.service_code", "service_unknown", SERVICE_UNKNOWN, service_code=code)
        if len(set(codes)) > MOST_SERVICES:
            self._fault("items", "too_many_services", TOO_MANY_SERVICES, most=MOST_SERVICES)
        self._repeated()
        named = {self._service(code).id for code in codes if code in self.network.service_index}
        if not self.faults and named != set(self.held.service_ids):
            self._fault("items", "hold_mismatch", NOT_HELD)

    def _repeated(self) -> None:
        """Two rows that are the same thing; rows are counted from 1, as people do."""
        for n, first in repeated(self.submission.items).items():
            if SERIAL in self.submission.items[n][1]:
                self._fault(f"items.{n}.inputs.{SERIAL}", "instrument_repeated", SAME_INSTRUMENT, row=first + 1)
            else:
                self._fault(f"items.{n}.service_code", "service_repeated", SAME_ITEM, row=first + 1)

    def _service(self, code: str) -> ServiceFacts:
        return self.network.services[self.network.service_index[code]]

    def _origin(self) -> Point | None:
        given = self.submission.origin
        try:
            return locate(given.lon, given.lat, given.crs) if given else None
        except PointError as error:
            self.faults.append(FieldError("origin", error.code, str(error)))
            return None

    def _site(self) -> Site | None:
        """Only a visit on site has one. Its address is asked once: by the request, or by a service's own form."""
        given, held = self.submission.site, self.held
        if held.mode != ONSITE:
            if given is not None:
                self.faults.append(not_asked())
            return None
        asked = Asked(given, address_among(self.submission.items), self.submission.origin is not None)
        site, faults = judged_site(asked, held.start, self.circle.atlas)
        faults += too_far(site, self.station, held.travel)
        self.faults += faults
        return site

    def _item(self, n: int) -> tuple[ServiceFacts, Mapping[str, Any]]:
        code, answers = self.submission.items[n]
        given = Circumstances(self.today, self.held.mode, self.submission.use, self.circle.regions)
        fields = self.circle.catalogue.by_code[code].fields
        site = self.submission.site
        answers = with_address(fields, answers, site.address) if site and site.address else answers
        clean, faults = validate_inputs(fields, answers, given, prefix=f"items.{n}.inputs.")
        self.faults += faults
        return self._service(code), clean

    def _station(self, n: int, service: ServiceFacts, answers: Mapping[str, Any]) -> None:
        """Designation by use; and what may have changed since the place was held."""
        use = use_of(self.submission.use, answers)
        day = local_date(self.held.start)
        check = may_do(self.network, self.station, service, mode=self.held.mode, day=day, use=use)
        if check is Check.NOT_DESIGNATED:
            field = "use" if self.submission.use or not use else f"items.{n}.inputs.{USE_FIELD}"
            self._fault(field, check.reason, CANNOT[check])
        elif check is not Check.PASSED:
            self._fault(f"items.{n}.service_code", check.reason, CANNOT[check])
