"""What the JSON door takes and sends of counties, towns and days."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field

from app.kit.schemas import Out, Strict, WrittenDate
from app.stations.atlas import DivisionFacts, TownFacts
from app.stations.directory import Directory, approximate
from app.stations.rules import DayKind
from app.stations.schemas import Adcode, Approximate, Latitude, Longitude
from app.stations.words import holiday_zh

Day = date  # a field named date hides the type in its class


class DaysAsked(Strict):
    first: Annotated[WrittenDate | None, Field(alias="from", description="Else today.")] = None
    last: Annotated[WrittenDate | None, Field(alias="to", description="Inclusive. Else 30 days after the first.")] = (
        None
    )


class FormerOut(Out):
    """An abolished code and name of what is now this division."""

    adcode: Adcode
    name_zh: str


class CountyOut(Out):
    adcode: Adcode
    name_zh: str
    name_en: str
    label_lon: Longitude | None
    label_lat: Latitude | None
    area_km2: float | None
    population_2020: int | None
    station_count: int
    former: list[FormerOut]

    @classmethod
    def of(cls, directory: Directory, division: DivisionFacts) -> Self:
        return cls(
            **{name: getattr(division, name) for name in cls.model_fields if hasattr(division, name)},
            station_count=directory.station_counts[division.adcode],
            former=[FormerOut.model_validate(each) for each in directory.atlas.former if each.now == division.adcode],
        )


class CountiesPage(Out):
    items: list[CountyOut]
    next: str | None
    total: int


class TownOut(Out):
    code: Annotated[str, Field(examples=["340202013"])]
    name_zh: str
    name_en: str
    county_adcode: Adcode
    unit_type: Annotated[str, Field(examples=["subdistrict"])]
    lon: Longitude
    lat: Latitude
    coord_class: str
    coord_precision: str
    approximate: Approximate

    @classmethod
    def of(cls, town: TownFacts) -> Self:
        own = {name: getattr(town, name) for name in cls.model_fields if hasattr(town, name)}
        return cls(**own, approximate=approximate(town.coord_class))


class TownsPage(Out):
    items: list[TownOut]
    next: str | None
    total: int


class DayOut(Out):
    """A day of the working calendar; `provisional` while its year's notice is not known."""

    date: Day
    kind: Literal["workday", "weekend", "holiday", "makeup"]
    worked: bool
    provisional: bool
    name_zh: str | None
    name_en: str | None

    @classmethod
    def of(cls, day: Day, kind: DayKind) -> Self:
        return cls(
            date=day,
            kind=kind.kind.value,
            worked=kind.worked,
            provisional=kind.provisional,
            name_zh=holiday_zh(kind),
            name_en=kind.name_en,
        )


class DaysPage(Out):
    items: list[DayOut]
    next: None = None
