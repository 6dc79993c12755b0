"""What is sent to make a request of what is held."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.catalogue.rules import Use
from app.kit.i18n import current_locale
from app.kit.schemas import Strict
from app.kit.text import Line
from app.requests.along import OfLedger
from app.requests.intake import GivenPoint, Submission
from app.requests.many import MOST_ITEMS
from app.requests.schemas import ApplicantIn, ItemIn, OptionalNote, OriginIn, Token
from app.requests.site_schemas import SiteIn


class OfLedgerIn(Strict):
    """Instruments of an organisation's ledger; the items are told by serial number, manufacturer and model."""

    organisation_id: UUID
    instrument_ids: list[UUID] = Field(min_length=1, max_length=MOST_ITEMS)

    def given(self) -> OfLedger:
        return OfLedger(self.organisation_id, self.instrument_ids)


class RequestIn(Strict):
    """A request for what is held. `use` is what the instrument is used for, where the form of a service asks for it.

    `site` is where a visit on site is. `ledger` names the instruments that it is for, so that they stand there as
    booked; 409 `instruments_booked` when one of them is already.
    """

    hold_id: UUID
    hold_token: Token
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=MOST_ITEMS)]
    use: Use | None = None
    applicant: ApplicantIn
    origin: OriginIn | None = None
    consent_version: Annotated[str, Line(16)]
    note: OptionalNote = None
    site: SiteIn | None = None
    ledger: OfLedgerIn | None = None

    def submission(self) -> Submission:
        """The same for the service, in the language of the moment."""
        origin = self.origin
        return Submission(
            hold_id=self.hold_id,
            hold_token=self.hold_token,
            items=tuple((item.service_code, item.inputs) for item in self.items),
            use=self.use,
            applicant=self.applicant.applicant(),
            origin=GivenPoint(origin.lon, origin.lat, origin.crs) if origin else None,
            consent_version=self.consent_version,
            note=self.note,
            language=current_locale(),
            site=self.site.given() if self.site else None,
        )
