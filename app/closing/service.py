"""Carrying out a change of a station's time: the change, and everybody whom it concerns, all or nothing.

The order of locks: first the requests concerned, by their ids, as whoever moves or cancels one takes its own before
its station's; then the station's, exclusively, by writing the change. From then on nobody books there, and who has
booked since the list was made is found: then nothing is done, and the list is shown anew.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, text, update

from app.audit.service import Actor, Object, record
from app.closing.chosen import Chosen
from app.closing.concerned import concerned
from app.closing.errors import BookedSince, ClosureUnknown, DeskAttended
from app.closing.planning import Planner
from app.closing.queries import Booked
from app.closing.rules.changes import Closing, NewWeek, Retiring, StationChange
from app.closing.rules.choosing import Offer
from app.hall.live import topic_of
from app.hall.service.desks import attended
from app.hall.service.freeing import free_of_desk
from app.kit import ids
from app.kit.clock import LOCAL
from app.kit.db import WriteSession
from app.kit.live import tell
from app.kit.problems import Problem
from app.kit.ticks import TICK_MIN
from app.requests.letters import Letters
from app.requests.queries import by_id
from app.requests.rules import Action
from app.requests.service import Changes
from app.requests.service.changes import Hold
from app.requests.service.planning import Given
from app.requests.sites import point_of
from app.slots.moving import drop_holds, place, to_desk
from app.slots.places import Handle
from app.slots.wishes import Wish
from app.stations.models import Closure, Desk, OpeningHours, Station
from app.stations.snapshot import DeskFacts, Network, StationFacts

SECRET_LENGTH = 24
HOURS = text("""
    INSERT INTO opening_hours (station_id, iso_weekday, opens, closes, valid_from, valid_until)
    SELECT :station_id, weekday, CAST(opens AS time), CAST(closes AS time), valid_from, valid_until
    FROM unnest(
        CAST(:weekdays AS int[]), CAST(:opens AS text[]), CAST(:closes AS text[]), CAST(:since AS date[]),
        CAST(:until AS date[])
    ) rule (weekday, opens, closes, valid_from, valid_until)
""")


@dataclass(slots=True)
class Moved:
    """What became of those concerned: how many of each, and the requests of which the applicant has no e-mail."""

    counts: Counter[Offer] = field(default_factory=Counter)
    to_call: list[str] = field(default_factory=list)


class Closings:
    """Changing a station's time, in the session's transaction."""

    def __init__(self, session: WriteSession, network: Network, letters: Letters, actor: Actor, now: datetime) -> None:
        self._session = session
        self._network = network
        self._letters = letters
        self._actor = actor
        self._now = now

    async def carry_out(
        self, station: StationFacts, change: StationChange, chosen: Mapping[str, Chosen], planner: Planner
    ) -> Moved:
        """Write the change and move everybody whom it concerns, each as `chosen` by the reference of their request.

        Raises BookedSince when others than these are concerned by now, or when a place that was offered is taken.
        """
        before = await concerned(self._session, self._network, station, change, self._now, lock=True)
        await self._write(station, change)
        # Under the station's lock: whoever has booked in between is seen now, and nobody does from here on.
        under = await concerned(self._session, self._network, station, change, self._now)
        if not under.references == before.references == chosen.keys():
            raise BookedSince
        await drop_holds(self._session, station.id, [hold.id for hold in under.holds])
        moved = Moved()
        references = {each.reference: each for each in before.movable}
        for reference, booked in references.items():
            await self._move(booked, chosen[reference], change, planner)
            moved.counts[chosen[reference].offer] += 1
            if not booked.view.request.email and chosen[reference].offer is not Offer.DESK:
                moved.to_call.append(reference)
        await self._free_tickets(station, change)
        await tell(self._session, f"station:{station.id}", topic_of(station.id))
        await record(
            self._session,
            self._actor,
            *recorded(station, change),
            at=self._now,
            after={"change": told(station, change), "moved": dict(moved.counts), "requests": sorted(chosen)},
            reason=change.reason_zh,
        )
        return moved

    async def _move(self, booked: Booked, chosen: Chosen, change: StationChange, planner: Planner) -> None:
        """One person, as it was chosen. Raises BookedSince when that is not to be had any more."""
        if chosen.offer is Offer.DESK:
            return await self._to_desk(booked, chosen, planner)
        request = await by_id(self._session, self._network, booked.view.request.id)
        changes = Changes(self._session, self._network, self._now, self._actor, self._letters, by_station=True)
        given = Given(reason=change.reason_zh, reason_en=change.reason_en)
        if chosen.offer is Offer.ASK:
            await changes.act(request, Action.UNBOOK, given)
            return None
        try:
            hold = await self._hold(booked, chosen, planner)
            await changes.act(request, Action.RESCHEDULE, given, hold=hold)
        except Problem as problem:
            raise BookedSince from problem
        return None

    async def _hold(self, booked: Booked, chosen: Chosen, planner: Planner) -> Hold:
        codes = tuple(service.code for service, _count in booked.view.what)
        request = booked.view.request
        assert chosen.start is not None  # noqa: S101 - a time is chosen with each of these offers
        wish = Wish(chosen.station, codes, request.mode, chosen.start, point_of(request))
        new = Handle(ids.new_id(), ids.new_secret(SECRET_LENGTH))
        if not await place(self._session, planner.choice(wish), new, self._now):
            raise BookedSince
        return Hold(new.id, new.token)

    async def _to_desk(self, booked: Booked, chosen: Chosen, planner: Planner) -> None:
        desk = chosen.desk_id
        if desk not in planner.desks_then(booked):
            raise BookedSince
        if not await to_desk(self._session, booked.taken.id, desk, self._now):
            raise BookedSince

    async def _free_tickets(self, station: StationFacts, change: StationChange) -> None:
        """Who waits for the desk alone that closes now."""
        if isinstance(change, NewWeek) or change.desk_id is None:
            return
        if isinstance(change, Retiring) or change.starts <= self._now < change.ends:
            await free_of_desk(self._session, station.id, change.desk_id, self._now, self._actor.id)

    async def _write(self, station: StationFacts, change: StationChange) -> None:
        """The change itself, which takes the station's lock."""
        if isinstance(change, Closing):
            self._session.add(
                Closure(
                    station_id=station.id,
                    desk_id=change.desk_id,
                    starts=change.starts,
                    ends=change.ends,
                    reason_zh=change.reason_zh,
                    reason_en=change.reason_en,
                )
            )
            await self._session.flush()
        elif isinstance(change, Retiring):
            if await attended(self._session, station.id, change.desk_id, self._now):
                raise DeskAttended
            await self._session.execute(update(Desk).where(Desk.id == change.desk_id).values(active=False))
        else:
            await self._new_week(station, change)

    async def _new_week(self, station: StationFacts, change: NewWeek) -> None:
        """Raises BookedSince when somebody else has changed the hours since they were looked at."""
        same = Station.id == station.id, Station.hours_version == station.hours_version
        raised = await self._session.execute(
            update(Station).where(*same).values(hours_version=Station.hours_version + 1).returning(Station.id)
        )
        if raised.one_or_none() is None:
            raise BookedSince
        rules = change.applied(station).hours
        await self._session.execute(delete(OpeningHours).where(OpeningHours.station_id == station.id))
        values = {
            "station_id": station.id,
            "weekdays": [rule.iso_weekday for rule in rules],
            "opens": [clock(rule.opens) for rule in rules],
            "closes": [clock(rule.closes) for rule in rules],
            "since": [rule.valid_from for rule in rules],
            "until": [rule.valid_until for rule in rules],
        }
        await self._session.execute(HOURS, values)


