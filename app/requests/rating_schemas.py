"""What the JSON door of a rating takes and sends."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.kit.schemas import Out, Strict
from app.kit.text import Paragraph
from app.requests.models import REASON_LENGTH

Level = Annotated[int, Field(ge=1, le=5, strict=True, description="From 5, very satisfied, to 1, very dissatisfied.")]


class RatingIn(Strict):
    """How satisfied somebody was, and why if they want to say."""

    level: Level
    words: Annotated[str, Paragraph(REASON_LENGTH, blank=True)] = ""


class RatingOut(Out):
    level: Level
    words: str | None
    at: datetime
