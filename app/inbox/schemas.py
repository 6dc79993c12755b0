"""What the JSON doors of the inbox take and send."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.inbox.rules import MOST_AT_ONCE, NAME_LENGTH
from app.kit.schemas import Out, Strict
from app.kit.text import Paragraph
from app.requests.models import REASON_LENGTH

Reason = Annotated[str, Paragraph(REASON_LENGTH, blank=True)]
Reference = Annotated[str, Field(min_length=1, max_length=40, examples=["ZT-7K3M-9QXD-J"])]


class BulkIn(Strict):
    """The requests that shall take a step, and what comes with it. `late_reason` is kept with those that are late."""

    references: Annotated[list[Reference], Field(min_length=1, max_length=MOST_AT_ONCE)]
    reason: Reason = ""
    late_reason: Reason = ""


class OutcomeOut(Out):
    """What became of one of them. `code` and `detail` say why it was refused; `status` is its state now."""

    reference: str
    outcome: Literal["done", "already", "refused", "unknown"]
    status: str | None
    code: str | None
    detail: str | None


class BulkOut(Out):
    results: list[OutcomeOut]


class ViewName(Strict):
    """What a view is called."""

    name: Annotated[str, Field(min_length=1, max_length=1_000, description=f"At most {NAME_LENGTH} characters.")]


class ViewIn(ViewName):
    """A view to keep: its name, and the filters as they stand in the address of the list."""

    query: Annotated[str, Field(max_length=2_000, examples=["view=late&category=metrology"])] = ""
    station: Annotated[str | None, Field(max_length=40, description="Whose view it shall be; none: one's own.")] = None


class ViewOut(Out):
    id: UUID
    name: str
    query: str
    station: str | None
    created_at: datetime


class ViewsOut(Out):
    items: list[ViewOut]
    next: None = None
