"""What the JSON door takes and sends. Names are those of the contract; what is more has been added."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.kit.clock import LOCAL, local_date
from app.kit.schemas import Out, Strict
from app.kit.text import Line
from app.kit.ticks import TICK_MIN
from app.stations.directory import approximate
from app.stations.opening import Opening
from app.stations.queries import Offer
from app.stations.rules import HoursRule
from app.stations.snapshot import ClosureFacts, Network, StationFacts

MOST = 200
Code = Annotated[str, Field(examples=["WH-JH-01"])]
Adcode = Annotated[str, Field(examples=["340202"])]
WallTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9]$", examples=["08:30"])]
Weekday = Annotated[int, Field(ge=1, le=7, description="1 is Monday.")]
Longitude = Annotated[float, Field(ge=-180, le=180, examples=[118.36829])]
Latitude = Annotated[float, Field(ge=-90, le=90, examples=[31.34758])]
Approximate = Annotated[bool, Field(description="The point stands for a place near by; show it as such.")]

County = Annotated[
    str,
    Line(60, blank=True),
    Field(description="A county's code or name; former ones such as 340221 or 芜湖县 are understood."),
]
Service = Annotated[str, Line(32, blank=True), Field(description="A service's code: who offers it today.")]
Words = Annotated[
    str, Line(100, blank=True), Field(description="Words of the name, the code, the town or the address; or pinyin.")
]


class Paged(Strict):
    limit: Annotated[int | None, Field(ge=1, le=MOST, description="50 unless given; a file has all.")] = None
    cursor: Annotated[str, Line(400, blank=True), Field(description="`next` of the page before.")] = ""
    format: Annotated[Literal["json", "csv", "xlsx"] | None, Field(description="Else `Accept` decides.")] = None


class StationChoice(Strict):
    county: County = ""
    service: Service = ""
    q: Words = ""


class StationsAsked(StationChoice, Paged):
    """Which stations, from where on."""


class CountiesAsked(Paged):
    """From where on."""


class CountyChoice(Strict):
    county: County = ""


class TownsAsked(CountyChoice, Paged):
    """Which towns, from where on."""

    q: Words = ""


class StationOut(Out):
    code: Code
    name_zh: str
    name_en: str
    county_adcode: Adcode
    division_code: str
    town_code: str
    level: Annotated[str, Field(examples=["district_subcentre"])]
    model: Annotated[str, Field(examples=["comprehensive"])]
    key_industry: str | None
    lon: Longitude
    lat: Latitude
    coord_class: str
    coord_precision: str
    approximate: Approximate
    address_zh: str
    parent_code: str | None
    active: Annotated[bool, Field(description="Lists have stations in use only.")]
    open_now: bool
    closes_at: Annotated[datetime | None, Field(description="When it is open: until when.")]
    opens_next: Annotated[datetime | None, Field(description="When it is closed: from when on again.")]
    provenance: str

    @classmethod
    def of(cls, network: Network, station: StationFacts, opening: Opening) -> Self:
        return cls(**_station(network, station, opening))


def _station(network: Network, station: StationFacts, opening: Opening) -> dict[str, Any]:
    own = {name: getattr(station, name) for name in StationOut.model_fields if hasattr(station, name)}
    return own | {
        "approximate": approximate(station.coord_class),
        "parent_code": None if station.parent is None else network.stations[station.parent].code,
        "open_now": opening.open_now,
        "closes_at": opening.closes_at,
        "opens_next": opening.opens_next,
    }


class StationsPage(Out):
    items: list[StationOut]
    next: str | None
    total: Annotated[int, Field(description="Of the whole list.")]


class HoursOut(Out):
    """A weekly window; with dates, in force from the first to the last, both inclusive."""

    iso_weekday: Weekday
    opens: WallTime
    closes: WallTime
    valid_from: date | None
    valid_until: date | None

    @classmethod
    def of(cls, rule: HoursRule) -> Self:
        return cls(
            iso_weekday=rule.iso_weekday,
            opens=wall_time(rule.opens),
            closes=wall_time(rule.closes),
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
        )


def wall_time(place: int) -> str:
    """Ticks since midnight as "08:30"; the end of the day is "24:00"."""
    hour, minute = divmod(place * TICK_MIN, 60)
    return f"{hour:02}:{minute:02}"


class ClosureOut(Out):
    """A time to come, or now, in which nobody is taken: at one desk, or at the whole station when `desk` is null."""

    starts: datetime
    ends: datetime
    desk: str | None
    reason_zh: str
    reason_en: str

    @classmethod
    def of(cls, station: StationFacts, closure: ClosureFacts) -> Self:
        return cls(
            starts=closure.starts.astimezone(LOCAL),
            ends=closure.ends.astimezone(LOCAL),
            desk=next((desk.code for desk in station.desks if desk.id == closure.desk_id), None),
            reason_zh=closure.reason_zh,
            reason_en=closure.reason_en,
        )


class DeskOut(Out):
    """A desk that can be booked and the categories that it serves."""

    code: str
    name_zh: str
    name_en: str
    categories: list[str]


def categories_of(network: Network, skills: int) -> list[str]:
    return [category for category, bit in network.category_bit.items() if skills & bit]


class OfferOut(Out):
    """A service that the station may and can do, `in_force` today or not."""

    code: Annotated[str, Field(examples=["MET-PRE-001"])]
    name_zh: str
    name_en: str
    category: str
    modes: list[Literal["station", "onsite", "online"]]
    designated: Annotated[bool, Field(description="Designated for mandatory verification.")]
    marks: list[str]
    valid_from: date | None
    valid_until: date | None
    in_force: bool

    @classmethod
    def of(cls, offer: Offer, on: date) -> Self:
        return cls(
            **{name: getattr(offer, name) for name in cls.model_fields if name != "in_force"},
            in_force=offer.in_force(on),
        )


class StationDetail(StationOut):
    hours: list[HoursOut]
    closures: list[ClosureOut]
    desks: list[DeskOut]
    services: list[OfferOut]

    @classmethod
    def whole(
        cls, network: Network, station: StationFacts, opening: Opening, offers: Iterable[Offer], now: datetime
    ) -> Self:
        return cls(
            **_station(network, station, opening),
            hours=[HoursOut.of(rule) for rule in station.hours],
            closures=[ClosureOut.of(station, closure) for closure in station.closures if closure.ends > now],
            desks=[
                DeskOut(
                    code=desk.code,
                    name_zh=desk.name_zh,
                    name_en=desk.name_en,
                    categories=categories_of(network, desk.skills),
                )
                for desk in station.desks
                if desk.public and desk.active
            ],
            services=[OfferOut.of(offer, local_date(now)) for offer in offers],
        )
