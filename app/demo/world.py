"""What a demo's past is made of: stations with how busy they are, what they do, and who works there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from app.catalogue.forms import FormField, InputType
from app.catalogue.snapshot import CatalogueStore, ServiceInfo
from app.catalogue.version import NetworkVersion
from app.demo.people import demo_organisations
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.ids import new_id
from app.kit.ticks import tick_time, wall_tick
from app.policy.snapshot import Policy, PolicyStore
from app.requests.rules import Way, way_of
from app.stations.rules import day_windows
from app.stations.snapshot import MODES, Network, StationFacts, load_network

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Span = tuple[datetime, datetime]
OVERLOADED = 3
MOST_SERVICES = 10
LONGEST_PAST = 120  # days, with the time before the first visit
USUAL_PEOPLE = 300_000
USUAL_LOAD, MOST_LOAD = 0.045, 0.2
INSTRUMENTS = "压力表", "电子秤", "电能表", "温湿度计", "游标卡尺", "可燃气体报警器"
TEXTS = {"instrument_name": INSTRUMENTS, "sample_name": ("电缆样品", "水泥样品", "食品样品", "钢材样品")}


@dataclass(frozen=True)
class Site:
    """A station of the demo. `load` is the share of its desks' time that visits take, `slow` how late it answers."""

    station: StationFacts
    load: float
    slow: float
    overloaded: bool
    desks: tuple[int, ...]
    services: Mapping[str, tuple[int, ...]]
    """By mode the ids of what it does, the most asked for first."""
    staff: Mapping[str, UUID]


@dataclass(frozen=True)
class World:
    """Everything that is known before the first day."""

    network: Network
    policy: Policy
    fields: Mapping[int, tuple[FormField, ...]]
    services: Mapping[int, ServiceInfo]
    sites: tuple[Site, ...]
    firms: tuple[tuple[str, str], ...]
    own_firm: tuple[UUID, str, str] | None
    """The enterprise that one can sign in as: its id, code and name."""
    random: Random

    def id_at(self, at: datetime) -> UUID:
        """A row's id, as if it had been made then."""
        return new_id(lambda: int(at.timestamp() * 1e9) + self.random.randrange(1_000_000), self.random.randbytes)

    def worked(self, day: date) -> bool:
        return self.network.calendar.kind(day).worked

    def windows(self, site: Site, day: date) -> list[Span]:
        windows = day_windows(site.station.hours, self.network.calendar, day).windows
        return [(moment(day, opens), moment(day, closes)) for opens, closes in windows]

    def at_work(self, at: datetime) -> datetime:
        """The same moment if somebody works then, else in the morning of the next working day."""
        at = at.astimezone(LOCAL)
        if at.hour >= 17:  # noqa: PLR2004 - the end of the day
            at = (at + DAY).replace(hour=8, minute=30) + self.random.randrange(150) * MINUTE
        elif at.hour < 8 or (at.hour == 8 and at.minute < 30):  # noqa: PLR2004
            at = at.replace(hour=8, minute=30) + self.random.randrange(150) * MINUTE
        while not self.worked(at.date()):
            at += DAY
        return at

    def workdays_after(self, at: datetime, count: int) -> datetime:
        """At about the same time so many working days later."""
        day, _ = self.network.calendar.add_workdays(at.astimezone(LOCAL).date(), count)
        return datetime.combine(day, at.astimezone(LOCAL).timetz())

    def way(self, service_id: int, mode: str) -> Way:
        """How the portal will deal with it."""
        return way_of(mode, dict.fromkeys(asked.key for asked in self.fields[service_id] if asked.required))

    def answers(self, service_id: int, mode: str, station: StationFacts) -> dict[str, object]:
        """What somebody may have filled in: every question that must be answered."""
        return {
            asked.key: self._answer(asked, station)
            for asked in self.fields[service_id]
            if asked.required and asked.asked(mode)
        }

    def _answer(self, asked: FormField, station: StationFacts) -> object:
        if asked.options:
            chosen = self.random.choice(asked.options)
            return [chosen] if asked.type is InputType.MULTI_ENUM else chosen
        plain: dict[InputType, object] = {
            InputType.INTEGER: max(asked.minimum, self.random.randint(1, 6)),
            InputType.NUMBER: max(asked.minimum, self.random.randint(1, 20)),
            InputType.BOOLEAN: True,
            InputType.DATE: "2025-06-01",
            InputType.REGION: station.county_adcode,
            InputType.FILE: "演示材料",
        }
        return plain.get(asked.type) or self.random.choice(TEXTS.get(asked.key, ("演示内容",)))


def moment(day: date, place: int) -> datetime:
    return tick_time(wall_tick(day, place, LOCAL), LOCAL)


async def load_world(database: Database, today: date, seed: int) -> World:
    network, version = await load_network(database), NetworkVersion(database)
    catalogue = await CatalogueStore(database, version).current()
    policy = await PolicyStore(database, version.get).current()
    random = Random(seed)  # noqa: S311 - the same seed gives the same past
    people = dict(await database.fetch("SELECT username, id FROM person WHERE demo AND username IS NOT NULL", ()))
    populations = dict(await database.fetch("SELECT adcode, population_2020 FROM division", ()))
    own = await database.fetch("SELECT id, uscc, name FROM organisation WHERE demo ORDER BY created_at LIMIT 1", ())
    counties: dict[str, int] = {}
    for station in network.stations:
        counties[station.county_adcode] = counties.get(station.county_adcode, 0) + 1
    busiest = {each.code for each in random.sample(network.stations, min(OVERLOADED, len(network.stations)))}
    site_of = _Sites(network, people, today, random)
    sites = []
    for station in network.stations:
        people_each = (populations.get(station.county_adcode) or USUAL_PEOPLE) / counties[station.county_adcode]
        load = USUAL_LOAD * (people_each / 30_000) ** 0.7 * random.lognormvariate(0, 0.35)
        overloaded = station.code in busiest
        sites.append(site_of.make(station, min(load, MOST_LOAD), overloaded=overloaded))
    fields = {
        each.id: catalogue.by_code[each.code].fields for each in network.services if each.code in catalogue.by_code
    }
    return World(
        network, policy, fields, catalogue.by_id,
        tuple(site for site in sites if site.desks and site.services["station"]),
        demo_organisations(), own[0] if own else None, random,
    )  # fmt: skip


@dataclass(frozen=True)
class _Sites:
    """Makes sites of stations."""

    network: Network
    people: Mapping[str, UUID]
    today: date
    random: Random

    def make(self, station: StationFacts, load: float, *, overloaded: bool) -> Site:
        random, code = self.random, station.code.lower()
        return Site(
            station,
            random.uniform(0.85, 1.0) if overloaded else load,
            random.uniform(3.0, 5.0) if overloaded else random.uniform(0.4, 1.5),
            overloaded,
            tuple(desk.id for desk in station.desks if desk.active and desk.public),
            {mode: self._services(station, bit) for mode, bit in MODES.items()},
            {
                role: self.people[name]
                for role in ("officer", "window", "manager")
                if (name := f"{role}.{code}") in self.people
            },
        )

    def _services(self, station: StationFacts, bit: int) -> tuple[int, ...]:
        """Of what it may do in this way, since before the past began, some that are asked for there."""
        network, today = self.network, self.today.toordinal()
        able = [
            service.id
            for service in network.services
            if service.active
            and network.offers[service.index, station.index] & bit
            and network.valid_from[service.index, station.index] <= today - LONGEST_PAST
            and today <= network.valid_until[service.index, station.index]
        ]
        return tuple(self.random.sample(able, min(MOST_SERVICES, len(able))))
