"""What is typed about a register, its limits, and what is said when it is wrong."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel

from app.demand.models import NAME_LENGTH, SOURCE_LENGTH
from app.kit.i18n import LazyString, lazy
from app.kit.schemas import WrittenDate
from app.kit.text import Line

SENTENCES: Mapping[tuple[str, str], LazyString] = {
    ("name", "missing"): lazy("Give the register a name, such as “Enterprises above designated size, 2026”."),
    ("source", "missing"): lazy("Say who keeps it, and where it was had from."),
    ("as_of", "missing"): lazy("Say of which day it is."),
    ("replaces", "uuid_parsing"): lazy("Choose one of the list, or none."),
}


class RegisterForm(BaseModel):
    """About a file; `replaces` is the register whose place it takes."""

    name: Annotated[str, Line(NAME_LENGTH)]
    source: Annotated[str, Line(SOURCE_LENGTH)]
    as_of: WrittenDate
    replaces: UUID | None = None
