"""Who writes to whom, about what, and how much. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from app.files.rules import Owner

TEXT_LENGTH = 4000
MOST_FILES = 5
PURPOSE = "conversation"
"""Of the files: see `app.files.rules.PURPOSES`."""
QUIET = timedelta(hours=1)
"""Whoever hasn't looked since the last announcement gets the next one no sooner."""

U_co = TypeVar("U_co", covariant=True)


class Side(StrEnum):
    """Of a conversation: whoever asks, and the station that answers."""

    APPLICANT = "applicant"
    STATION = "station"

    @property
    def other(self) -> "Side":
        return Side.STATION if self is Side.APPLICANT else Side.APPLICANT


@dataclass(frozen=True, slots=True)
class About:
    """What is talked about, as the record names things: ("request", its id)."""

    kind: str
    id: UUID

    @property
    def owner(self) -> Owner:
        """Whose the attachments are."""
        return Owner(self.kind, str(self.id))


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and for which side; the person is None for a visitor who has shown the access code."""

    side: Side
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Draft(Generic[U_co]):
    """What is to be written. `inside`: a note that only staff read. `fields` are the form's names of text and files."""

    text: str
    files: Sequence[U_co] = ()
    inside: bool = False
    fields: tuple[str, str] = ("text", "files")
