"""Rows of a demo's past as the portal's own rooms leave them, and writing them by COPY."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter
from typing import Any, LiteralString
from uuid import UUID

import orjson
import psycopg
from psycopg import sql

from app.demo.found import Found, found_in, write_found
from app.demo.lives import Life
from app.demo.plant import PLANT_BEGUN, services_done
from app.demo.queue import Guest
from app.demo.world import Site, World
from app.hall.asked import letter_of
from app.kit.ids import access_code, hash_secret, new_reference
from app.kit.ticks import exact_tick
from app.requests.rules import ENDED, FINISHED, REFERENCE_PREFIX, Event, State

CONTACT = "演示联系人"
LATIN_SHARE, OWN_SHARE = 0.05, 0.01
TRAVEL_TICKS = 6
# In an order that foreign keys allow.
COLUMNS: Mapping[LiteralString, LiteralString] = {
    "reservation": "id, station_id, desk_id, starts, ticks, travel_before, travel_after, kind, active, mode, "
    "service_ids, created_at, changed_at",
    "request": "id, station_id, reference, access_hash, status, reservation_id, mode, use, language, "
    "organisation_name, uscc, contact_name, mobile, lon, lat, given_lon, given_lat, crs, consent_version, "
    "consented_at, organisation_id, due_at, due_provisional, calendar_sequence, created_at, changed_at",
    "request_item": "request_id, station_id, n, service_id, inputs, status, before, clock, due_at, due_provisional, "
    "returns, faults",
    "request_event": "request_id, station_id, n, at, kind, data, person_id",
    "result": "id, request_id, station_id, n, attempt, service_id, kind, passed, done_on, valid_until, measured, "
    "notes, inputs, entered_by, entered_at, verified_by, verified_at",
    "document_number": "station_id, year, last",
    "issued_document": "id, station_id, year, place, number, version, request_id, n, result_id, document, valid_until, "
    "code_hash, facts, digest, issued_by, issued_at",
    "hall_day": "station_id, day, last_number",
    "ticket": "id, station_id, day, number, letter, kind, state, priority, service_ids, open_ids, wants, first_from, "
    "rank_at, booked_at, request_id, calls, language, issued_at, called_at, started_at, ended_at, events",
    "ticket_event": "ticket_id, station_id, n, at, action, state, desk_id, person_id",
    "serving": "ticket_id, station_id, n, desk_id, person_id, service_ids, started_at, ended_at",
    "desk_session": "id, station_id, desk_id, person_id, skills, started_at, ended_at",
    "rating": "request_id, station_id, level, words, at, indicators",
    "rating_call": "request_id, station_id, n, at, person_id, reached, words",
    "rating_answer": "request_id, station_id, at, person_id, words",
    "thing": "id, code, request_id, station_id, n, part, standing, at_station_id, to_station_id, place, holder, "
    "due_back, since, links",
    "custody_link": "thing_id, n, station_id, at, action, condition, giver, taker, place, words, due_back, person_id",
    "question_count": "day, service_id, mode, x, y, outcome, county_adcode, n",
}
Row = tuple[Any, ...]


@dataclass
class Rows:
    """What is to be written, by table."""

    world: World
    secret_key: bytes
    consent: str
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    found: list[Found] = field(default_factory=list)
    lives: list[tuple[UUID, Life]] = field(default_factory=list)
    plant: set[str] = field(default_factory=services_done)
    """Services of the enterprise's package for which it has no request yet."""

    async def copy(self, connection: psycopg.AsyncConnection[Any]) -> int:
        """Write everything; how many rows. Days of which figures are kept are unsettled once, not row by row."""
        write_found(self.world, self.tables, self.found, self.secret_key)
        await connection.execute("SET LOCAL onestop.past = 'on'")
        await connection.execute("DELETE FROM performance_settled")
        for table, columns in COLUMNS.items():
            names = sql.SQL(columns)
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
            async with connection.cursor().copy(statement) as copying:
                for row in self.tables[table]:
                    await copying.write_row(row)
        return sum(map(len, self.tables.values()))

    def request(self, life: Life, desk_id: int) -> UUID:
        """A request with its reservations, items, timeline and rating; its id."""
        booking, world = life.booking, self.world
        station, sent = booking.site.station, life.steps[0].at
        changed = life.steps[-1].at
        place = self._place(life, desk_id)
        request_id = world.id_at(sent)
        last = life.steps[-1]
        due = last.deadline.due(world.network.calendar) if last.deadline and last.state not in ENDED else None
        name, uscc, organisation_id = self._firm(life)
        lon = round(station.lon + world.random.gauss(0, 0.03), 6)
        lat = round(station.lat + world.random.gauss(0, 0.025), 6)
        code = hash_secret(access_code(self.secret_key, request_id), self.secret_key)
        language = "en" if world.random.random() < LATIN_SHARE else "zh-CN"
        use = (
            "safety_protection"
            if booking.service.designation_required
            else "other"
            if booking.service.mandatory
            else None
        )
        self.tables["request"].append(
            (request_id, station.id, new_reference(REFERENCE_PREFIX, world.random.randbytes), code, last.state.value,
             place, booking.mode, use, language, name, uscc, CONTACT, "", lon, lat, lon, lat, "wgs84", self.consent,
             sent, organisation_id, due and due[0], bool(due and due[1]), len(life.steps) - 1, sent, changed)
        )  # fmt: skip
        self._item(life, request_id, due)
        self.lives.append((request_id, life))
        found = found_in(life, request_id, name)
        if found:
            self.found.append(found)
        person = booking.site.staff.get("officer")
        told = [(step.at, step.kind.value, step.data, person if step.by_station else None) for step in life.steps]
        if life.rating:
            level, words, at = life.rating
            told.append((at, Event.RATED.value, {"level": level}, None))
            self.tables["rating"].append((request_id, station.id, level, words, at))
        for n, (at, kind, data, own) in enumerate(sorted(told, key=itemgetter(0)), start=1):
            if found and kind == Event.ISSUED:
                found.event = len(self.tables["request_event"])
            row = request_id, station.id, n, at, kind, orjson.dumps(data).decode(), own
            self.tables["request_event"].append(row)
        return request_id

    def _item(self, life: Life, request_id: UUID, due: tuple[datetime, bool] | None) -> None:
        booking, last = life.booking, life.steps[-1]
        life.inputs = self.world.answers(booking.service.id, booking.mode, booking.site.station)
        inputs = orjson.dumps(life.inputs).decode()
        returned = [step for step in life.steps if step.state is State.RETURNED]
        faults = orjson.dumps(returned[0].data["faults"]).decode() if last.state is State.RETURNED else None
        before = life.steps[-2].state.value if last.state is State.CANCELLED else None
        clock = orjson.dumps(last.deadline.stored()).decode() if last.deadline else None
        self.tables["request_item"].append(
            (request_id, booking.site.station.id, 1, booking.service.id, inputs, last.state.value, before, clock,
             due and due[0], bool(due and due[1]), len(returned), faults)
        )  # fmt: skip

    def _firm(self, life: Life) -> tuple[str, str, UUID | None]:
        own, random = self.world.own_firm, self.world.random
        if own and (random.random() < OWN_SHARE or self._of_the_plant(life)):
            organisation_id, uscc, name = own
            return name, uscc, organisation_id
        name, uscc = random.choice(self.world.firms)
        return name, uscc, None

    def _of_the_plant(self, life: Life) -> bool:
        """Whether it is the first one for a step of the enterprise's package that has come to an end of late."""
        code, late = life.booking.service.code, life.now - life.steps[0].at < PLANT_BEGUN
        if code not in self.plant or not late or life.state not in FINISHED:
            return False
        self.plant.remove(code)
        return True

    def _place(self, life: Life, desk_id: int) -> UUID:
        """The reservation, and the one at the station that passed the request on."""
        booking, sent = life.booking, life.steps[0].at
        if booking.origin and life.moved:
            origin = booking.origin
            self._reservation(life, origin, origin.desks[0], (sent, life.moved), active=False)
        made = life.moved or sent
        return self._reservation(life, booking.site, desk_id, (made, life.given_up or made), active=life.comes)

    def _reservation(
        self, life: Life, site: Site, desk_id: int, times: tuple[datetime, datetime], *, active: bool
    ) -> UUID:
        booking = life.booking
        travel = TRAVEL_TICKS if booking.mode == "onsite" else 0
        starts, place = exact_tick(booking.start), self.world.id_at(times[0])
        self.tables["reservation"].append(
            (place, site.station.id, desk_id, starts - travel, exact_tick(booking.end) - starts + 2 * travel, travel,
             travel, "appointment", active, booking.mode, [booking.service.id], *times)
        )  # fmt: skip
        return place

    def day(
        self, site: Site, day: date, guests: Iterable[tuple[Guest, UUID | None]], hours: tuple[datetime, datetime]
    ) -> None:
        """A day at the counter: its tickets with their steps, and who sat where."""
        station, found = site.station, list(guests)
        self.tables["hall_day"].append((station.id, day, len(found)))
        for guest, request_id in found:
            self._ticket(site, day, guest, request_id)
        person = site.staff.get("window")
        if person:
            for desk in sorted({guest.desk for guest, _ in found if guest.desk}):
                skills = next(each.skills for each in station.desks if each.id == desk)
                self.tables["desk_session"].append(
                    (self.world.id_at(hours[0]), station.id, desk, person, skills, *hours)
                )

    def _ticket(self, site: Site, day: date, guest: Guest, request_id: UUID | None) -> None:
        ticket_id, station_id, services = self.world.id_at(guest.came), site.station.id, list(guest.services)
        known = [self.world.network.service_by_id[each] for each in services]
        place, person = guest.place, site.staff.get("window")
        steps = steps_of(guest)
        kind = "walk_in" if guest.booked is None else "appointment"
        wants = sum({each.skill for each in known})
        self.tables["ticket"].append(
            (ticket_id, station_id, day, guest.number, letter_of(known[0]), kind, guest.state, guest.priority.value,
             services, [] if guest.state == "done" else services, wants, place.first_from, place.rank_at, guest.booked,
             request_id, int(guest.called is not None), "zh-CN", guest.came, guest.called, guest.started, guest.ended,
             len(steps))
        )  # fmt: skip
        for n, (at, action, state, desk) in enumerate(steps, start=1):
            who = person if desk else None
            self.tables["ticket_event"].append((ticket_id, station_id, n, at, action, state, desk, who))
        if guest.started and guest.ended:
            self.tables["serving"].append(
                (ticket_id, station_id, 1, guest.desk, person, services, guest.started, guest.ended)
            )


def steps_of(guest: Guest) -> list[tuple[datetime, str, str, int | None]]:
    """The ticket's steps: when, what, where it stood then, and at which desk."""
    steps: list[tuple[datetime | None, str, str, int | None]] = [(guest.came, "issue", "waiting", None)]
    steps.append((guest.called, "call", "called", guest.desk))
    steps.append((guest.started, "start", "serving", guest.desk))
    last = {"done": "finish", "no_show": "no_show", "left": "leave"}[guest.state]
    steps.append((guest.ended, last, guest.state, guest.desk))
    return [(at, action, state, desk) for at, action, state, desk in steps if at is not None]
