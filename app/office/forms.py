"""The forms of the office: what is typed, its limits, and what is said when it is wrong."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from app.accounts.models.organisations import EVIDENCE_LENGTH
from app.accounts.models.people import EMAIL_LENGTH, NAME_LENGTH
from app.accounts.rules.rights import AT_STATION, Grant, Role
from app.kit.i18n import LazyString, lazy
from app.kit.text import Email, Line, Paragraph, to_halfwidth
from app.office.places import Places

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")
USERNAME_WRONG = "username_invalid"
SENTENCES: Mapping[tuple[str, str], LazyString] = {
    ("username", "missing"): lazy("Enter a user name."),
    ("username", USERNAME_WRONG): lazy(
        "Use 3 to 64 small letters, digits, dots, hyphens or underscores; begin with a letter or a digit."
    ),
    ("name", "missing"): lazy("Enter the person's name."),
    ("reason", "missing"): lazy("Say why, for the record."),
    ("role", "missing"): lazy("Choose a role."),
    ("role", "enum"): lazy("Choose a role."),
    ("email", "missing"): lazy("Enter the mail address."),
    ("uscc", "missing"): lazy("Enter the credit code."),
}


def _username(text: str) -> str:
    name = to_halfwidth(text).strip().lower()
    if not USERNAME.fullmatch(name):
        raise PydanticCustomError(USERNAME_WRONG, "not a user name")
    return name


Reason = Annotated[str, Paragraph(EVIDENCE_LENGTH)]
Name = Annotated[str, Line(NAME_LENGTH)]


class RoleForm(BaseModel):
    """A role and where it is to hold; the place that the role doesn't need is let pass."""

    role: Role
    station: Annotated[str, Line(32, blank=True)] = ""
    county: Annotated[str, Line(32, blank=True)] = ""


class MemberForm(BaseModel):
    """Somebody to be made."""

    username: Annotated[str, AfterValidator(_username)]
    name: Name
    email: Annotated[Email | None, Field(max_length=EMAIL_LENGTH)] = None
    language: Literal["zh-CN", "en"] = "zh-CN"


class CorrectionForm(BaseModel):
    name: Name
    email: Annotated[Email | None, Field(max_length=EMAIL_LENGTH)] = None


class ReasonForm(BaseModel):
    reason: Reason


class OwnerForm(BaseModel):
    email: Annotated[Email, Field(max_length=EMAIL_LENGTH)]
    reason: Reason
    alone: bool = False


class CodeForm(BaseModel):
    uscc: Annotated[str, Line(40)]
    reason: Reason


STATION_NEEDED = lazy("Choose the station where this role holds.")
COUNTY_NEEDED = lazy("Choose the county where this role holds.")


def grant_of(form: RoleForm, places: Places) -> tuple[Grant | None, dict[str, str]]:
    """The role with its place, or what is missing. Whether the caller may give it, the service says."""
    if form.role in AT_STATION:
        station = places.station_by_code(form.station)
        return (Grant(form.role, station.id), {}) if station else (None, {"station": str(STATION_NEEDED)})
    if form.role is Role.COUNTY_ADMIN:
        known = form.county in places.directory.atlas.division_by_code
        return (Grant(form.role, county=form.county), {}) if known else (None, {"county": str(COUNTY_NEEDED)})
    return Grant(form.role), {}
