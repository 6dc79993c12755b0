"""A past for a demo: ninety days of requests, appointments, queues and ratings at all stations, up to yesterday.

Seeded: the same seed on the same day gives the same past. Weekdays follow the working calendar, busier towns are
busier, some stations are overloaded, and one has had an unusual day. Written once, into a portal without any request.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from app.accounts.queries.notice import notice_in_force
from app.audit.service import Actor, Object, record_on
from app.demo.answers import answered, with_sides
from app.demo.handed_in import handed_in
from app.demo.lives import REROUTED, Booking, Life
from app.demo.questions import questions
from app.demo.queue import Counter, Guest
from app.demo.rows import TRAVEL_TICKS, Rows
from app.demo.world import DAY, MINUTE, Site, Span, World, load_world
from app.kit.clock import local_date
from app.kit.db import Database
from app.kit.ticks import exact_tick, tick_time
from app.requests.rules import State
from app.stations.facts import ServiceFacts

DAYS, SEED = 90, 20261201
BOOKED, ONSITE, ONLINE = 0.45, 0.05, 0.04
USUAL_MIN = 25
WEEKDAY = 1.25, 1.05, 1.0, 0.95, 0.8, 0.7, 0.7
MISSED, MISSED_OVERLOADED, ELDERLY = 0.07, 0.15, 0.06
UNUSUAL_DAYS_AGO, UNUSUAL_TIMES = 9, 3.2
ATTEMPTS = 8
TICK = 5 * MINUTE


@dataclass
class Desks:
    """Which ticks of its desks a station has promised on a day."""

    taken: set[tuple[int, int]] = field(default_factory=set)

    def take(self, desk: int, first: int, ticks: int) -> bool:
        wanted = {(desk, tick) for tick in range(first, first + ticks)}
        if wanted & self.taken:
            return False
        self.taken |= wanted
        return True


async def load_history(url: str, secret_key: bytes, now: datetime, *, days: int = DAYS, seed: int = SEED) -> int:
    """Write the past of the days before today; how many rows, 0 where there are requests already."""
    database = Database(url, pool_size=2)
    await database.open()
    try:
        if await database.fetch("SELECT 1 FROM request LIMIT 1", ()):
            return 0
        world = await load_world(database, local_date(now), seed)
        rows = Rows(world, secret_key, notice_in_force(local_date(now)).version)
        write_past(world, rows, now, days)
        rows.tables["question_count"] += questions(world, local_date(now), days)
        write_what_followed(world, rows, now)
        async with database.pool.connection() as connection, connection.transaction():
            count = await rows.copy(connection)
            who, what = Actor("system", name="onestop demo"), Object("demo", "history")
            await record_on(connection, who, "demo.loaded", what, at=now, after={"rows": count, "seed": seed})
        await database.fetch("ANALYZE", ())
    finally:
        await database.close()
    return count


def write_what_followed(world: World, rows: Rows, now: datetime) -> None:
    """Where the things are that were handed in, and what became of bad ratings."""
    tables = rows.tables
    tables["thing"], tables["custody_link"] = handed_in(world, rows.lives)
    tables["rating_call"], tables["rating_answer"] = answered(world, tables["rating"], now)
    tables["rating"] = list(with_sides(world, tables["rating"]))


def write_past(world: World, rows: Rows, now: datetime, days: int) -> None:
    """Every station, day by day."""
    today = local_date(now)
    odd = world.random.choice(world.sites)
    for site in world.sites:
        for n in range(days, 0, -1):
            day = today - n * DAY
            if windows := world.windows(site, day):
                unusual = site is odd and day == _unusual_day(world, today)
                _write_day(world, rows, (site, day, windows), now, UNUSUAL_TIMES if unusual else 1.0)


def _unusual_day(world: World, today: date) -> date:
    day = today - UNUSUAL_DAYS_AGO * DAY
    while not world.worked(day):
        day -= DAY
    return day


def _write_day(world: World, rows: Rows, where: tuple[Site, date, list[Span]], now: datetime, times: float) -> None:
    site, day, windows = where
    minutes = sum((end - start) // MINUTE for start, end in windows) * len(site.desks)
    usual = max(site.load, 0.25 if times > 1 else 0) * minutes / USUAL_MIN * WEEKDAY[day.weekday()]
    visits = _about(world, usual * times)
    booked, guests = _booked(world, rows, where, now, round(visits * BOOKED))
    guests += [_walk_in(world, where) for _ in range(visits - len(booked))]
    Counter(site.desks, windows, world.random).run(guests)
    found = []
    for guest in guests:
        life_desk = booked.get(id(guest))
        found.append((guest, _seen(rows, life_desk, guest) if life_desk else None))
    if found:
        rows.day(site, day, found, (windows[0][0], max(windows[-1][1], *(each.ended or each.came for each in guests))))


def _seen(rows: Rows, life_desk: tuple[Life, int], guest: Guest) -> UUID:
    life, desk = life_desk
    life.visit(guest)
    return rows.request(life, desk)


def _about(world: World, mean: float) -> int:
    return max(round(world.random.gauss(mean, max(mean, 0.5) ** 0.5)), 0)


def _booked(
    world: World, rows: Rows, where: tuple[Site, date, list[Span]], now: datetime, many: int
) -> tuple[dict[int, tuple[Life, int]], list[Guest]]:
    """Who has an appointment and comes to the counter; all other requests for the day are written at once."""
    site, _day, windows = where
    random, desks = world.random, Desks()
    lives: dict[int, tuple[Life, int]] = {}
    guests: list[Guest] = []
    for _ in range(many):
        made = _booking(world, site, windows, desks)
        if made is None:
            continue
        booking, desk = made
        life = Life(world, booking, now)
        life.ask()
        if not life.steps:
            continue
        missed = random.random() < (MISSED_OVERLOADED if site.overloaded else MISSED)
        if not life.comes or life.state is State.RETURNED:
            rows.request(life, desk)
        elif missed or booking.mode != "station":
            life.miss() if missed else life.visit(None)
            rows.request(life, desk)
        else:
            guest = _guest(world, booking, windows)
            lives[id(guest)] = life, desk
            guests.append(guest)
    return lives, guests


def _booking(world: World, site: Site, windows: list[Span], desks: Desks) -> tuple[Booking, int] | None:
    """A service, a desk and a time that is free; None when chance has found none."""
    random = world.random
    chance = random.random()
    mode = "onsite" if chance < ONSITE else "online" if chance < ONSITE + ONLINE else "station"
    mode = mode if site.services[mode] else "station"
    service = _chosen(world, site.services[mode])
    travel = TRAVEL_TICKS if mode == "onsite" else 0
    for _ in range(ATTEMPTS):
        opens, closes = random.choice(windows)
        places = int((closes - opens) / TICK - service.ticks - 2 * travel) // 3
        if places < 0:
            continue
        first = exact_tick(opens) + travel + 3 * random.randint(0, places)
        desk = random.choice(site.desks)
        if desks.take(desk, first - travel, service.ticks + 2 * travel):
            start, end = (tick_time(tick, opens.tzinfo) for tick in (first, first + service.ticks))  # type: ignore[arg-type]
            way = world.way(service.id, mode)
            return Booking(site, service, mode, way, start, end, _origin(world, site, service, mode)), desk
    return None


def _origin(world: World, site: Site, service: ServiceFacts, mode: str) -> Site | None:
    """Some were asked for at another station of the county first."""
    if mode != "station" or world.random.random() >= REROUTED:
        return None
    county = site.station.county_adcode
    others = [
        each
        for each in world.sites
        if each is not site and each.station.county_adcode == county and service.id in each.services[mode]
    ]
    return world.random.choice(others) if others else None


def _chosen(world: World, services: tuple[int, ...]) -> ServiceFacts:
    """The first ones are asked for most."""
    weights = [1 / n for n in range(1, len(services) + 1)]
    return world.network.service_by_id[world.random.choices(services, weights)[0]]


def _guest(world: World, booking: Booking, windows: list[Span]) -> Guest:
    came = booking.start + timedelta(seconds=int(world.random.gauss(-8 * 60, 6 * 60)))
    came = max(came, windows[0][0] - 10 * MINUTE)
    return Guest(came, (booking.service.id,), booking.service.duration_min, booked=booking.start)


def _walk_in(world: World, where: tuple[Site, date, list[Span]]) -> Guest:
    site, _day, windows = where
    random = world.random
    opens, closes = random.choice(windows)
    share = random.betavariate(1.6, 2.2)
    came = opens + share * (closes - opens - 20 * MINUTE)
    services = _services(world, site)
    planned = sum(each.duration_min for each in services)
    elderly = random.random() < ELDERLY
    return Guest(came, tuple(each.id for each in services), planned, elderly=elderly)


def _services(world: World, site: Site) -> list[ServiceFacts]:
    first = _chosen(world, site.services["station"])
    other = _chosen(world, site.services["station"])
    return [first, other] if other is not first and world.random.random() < 0.06 else [first]  # noqa: PLR2004
