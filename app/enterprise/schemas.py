"""What the JSON doors of this room take and send. Answers are written without these models; they are the document."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.kit.schemas import Out, Strict
from app.requests.rules import State

MOST = 200


class Asked(Strict):
    """A page of a list."""

    cursor: str = Field(default="", max_length=200, description="`next` of the page before.")
    limit: int | None = Field(default=None, ge=1, le=MOST, description="At most 200 at a time; 50 unless told.")


class OrganisationsAsked(Asked):
    """Nothing but the page."""


class RequestsAsked(Asked):
    """Which of the organisation's requests."""

    status: State | None = None
    q: str = Field(default="", max_length=60, description="A part of a reference.")
    format: Literal["json", "csv"] | None = None


class OrganisationOut(Out):
    """An organisation that one acts for."""

    id: UUID
    name: str
    uscc: str = Field(examples=["91110000600037341L"])
    role: Literal["owner", "delegate"]
    since: datetime


class OrganisationsPage(Out):
    """A page of organisations."""

    items: list[OrganisationOut]
    next: str | None


class ListedItem(Out):
    """A service of a request."""

    n: int
    service_code: str
    status: State


class ListedAppointment(Out):
    """When and where."""

    station_code: str
    start: datetime
    end: datetime
    status: Literal["confirmed", "cancelled"]


class ListedRequest(Out):
    """A request in short; `GET /requests/{reference}` has the whole of it."""

    reference: str
    status: State
    created_at: datetime
    due_at: datetime | None
    due_provisional: bool
    items: list[ListedItem]
    appointment: ListedAppointment


class RequestsPage(Out):
    """A page of requests, the newest first."""

    items: list[ListedRequest]
    next: str | None
