"""What the JSON door of messages takes and sends."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import ConfigDict, Field

from app.conversation.rules import TEXT_LENGTH
from app.kit.schemas import Out, Strict

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Of the message.")]


class MessageIn(Strict):
    """A message: to the other side, or, by staff and `inside`, a note that no applicant sees.

    Without files there must be a text, of at most 4000 characters.
    """

    model_config = ConfigDict(str_max_length=20_000)

    text: Annotated[str, Field(json_schema_extra={"maxLength": TEXT_LENGTH})] = ""
    inside: bool = False


class FileOut(Out):
    id: UUID
    name: str
    media_type: str
    size: int
    href: str


class MessageOut(Out):
    """`author` is given to staff only; what they see of the applicant's text is masked."""

    n: int
    at: datetime
    side: Literal["applicant", "station"]
    inside: bool
    text: str
    author: str | None
    files: list[FileOut]


class MessagesOut(Out):
    """The newest 500 in their order. `unread`: of the other side, not yet seen on the request's page."""

    messages: list[MessageOut]
    unread: int
