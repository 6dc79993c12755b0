"""What the JSON door of requests takes and sends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, JsonValue

from app.catalogue.rules import Use
from app.kit.geo import Crs
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid
from app.kit.schemas import Out, Strict, WrittenDate
from app.kit.text import Email, Line, Paragraph, Phone
from app.requests.codes import WrittenUscc
from app.requests.intake import Applicant
from app.requests.models import NAME_LENGTH, NOTE_LENGTH, ORGANISATION_LENGTH, REASON_LENGTH
from app.requests.request_schemas import ItemOut, OptionalReason, RequestOut
from app.requests.rules import SHORTEST_REASON, State
from app.requests.service.changes import Hold
from app.requests.service.planning import Fault, Given
from app.requests.site_schemas import Number, SiteOut, blank_is_none

MOST_ANSWERS = 60
BY_ITEM = lazy('Give the answers of each item below its number, such as {{"1": {{…}}}}.')

OptionalEmail = Annotated[Email | None, BeforeValidator(blank_is_none)]
OptionalNote = Annotated[Annotated[str, Paragraph(NOTE_LENGTH)] | None, BeforeValidator(blank_is_none)]
Token = Annotated[str, Field(min_length=1, max_length=200, description="As the hold's answer gave it.")]


class ItemIn(Strict):
    """One service and the answers to its form, by the keys of `inputs` of `GET /services/{code}`.

    The same service may be asked for several times: once for each instrument.
    """

    service_code: Annotated[str, Line(32)]
    inputs: Annotated[dict[str, JsonValue], Field(default_factory=dict, max_length=MOST_ANSWERS)]


class ApplicantIn(Strict):
    """Who asks. The telephone number may be a mobile or a landline with its area code.

    A credit code whose check digits don't fit is taken only when staff have accepted it.
    """

    organisation_name: Annotated[str, Line(ORGANISATION_LENGTH)]
    uscc: WrittenUscc
    contact_name: Annotated[str, Line(NAME_LENGTH)]
    mobile: Phone
    email: OptionalEmail = None

    def applicant(self) -> Applicant:
        return Applicant(**self.model_dump())


class OriginIn(Strict):
    """Where the applicant is, in degrees."""

    lon: Number
    lat: Number
    crs: Crs = Crs.WGS84


class RescheduleIn(Strict):
    """A hold for the same services at the new time, at this station or another one that may do them.

    Staff give a reason where nobody is at the site then by what the applicant has said.
    """

    hold_id: UUID
    hold_token: Token
    reason: OptionalReason = None


class CancelIn(Strict):
    """Why, if the applicant wants to say so; staff have to, and the applicant reads it."""

    reason: OptionalReason = None


class FaultIn(Strict):
    """What shall be corrected: `items.<n>.inputs.<key>`, and what is wanted there.

    Of a visit on site `site_address`, where staff come, is a key of every item.
    """

    field: Annotated[str, Line(120), Field(pattern=r"^items\.[1-9][0-9]{0,3}\.inputs\.[a-z0-9_]{1,60}$")]
    wanted: Annotated[str, Paragraph(REASON_LENGTH)]


class StepIn(Strict):
    """What comes with a step; which of it is needed, docs/life.md says for each.

    `inputs` are answers given anew: for one item by their keys, for a whole request by the item's number first.
    `hold_id` and `hold_token` name a time that is held at the station to which the request goes.
    """

    reason: OptionalReason = None
    late_reason: OptionalReason = None
    faults: Annotated[list[FaultIn], Field(default_factory=list, max_length=MOST_ANSWERS)]
    inputs: Annotated[dict[str, JsonValue], Field(default_factory=dict, max_length=MOST_ANSWERS)]
    hold_id: UUID | None = None
    hold_token: Token | None = None

    def given(self, inputs: Mapping[int, Mapping[str, Any]]) -> Given:
        """The same for the service, with answers that were checked."""
        faults = tuple(Fault(fault.field, fault.wanted) for fault in self.faults)
        return Given(self.reason or "", self.late_reason or "", faults, inputs)

    def inputs_of(self, n: int | None) -> dict[int, Mapping[str, Any]]:
        """Answers by item. Raises Invalid for a key that is no number where there should be one."""
        if not self.inputs:
            return {}
        if n is not None:
            return {n: self.inputs}
        wrong = [key for key, given in self.inputs.items() if not key.isdecimal() or not isinstance(given, dict)]
        if wrong:
            raise Invalid(errors=[FieldError(f"inputs.{wrong[0][:60]}", "not_by_item", BY_ITEM.msgid)])
        return {int(key[:6]): given for key, given in self.inputs.items() if isinstance(given, dict)}

    @property
    def hold(self) -> Hold | None:
        return Hold(self.hold_id, self.hold_token) if self.hold_id and self.hold_token else None


class RevealIn(Strict):
    """Why unmasked data are needed, for the record."""

    reason: Annotated[str, Paragraph(REASON_LENGTH), Field(min_length=SHORTEST_REASON)]


class ItemWithInputsOut(ItemOut):
    inputs: dict[str, Any]


class ApplicantOut(Out):
    """Who asked. For staff name, phone and mail are masked, such as `138****5678`, until revealed with a reason."""

    organisation_name: str
    uscc: str
    contact_name: str
    mobile: str
    email: str | None


class OriginOut(Out):
    """The place in WGS-84, and as it was given."""

    lon: float
    lat: float
    given: OriginIn


class WholeRequestOut(RequestOut):
    """Everything that is kept of a request. `masked`: what it says of people is masked, because staff look at it."""

    items: list[ItemWithInputsOut]  # type: ignore[assignment]  # more of each item than the short form has
    mode: str
    use: Use | None
    applicant: ApplicantOut
    masked: bool
    origin: OriginOut | None
    site: SiteOut | None
    note: str | None
    language: str
    consent_version: str
    created_at: datetime
    changed_at: datetime


class RequestsAsked(Strict):
    """Which requests, from where on."""

    status: State | None = None
    station: Annotated[str, Line(32, blank=True), Field(description="A station's code.")] = ""
    organisation_id: UUID | None = None
    day: Annotated[WrittenDate | None, Field(description="Of the appointment.")] = None
    q: Annotated[
        str, Line(120, blank=True), Field(description="A reference, a credit code, a part of the organisation's name.")
    ] = ""
    limit: Annotated[int | None, Field(ge=1, le=200, description="50 unless given; a file has all.")] = None
    cursor: Annotated[str, Line(400, blank=True), Field(description="`next` of the page before.")] = ""
    format: Annotated[Literal["json", "csv"] | None, Field(description="Or by `Accept: text/csv`.")] = None


class ListedOut(Out):
    """A request as a row of a list, without anything that names a person."""

    reference: str
    status: State
    organisation_name: str
    organisation_id: UUID | None
    station_code: str
    service_codes: list[str]
    mode: str
    start: datetime
    end: datetime
    appointment_status: str
    created_at: datetime
    changed_at: datetime
    due_at: datetime | None
    due_provisional: bool


class RequestsPage(Out):
    items: list[ListedOut]
    next: str | None