async def reopen(session: WriteSession, station: StationFacts, closure_id: int, actor: Actor, now: datetime) -> None:
    """Take back what is to come of a closure; who was moved for it stays where they are. Raises ClosureUnknown."""
    closure = await session.get(Closure, closure_id, with_for_update=True)
    if closure is None or closure.station_id != station.id or closure.ends <= now:
        raise ClosureUnknown
    before = {"starts": closure.starts.astimezone(LOCAL), "ends": closure.ends.astimezone(LOCAL)}
    if closure.starts < now:
        closure.ends = now
    else:
        await session.delete(closure)
    await session.flush()
    on = Object("closure", str(closure_id), station.id)
    await record(session, actor, "closure.taken_back", on, at=now, before=before)


async def use_again(session: WriteSession, station: StationFacts, desk: DeskFacts, actor: Actor, now: datetime) -> None:
    """Take a desk into use again."""
    await session.execute(update(Desk).where(Desk.id == desk.id, Desk.station_id == station.id).values(active=True))
    await record(session, actor, "desk.used_again", Object("desk", f"{station.code}/{desk.code}", station.id), at=now)


def recorded(station: StationFacts, change: StationChange) -> tuple[str, Object]:
    """What the record calls a change, and on what it was made."""
    desks = {desk.id: desk.code for desk in station.desks}
    if isinstance(change, NewWeek):
        return "hours.changed", Object("station", station.code, station.id)
    if isinstance(change, Retiring):
        return "desk.retired", Object("desk", f"{station.code}/{desks[change.desk_id]}", station.id)
    return "closure.entered", Object("station", station.code, station.id)


def told(station: StationFacts, change: StationChange) -> dict[str, object]:
    """A change as the record keeps it."""
    desks: dict[int | None, str] = {desk.id: desk.code for desk in station.desks}
    if isinstance(change, Closing):
        times = {"starts": change.starts.astimezone(LOCAL), "ends": change.ends.astimezone(LOCAL)}
        return {**times, "desk": desks.get(change.desk_id)}
    if isinstance(change, Retiring):
        return {"desk": desks[change.desk_id]}
    week = [[f"{clock(opens)}-{clock(closes)}" for opens, closes in windows] for windows in change.week]
    return {"first": change.first, "last": change.last, "week": week}


def clock(place: int) -> str:
    """A tick of the day as the clock shows it; midnight at the end of the day is 24:00."""
    hour, minute = divmod(place * TICK_MIN, 60)
    return f"{hour:02}:{minute:02}"
