"""What the JSON door of results takes and sends."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from app.kit.schemas import Out, Strict, WrittenDate
from app.kit.text import Line, Paragraph
from app.requests.models import REASON_LENGTH
from app.requests.request_schemas import OptionalReason
from app.requests.service.planning import Given
from app.results.rules import MOST_ROWS, NOTES, Finding

Words = Annotated[str, Paragraph(REASON_LENGTH, blank=True)]
Attempt = Annotated[
    int | None, Field(ge=1, le=1000, description="The attempt that was looked at: refused if there is a newer one.")
]


class FoundIn(Strict):
    """What was found. `rows` are values by the columns of `GET /requests/{reference}/items/{n}/results`, as read:
    "1.60" in quotes keeps its digits. What is computed is left out. `passed` is said of verifications only;
    `valid_until` where the day differs from what the service's interval gives.
    """

    done_on: WrittenDate
    passed: bool | None = None
    valid_until: WrittenDate | None = None
    unit: Annotated[str, Line(16, blank=True)] = ""
    rows: Annotated[list[dict[str, JsonValue]], Field(default_factory=list, max_length=MOST_ROWS)]
    basis: Words = ""
    equipment: Words = ""
    environment: Words = ""
    remarks: Words = ""
    conclusion: Words = ""
    late_reason: OptionalReason = None

    def finding(self, *, has_file: bool) -> Finding:
        notes = {key: getattr(self, key) for key in NOTES if getattr(self, key)}
        return Finding(self.done_on, self.passed, self.valid_until, self.unit, self.rows, notes, has_file)

    def given(self) -> Given:
        return Given(late_reason=self.late_reason or "")


class CorrectedIn(FoundIn):
    """All of it anew, and why; both sides read the reason."""

    reason: OptionalReason = None

    def given(self) -> Given:
        return Given(self.reason or "", self.late_reason or "")


class LookIn(Strict):
    """What comes with a second look. A reason is needed to send a result back, and to withdraw a document."""

    attempt: Attempt = None
    reason: OptionalReason = None
    late_reason: OptionalReason = None

    def given(self) -> Given:
        return Given(self.reason or "", self.late_reason or "")


class ColumnOut(Out):
    key: str
    label_zh: str
    label_en: str
    number: bool
    required: bool
    computed: bool


class TableOut(Out):
    """The columns that the values of an item have; of `units` one is given, where there are any."""

    kind: str
    units: list[str]
    columns: list[ColumnOut]


class MeasuredOut(Out):
    kind: str
    unit: str
    columns: list[list[str]]
    rows: list[list[str]]


class ReportFileOut(Out):
    """The report that came with a result."""

    name: str
    media_type: str
    size: int
    sha256: str
    href: str


class ResultOut(Out):
    """One attempt; `refused_because` stays among the staff."""

    attempt: int
    kind: str
    passed: bool | None
    done_on: date
    valid_until: date | None
    measured: MeasuredOut | None
    file: ReportFileOut | None
    notes: dict[str, str]
    entered_at: datetime
    entered_by: str | None
    verified_at: datetime | None
    verified_by: str | None
    refused_at: datetime | None
    refused_because: str | None


Status = Literal["valid", "expired", "corrected", "withdrawn"]
DocumentKind = Literal["certificate", "calibration", "notice", "report"]


class DocumentOut(Out):
    """A version of a document. `digest` is SHA-256 of the bytes behind `facts`; `check` is for anybody.

    `report` is where the report file lies that came with what was found, if one did.
    """

    number: str
    version: int
    document: DocumentKind
    status: Status
    valid_until: date | None
    issued_at: datetime
    digest: str
    code: str
    pdf: str
    facts: str
    report: str | None
    check: str


class ItemResultsOut(Out):
    """Results of an item for staff (none for the applicant, until a document is issued), and its documents."""

    table: TableOut | None
    results: list[ResultOut]
    documents: list[DocumentOut]


class CheckAsked(Strict):
    """What stands on the paper."""

    number: Annotated[str, Line(60)]
    code: Annotated[str, Line(40)]


class NamedOut(Out):
    code: str
    name_zh: str
    name_en: str


class CheckOut(Out):
    """What anybody may learn of a document whose number and code they have. `latest` is the version in force."""

    number: str
    version: int
    document: DocumentKind
    kind: Literal["verification", "calibration", "report"]
    status: Status
    station: NamedOut
    service: NamedOut
    object_name: str
    object_model: str
    object_serial: str
    passed: bool | None
    done_on: date
    valid_until: date | None
    issued_on: date
    ended_on: date | None
    latest: int | None
    digest: str


def facts_schema() -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"type": "object"}}}}
