"""Where a visit on site is, as the JSON door takes and sends it."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from app.kit.geo import Crs
from app.kit.schemas import Out, Strict, WrittenDate
from app.kit.text import Line, Phone
from app.requests.models import ADDRESS_LENGTH, NAME_LENGTH
from app.requests.sites import GivenSite, Part

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


def blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class SiteIn(Strict):
    """Where a visit on site is, and when somebody is there. The days left out are those of the appointment.

    The address is asked once: a form that asks it too is answered by it, or answers it. The contact is given when it
    isn't the applicant's.
    """

    address: Annotated[str, Line(ADDRESS_LENGTH, blank=True)] = ""
    town: Annotated[str | None, Field(pattern=r"^[0-9]{6}([0-9]{3})?$", description="Without a point: its code.")] = (
        None
    )
    lon: Number | None = None
    lat: Number | None = None
    crs: Crs = Crs.WGS84
    contact_name: Annotated[str, Line(NAME_LENGTH, blank=True)] = ""
    contact_phone: Annotated[Phone | None, BeforeValidator(blank_is_none)] = None
    first_day: WrittenDate | None = None
    last_day: WrittenDate | None = None
    part_of_day: Part = Part.ANY

    def given(self) -> GivenSite:
        return GivenSite(**{**self.model_dump(), "contact_phone": self.contact_phone or ""})


class SiteOut(Out):
    """Where the visit is, and when somebody is there. `lon` and `lat` are WGS-84.

    `distance_km` is straight from the station; `exact` when it is measured to a point that was given, not estimated
    from a town or from where the request was sent. `travel_min` are kept free before the visit, and as many after it.
    """

    address: str
    town: str | None
    lon: float | None
    lat: float | None
    contact_name: str
    contact_phone: str
    first_day: date
    last_day: date
    part_of_day: Part
    distance_km: float | None
    exact: bool
    travel_min: int
