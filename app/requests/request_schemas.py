"""A request as JSON, and a reason that may be given: for the doors of this room and of those above."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from app.kit.schemas import Out
from app.kit.text import Paragraph
from app.requests.linked_schemas import LinkedOut
from app.requests.models import REASON_LENGTH
from app.requests.rules import State
from app.requests.site_schemas import blank_is_none

OptionalReason = Annotated[Annotated[str, Paragraph(REASON_LENGTH)] | None, BeforeValidator(blank_is_none)]


class ItemOut(Out):
    n: int
    service_code: str
    status: State


class AppointmentOut(Out):
    station_code: str
    start: datetime
    end: datetime
    status: Annotated[str, Field(examples=["confirmed", "cancelled"])]


class LinksOut(Out):
    """Paths on this server; `page` is for people and asks for the access code."""

    self: str
    reschedule: str
    cancel: str
    calendar: str
    page: str


class SubmittedOut(Out):
    """The request in short. The access code opens it; keep it, it is not shown again."""

    reference: Annotated[str, Field(examples=["ZT-7K3M-9QXD-J"])]
    status: State
    items: list[ItemOut]
    appointment: AppointmentOut
    links: LinksOut
    access_code: Annotated[str, Field(examples=["ABCD-EFGH"])]


class ToldOut(Out):
    at: datetime
    kind: str
    text_zh: str
    text_en: str


class RequestOut(Out):
    """The request as it stands. `due_at` is when the station must have answered, null when nobody waits for that."""

    reference: str
    status: State
    items: list[ItemOut]
    appointment: AppointmentOut
    links: LinksOut
    timeline: list[ToldOut]
    due_at: datetime | None
    due_provisional: bool
    linked: list[LinkedOut]
