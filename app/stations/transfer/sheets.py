"""The CSV files: their columns, what each may hold, and the temporary table that takes it."""

from dataclasses import dataclass

from app.stations.transfer import cells
from app.stations.transfer.cells import Parse, optional, remembered


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is the column's type in the temporary table. Where the file lacks an optional column, `absent` stands."""

    name: str
    parse: Parse
    kind: str = "text"
    absent: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A CSV file and the temporary table that takes its rows, with the `line` of each."""

    file: str
    table: str
    columns: tuple[Column, ...]
    required: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


NAME, ADDRESS, REMARK = cells.line(200), cells.line(300, blank=True), cells.line(500, blank=True)
CODE, KIND = remembered(cells.code()), remembered(cells.code())
ACTIVE = Column("active", cells.boolean, "boolean", absent="true")
DAY = remembered(optional(cells.day))
VALID = (Column("valid_from", DAY, "date", absent=""), Column("valid_until", DAY, "date", absent=""))

STATIONS = Sheet(
    "stations.csv",
    "incoming_station",
    (
        Column("code", CODE),
        Column("name_zh", NAME),
        Column("name_en", NAME),
        Column("county_adcode", cells.adcode),
        Column("division_code", cells.adcode),
        Column("town_code", optional(cells.town_code)),
        Column("lon", cells.longitude, "double precision"),
        Column("lat", cells.latitude, "double precision"),
        Column("coord_class", KIND),
        Column("coord_precision", REMARK),
        Column("address_zh", ADDRESS),
        Column("model", cells.choice("comprehensive", "park", "enterprise")),
        Column("level", cells.choice("city_centre", "district_subcentre", "workstation")),
        Column("key_industry", optional(KIND)),
        Column("parent_code", optional(CODE)),
        Column("provenance", REMARK),
        ACTIVE,
    ),
)
TOWNS = Sheet(
    "towns.csv",
    "incoming_town",
    (
        Column("code", cells.town_code),
        Column("county_adcode", cells.adcode),
        Column("county_zh", cells.line(50)),
        Column("town_zh", NAME),
        Column("town_en", NAME),
        Column("unit_type", KIND),
        Column("nbs_division", cells.adcode),
        Column("lon", cells.longitude, "double precision"),
        Column("lat", cells.latitude, "double precision"),
        Column("coord_class", KIND),
        Column("precision", REMARK),
    ),
)
COUNTY_FACTS = Sheet(
    "county_facts.csv",
    "incoming_county",
    (
        Column("adcode", cells.adcode),
        Column("name_zh", NAME),
        Column("name_en", NAME),
        Column("population_2020", optional(cells.integer(0, 100_000_000)), "integer"),
        Column("area_km2", optional(cells.number(7, 1)), "numeric"),
        Column("source", REMARK),
        Column("population_later", optional(cells.integer(0, 100_000_000))),
        Column("population_later_source", REMARK),
    ),
)
ALIASES = Sheet(
    "division_aliases.csv",
    "incoming_alias",
    (Column("adcode", cells.adcode), Column("name_zh", NAME), Column("now", cells.adcode)),
    required=False,
)
DESKS = Sheet(
    "desks.csv",
    "incoming_desk",
    (
        Column("station_code", CODE),
        Column("desk", remembered(cells.code(16))),
        Column("name_zh", NAME),
        Column("name_en", NAME),
        Column("categories", remembered(cells.array()), "varchar[]"),
        Column("channel", cells.choice("public", "internal")),
        ACTIVE,
    ),
)
CAPABILITIES = Sheet(
    "capabilities.csv",
    "incoming_capability",
    (
        Column("station_code", CODE),
        Column("service_code", CODE),
        Column("modes", remembered(cells.array(*cells.MODES)), "varchar[]"),
        Column("designated", cells.boolean, "boolean"),
        Column("mark", remembered(cells.array(blank=True)), "varchar[]"),
        VALID[0],
        Column("valid_until", DAY, "date"),
    ),
)
HOURS = Sheet(
    "hours.csv",
    "incoming_hours",
    (
        Column("station_code", CODE),
        Column("iso_weekday", cells.integer(1, 7), "integer"),
        Column("opens", cells.five_minutes, "time"),
        Column("closes", cells.five_minutes, "time"),
        *VALID,
    ),
)
CLOSURES = Sheet(
    "closures.csv",
    "incoming_closure",
    (
        Column("station_code", CODE),
        Column("desk", optional(cells.code(16))),
        Column("starts", cells.moment, "timestamptz"),
        Column("ends", cells.moment, "timestamptz"),
        Column("reason_zh", NAME),
        Column("reason_en", NAME),
    ),
    required=False,
)

SHEETS = (COUNTY_FACTS, TOWNS, ALIASES, STATIONS, DESKS, CAPABILITIES, HOURS, CLOSURES)
