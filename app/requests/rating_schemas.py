"""What the JSON door of a rating takes and sends."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.kit.schemas import Out, Strict
from app.kit.text import Paragraph
from app.requests.models import REASON_LENGTH
from app.requests.rating_words import INDICATORS

Level = Annotated[int, Field(ge=1, le=5, strict=True, description="From 5, very satisfied, to 1, very dissatisfied.")]


Indicator = StrEnum("Indicator", {key.upper(): key for key in INDICATORS})  # type: ignore[misc]  # its members are the words


class RatingIn(Strict):
    """How satisfied somebody was, and why if they want to say."""

    level: Level
    words: Annotated[str, Paragraph(REASON_LENGTH, blank=True)] = ""
    indicators: Annotated[
        dict[Indicator, Level],
        Field(default_factory=dict, max_length=len(Indicator), description="Single sides of it, as far as you like."),
    ]


class RatingOut(Out):
    level: Level
    words: str | None
    indicators: dict[Indicator, Level]
    at: datetime
