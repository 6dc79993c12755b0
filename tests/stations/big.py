"""A network of the size of the whole country, made up, in memory."""

import numpy as np

from app.stations.atlas import Atlas, DivisionFacts, TownFacts
from app.stations.directory import Directory
from app.stations.rules import Calendar, HoursRule
from app.stations.snapshot import ALWAYS, Network, ServiceFacts, ServiceIndex, StationFacts, StationIndex

STATIONS, COUNTIES = 41_352, 2_850
HOURS = tuple(HoursRule(weekday, 102, 210) for weekday in range(1, 6))


def national_directory() -> Directory:
    divisions = tuple(
        DivisionFacts(f"{110000 + n}", f"测试{n}区", f"Test {n} District", None, None, None, None, None)
        for n in range(COUNTIES)
    )
    towns = tuple(_town(n) for n in range(STATIONS))
    service = ServiceFacts(
        ServiceIndex(0), 1, "MET-001", "metrology", "压力表检定", "Gauges", 30, 1, False, False, True, 1
    )
    offers = (np.arange(STATIONS, dtype=np.uint32) % 2).astype(np.uint8)[np.newaxis, :]
    network = Network(
        version=1,
        stations=tuple(_station(n) for n in range(STATIONS)),
        services=(service,),
        category_bit={"metrology": 1},
        offers=offers,
        valid_from=np.zeros_like(offers, dtype=np.int32),
        valid_until=np.full_like(offers, ALWAYS, dtype=np.int32),
        calendar=Calendar({}, frozenset({2026})),
    )
    return Directory(network, Atlas(1, divisions, (), towns))


def _county(n: int) -> str:
    return f"{110000 + n % COUNTIES}"


def _town(n: int) -> TownFacts:
    names = f"清溪{n}镇", f"Qingxi {n} Town"
    return TownFacts(f"{n:09}", _county(n), *names, "town", 100 + n % 200 / 10, 20 + n % 300 / 10, "geonames", "")


def _station(n: int) -> StationFacts:
    town = _town(n)
    return StationFacts(
        index=StationIndex(n), id=n + 1, code=f"ST-{n:05}",
        name_zh=f"{town.name_zh}服务站", name_en=f"{town.name_en} Station",
        county_adcode=town.county_adcode, division_code=town.county_adcode, town_code=town.code, lon=town.lon,
        lat=town.lat, coord_class="geonames", coord_precision="", address_zh=town.name_zh, model="comprehensive",
        level="workstation", key_industry=None, provenance="test", active=True, parent=None, desks=(), hours=HOURS,
        closures=(),
    )  # fmt: skip
