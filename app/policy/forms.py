"""The forms of the settings: what is typed, its limits, and what is said when it is wrong."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel

from app.kit.i18n import LazyString, lazy
from app.kit.schemas import WrittenDate
from app.kit.text import Line, Paragraph
from app.policy.letters import OWN_TEXT_LENGTH
from app.policy.rules import Clock

REASON_LENGTH = 500
Reason = Annotated[str, Paragraph(REASON_LENGTH)]
Name = Annotated[str, Line(60, blank=True)]
Unit = Literal["min", "hour", "day"]
Code = Annotated[str, Line(32, blank=True)]
OwnText = Annotated[str, Paragraph(OWN_TEXT_LENGTH, blank=True)]
WHOLE_NUMBER = lazy("Enter a whole number, in digits.")
SENTENCES: Mapping[tuple[str, str], LazyString] = {
    ("number", "missing"): WHOLE_NUMBER,
    ("number", "int_parsing"): WHOLE_NUMBER,
    ("number", "int_parsing_size"): WHOLE_NUMBER,
    ("reason", "missing"): lazy("Say why, for the history."),
    ("clock", "missing"): lazy("Choose what is counted."),
    ("clock", "enum"): lazy("Choose what is counted."),
    ("day", "missing"): lazy("Choose a day."),
    ("kind", "missing"): lazy("Choose what the day is."),
    ("kind", "literal_error"): lazy("Choose what the day is."),
    ("rows", "missing"): lazy("Paste the days of the notice, one a line."),
    ("unit", "literal_error"): lazy("Choose one of the list."),
    ("mode", "literal_error"): lazy("Choose one of the list, or none."),
}


class NumberForm(BaseModel):
    """Another number for a setting that there is; `unit` where it may be given in several."""

    number: int
    unit: Unit = "min"
    reason: Reason


class ReasonForm(BaseModel):
    reason: Reason


class TextForm(BaseModel):
    """An own text of letters; `last` is the change that was seen in force."""

    text_zh: OwnText = ""
    text_en: OwnText = ""
    last: int | None = None
    reason: Reason


class PlaceForm(BaseModel):
    """For whom something is set: a station by its code, else the network or a county by its scope."""

    place: Code = ""
    station: Code = ""


class BookingForm(PlaceForm):
    """A rule's value for a place."""

    number: int
    unit: Unit = "min"
    reason: Reason


class DeadlineForm(PlaceForm):
    """A new rule about a deadline."""

    clock: Clock
    category: Code = ""
    service: Code = ""
    mode: Literal["", "station", "onsite", "online"] = ""
    number: int
    reason: Reason


class DayReasonForm(BaseModel):
    """A day of the working calendar that is to be an ordinary one; `last` is the change that was seen in force."""

    day: WrittenDate
    last: int | None = None
    reason: Reason


class DayForm(DayReasonForm):
    """What a day is to be."""

    kind: Literal["holiday", "makeup"]
    name_zh: Name = ""
    name_en: Name = ""


class YearForm(BaseModel):
    """A year's special days, as lines."""

    rows: Annotated[str, Paragraph(20_000)]
    reason: Reason
