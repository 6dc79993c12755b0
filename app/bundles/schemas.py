"""What the JSON doors of this room take and send."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.bundles.following import Following, What
from app.bundles.offered import packages
from app.bundles.queries import Step
from app.bundles.rules import Kind, Order, Package, StepState
from app.bundles.rules.standing import Booking
from app.bundles.visits import Visit
from app.catalogue.snapshot import Catalogue
from app.kit.clock import LOCAL
from app.kit.schemas import Out, Strict
from app.kit.text import Paragraph
from app.requests.models import REASON_LENGTH
from app.requests.rules import State

Reason = Annotated[str, Paragraph(REASON_LENGTH)]


class BundleIn(Strict):
    """Which package is begun, where it is for, and for which organisation that the caller acts for, if for one."""

    package: str = Field(max_length=32, examples=["new-plant"])
    town: str = Field(max_length=12, description="A town's or division's code.", examples=["340202"])
    organisation_id: UUID | None = None


class LeaveOutIn(Strict):
    reason: Reason


class LinkIn(Strict):
    """A request that was made on its own: one's own, or with its access code."""

    reference: str = Field(max_length=40, examples=["ZT-7K3M-9QXD-J"])
    access_code: str | None = Field(default=None, max_length=40)


class ClaimIn(Strict):
    """The organisation that the bundle shall belong to; the caller acts for it."""

    organisation_id: UUID


class StepOfPackage(Out):
    key: str
    service_code: str
    why_zh: str
    why_en: str
    after: list[str]
    order: Order = Field(description="`must`: it can't be booked before those it comes after are done.")
    optional: bool
    duration_min: int


class PackageOut(Out):
    """Services that belong together; the steps stand in an order in which they can be done."""

    code: str
    name_zh: str
    name_en: str
    about_zh: str
    about_en: str
    version: str
    source_zh: str
    source_en: str
    steps: list[StepOfPackage]


class PackagesPage(Out):
    items: list[PackageOut]
    next: None


class DayOut(Out):
    date: date
    provisional: bool


class BookingOut(Out):
    """An item of a request that was booked for the step, as it stands now."""

    reference: str
    n: int
    status: State
    start: datetime
    appointment_status: Literal["confirmed", "cancelled"]


class LeftOut(Out):
    at: datetime
    reason: str


class StepOut(Out):
    """`waits_for`: steps before it that aren't done. `proposed_start`: the first day on which these should be done,
    null where no rule says it. `bookings` of an open step are those that came to nothing."""

    key: str
    service_code: str
    after: list[str]
    order: Order
    optional: bool
    state: StepState
    waits_for: list[str]
    proposed_start: DayOut | None
    left_out: LeftOut | None
    bookings: list[BookingOut]


class VisitOut(Out):
    """Steps that one station can do in one visit."""

    steps: list[str]
    station_code: str | None
    distance_km: float | None
    earliest_start: datetime | None


class NextOut(Out):
    what: What
    steps: list[str]
    reference: str | None


class ProgressOut(Out):
    done: int
    left_out: int
    total: int


class BundleOut(Out):
    """A package that was begun."""

    reference: str
    package: str
    town: str
    organisation_id: UUID | None
    created_at: datetime
    progress: ProgressOut
    next: NextOut
    visits: list[VisitOut]
    steps: list[StepOut]


class BegunOut(BundleOut):
    access_code: str = Field(description="Opens the bundle for whoever knows it, with the reference.")


def package_out(package: Package, catalogue: Catalogue) -> PackageOut:
    steps = [
        StepOfPackage(
            key=step.key,
            service_code=step.service,
            why_zh=step.why_zh,
            why_en=step.why_en,
            after=list(step.after),
            order=step.order,
            optional=step.optional,
            duration_min=catalogue.by_code[step.service].duration_min,
        )
        for step in package.steps
    ]
    names = ("code", "name_zh", "name_en", "about_zh", "about_en")
    said = {name: getattr(package, name) for name in names}
    file = packages()
    return PackageOut(**said, version=file.version, source_zh=file.source_zh, source_en=file.source_en, steps=steps)


def bundle_out(found: Following) -> dict[str, Any]:
    """The members of BundleOut."""
    bundle, following = found.view.bundle, found.next
    return {
        "reference": bundle.reference,
        "package": bundle.package,
        "town": bundle.town,
        "organisation_id": bundle.organisation_id,
        "created_at": bundle.created_at.astimezone(LOCAL),
        "progress": ProgressOut(done=found.done, left_out=found.left_out, total=found.total),
        "next": NextOut(
            what=following.what,
            steps=[step.key for step in following.steps],
            reference=following.reference or None,
        ),
        "visits": [_visit(each) for each in found.visits],
        "steps": [_step(each, found) for each in found.view.steps],
    }


def _visit(visit: Visit) -> VisitOut:
    there = visit.station is not None
    return VisitOut(
        steps=[step.key for step in visit.steps],
        station_code=visit.station.code if visit.station else None,
        distance_km=visit.km if there else None,
        earliest_start=visit.start,
    )


def _step(step: Step, found: Following) -> StepOut:
    day, move = found.starts.get(step.key), step.standing.move
    left_out = move if move and move.kind is Kind.LEFT_OUT and step.state is StepState.LEFT_OUT else None
    return StepOut(
        key=step.key,
        service_code=step.service.code,
        after=list(step.planned.after),
        order=step.planned.order,
        optional=step.planned.optional,
        state=step.state,
        waits_for=list(step.standing.waits_for),
        proposed_start=DayOut(date=day.date, provisional=day.provisional) if day else None,
        left_out=LeftOut(at=left_out.at, reason=left_out.reason) if left_out else None,
        bookings=[_booking(each) for each in step.bookings],
    )


def _booking(booking: Booking) -> BookingOut:
    return BookingOut(
        reference=booking.reference,
        n=booking.n,
        status=booking.status,
        start=booking.start,
        appointment_status="confirmed" if booking.has_time else "cancelled",
    )
