"""What the JSON doors of this room take and send. Answers are written without these models; they are the document."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.kit.schemas import Out, Strict
from app.ledger.models import TEXT_LENGTH
from app.ledger.queries import Sort, Standing
from app.ledger.rules.dues import DueFrom, When

MOST = 200
Text = Annotated[str | None, Field(max_length=10 * TEXT_LENGTH)]


class RemindersIn(Strict):
    """Whether one wants to be reminded by mail of an organisation's due dates, for oneself."""

    wanted: bool


class RemindersOut(Out):
    """The same, and so many days before a due date these mails are written."""

    wanted: bool
    days: list[int]


class InstrumentsAsked(Strict):
    """Which instruments of a ledger."""

    q: str = Field(default="", max_length=60, description="A part of name, model, serial number, maker or place.")
    due: When | None = Field(default=None, description="`7`, `30` and `60` are days from today, what is overdue too.")
    state: Standing = Standing.IN_USE
    sort: Sort = Sort.DUE
    cursor: str = Field(default="", max_length=800, description="`next` of the page before.")
    limit: int | None = Field(default=None, ge=1, le=MOST, description="At most 200 at a time; 50 unless told.")
    format: Literal["json", "csv", "xlsx"] | None = Field(
        default=None, description="A file has all of them, in the columns of the national e-CQS ledger."
    )
    columns: Literal["standard", "all"] = Field(
        default="standard", description="`all`: what this ledger keeps beside them stands to the right."
    )


class InstrumentSaid(Strict):
    """What is said of an instrument. Texts are cleaned; words are taken as people write them, codes too."""

    instrument_name: Text = Field(default=None, examples=["弹性元件式一般压力表"])
    model_spec: Text = Field(default=None, examples=["Y-100"])
    measuring_range: Text = Field(default=None, examples=["(0~1.6) MPa"])
    accuracy_class: Text = Field(default=None, examples=["1.6级"])
    serial_no: Text = Field(default=None, examples=["A2024-0117"])
    manufacturer: Text = None
    install_location: Text = None
    use_region_code: Text = Field(default=None, description="A division's code or name, former ones too.")
    quantity: int | None = Field(default=None, description="1 unless told.")
    use_purpose: Text = Field(default=None, examples=["safety_protection"])
    delivery: Text = Field(default=None, examples=["station"])
    service_code: Text = Field(default=None, examples=["MET-MEC-015"])
    interval_months: int | None = Field(default=None, description="Your own interval; the service's unless told.")
    last_cert_no: Text = None
    last_cert_date: Text = Field(default=None, examples=["2026-06-01"])
    valid_until: Text = Field(default=None, description="As on the certificate; it wins over any interval.")
    ecqs_record_no: Text = None


class InstrumentChange(InstrumentSaid):
    """What is not named stays as it is; null takes a value away."""

    version: int = Field(ge=1, description="Of the instrument as you know it; 409 when somebody was faster.")


class Retiring(Strict):
    """That it is used no longer."""

    version: int = Field(ge=1)
    reason: str = Field(default="", max_length=TEXT_LENGTH)


class Restoring(Strict):
    """That it is used again."""

    version: int = Field(ge=1)


class BookedOut(Out):
    """What is booked for it and not over; no `start` while there is no time for it."""

    reference: str
    station_code: str
    start: datetime | None


class InstrumentOut(Out):
    """An instrument. `due_on` is the last day on which it may be used, `due_from` why that day."""

    id: UUID
    instrument_name: str
    model_spec: str | None
    measuring_range: str | None
    accuracy_class: str | None
    serial_no: str | None
    manufacturer: str | None
    install_location: str | None
    use_region_code: str | None
    quantity: int
    use_purpose: str | None
    delivery: Literal["station", "onsite"] | None
    service_code: str | None
    interval_months: int | None
    ecqs_record_no: str | None
    last_cert_no: str | None
    last_cert_date: date | None
    valid_until: date | None
    due_on: date | None
    due_from: DueFrom | None
    failed_on: date | None = Field(description="The last time it was examined, on this day, it did not pass.")
    retired_at: datetime | None
    version: int
    booked: BookedOut | None


class StepOut(Out):
    """A step of its history, in words and by kind."""

    at: datetime
    kind: str
    text: str
    by: str


class InstrumentWhole(InstrumentOut):
    """The same with its history, the newest first."""

    history: list[StepOut]


class InstrumentsPage(Out):
    """A page of instruments."""

    items: list[InstrumentOut]
    next: str | None


class RowFault(Out):
    """What is wrong with a row: its number in the file, the field, what to do."""

    row: int
    field: str
    message: str


class ImportOut(Out):
    """A file that was looked at: what it would do. `bad` rows are left out."""

    id: UUID
    created_at: datetime
    taken_at: datetime | None
    columns: list[str]
    ignored: list[str] = Field(description="Columns that aren't looked at.")
    rows: int
    new: int
    changed: int
    same: int
    bad: int
    faults: list[RowFault]


class TakenOut(Out):
    """What became of a file."""

    added: int
    changed: int
    same: int
    left_out: int


class VisitsWanted(Strict):
    """Instruments in use that are to be verified, and from where stations are looked for."""

    instrument_ids: list[UUID] = Field(min_length=1, max_length=1000)
    town: str | None = Field(
        default=None, max_length=12, description="A town's or division's code; where most of them are, unless told."
    )


class VisitItem(Out):
    """An instrument as an item of a request; `inputs` are the answers that the ledger knows."""

    instrument_id: UUID
    service_code: str
    inputs: dict[str, Any]


class VisitOut(Out):
    """What can be done at one station at once, as one hold and one request."""

    station_code: str
    distance_km: float
    earliest_start: datetime
    mode: Literal["station", "onsite", "online"]
    use: str | None
    service_codes: list[str]
    items: list[VisitItem]


class LeftOut(Out):
    """An instrument that is in no visit."""

    instrument_id: UUID
    reason: Literal["retired", "booked", "no_service", "no_station"]


class VisitsOut(Out):
    """A plan; nothing of it is booked."""

    visits: list[VisitOut]
    left_out: list[LeftOut]
