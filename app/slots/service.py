"""Taking and giving back a desk's time. The database has the last word on every place; see ARCHITECTURE and models.

A hold is one statement in its own transaction. A confirmation, a cancellation and a rescheduling are part of their
caller's. Nobody ever waits for two things that somebody else may have in the other order: expired holds are locked by
id, a booking takes its station's lock before its row; what the database still has to undo is tried again.
"""

from datetime import datetime
from enum import Enum, auto
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from app.kit.clock import LOCAL
from app.kit.db import Database, WriteSession, once_more, violated
from app.kit.ids import hash_secret, matches
from app.kit.ticks import TICK_MIN, floor_tick, tick_time
from app.slots.errors import (
    HoldExpired,
    HoldMismatch,
    HoldUnknown,
    HoldUsed,
    KeyReused,
    NotBooked,
    SlotTaken,
    StationClosed,
    TooManyHolds,
)
from app.slots.places import Booked, Handle, Held, handle, hold_end
from app.slots.plans import Need
from app.slots.queries import Availability
from app.slots.statements import CANCEL, CONFIRM, FIND, HOLD, OPEN_HOLDS, RELEASE, WHAT_BECAME
from app.slots.travel import travel
from app.slots.wishes import Choice, Visit, Wish, allowed, understood
from app.stations.snapshot import Network, NetworkStore

__all__ = [
    "Booked",
    "Handle",
    "Held",
    "Holds",
    "Wish",
    "cancel",
    "confirm",
    "handle",
    "release",
    "reschedule",
]

ATTEMPTS = 12
OFFERED = 5
GUARDS = frozenset({"reservation_not_closed", "reservation_desk_in_use", "reservation_hours_changed"})
BY_TIME = 7


class Outcome(Enum):
    """What became of one attempt. LOST: somebody was faster, or the network has changed; it is worth another look."""

    MADE = auto()
    NO_DESK = auto()
    NO_PLACE = auto()
    LOST = auto()


class Holds:
    """Taking holds. One for each process, beside its Availability."""

    def __init__(self, database: Database, availability: Availability, networks: NetworkStore) -> None:
        self._database = database
        self._availability = availability
        self._networks = networks

    async def hold(self, wish: Wish, client: str, new: Handle, now: datetime) -> Held:
        """Keep one desk for the visit until the station's `hold_min` from now, to the next whole second.

        Looks again when somebody was faster, as long as another desk is free. Raises what `wishes` raises, SlotTaken
        and StationClosed with the next free times, TooManyHolds, KeyReused.
        """
        network = await self._networks.current()
        if new.repeatable and (before := await self._before(network, wish, new)):
            return before
        for _attempt in range(ATTEMPTS):
            choice = await self._choice(network, wish, now)
            outcome = await self._attempt(choice, client, new, now)
            if outcome is Outcome.MADE:
                return _held(wish, new, choice.visit, hold_end(now, choice.terms.hold_min))
            if outcome is Outcome.NO_PLACE:
                raise await self._too_many(client, choice.terms.holds_per_client or 0, now)
            if outcome is Outcome.NO_DESK:
                break
            network = await self._networks.current()
            if before := await self._before(network, wish, new):
                return before
        raise SlotTaken(next_starts=await self._next(network, wish, choice.need, now))

    async def _choice(self, network: Network, wish: Wish, now: datetime) -> Choice:
        plans = self._availability.plans(network)
        ability = understood(plans, wish)
        try:
            return allowed(plans, ability, wish, self._availability.bounds(ability, now))
        except StationClosed:
            raise StationClosed(next_starts=await self._next(network, wish, ability.need, now)) from None

    async def _attempt(self, choice: Choice, client: str, new: Handle, now: datetime) -> Outcome:
        """One statement; a closure entered at this moment, or a desk just taken out of use, has the last word."""
        values = hold_values(choice, client, new, now)
        try:
            [(made, desk, place)] = await once_more(lambda: self._database.fetch(HOLD, values))
        except psycopg.errors.CheckViolation as error:
            if violated(error) not in GUARDS:
                raise
            return Outcome.LOST
        if made:
            return Outcome.MADE
        if not place:
            return Outcome.NO_PLACE
        return Outcome.LOST if desk else Outcome.NO_DESK

    async def _before(self, network: Network, wish: Wish, new: Handle) -> Held | None:
        """The hold that was made under this handle before: a repeated call, or an answer that was lost on its way.

        Raises KeyReused when it was made for something else.
        """
        for row in await self._database.fetch(FIND, (new.id,)):
            station_id, starts, ticks, travel_ticks, mode, service_ids, created_at, until = row
            station = network.station_by_id[station_id]
            plans = self._availability.plans(network)
            need = plans.need(wish.service_codes, wish.mode)
            same = (station.code, starts, travel_ticks, mode, service_ids)
            asked = floor_tick(wish.start), travel(station, wish.mode, wish.site)
            if same != (wish.station_code, *asked, wish.mode, need.ids):
                raise KeyReused
            until = until or hold_end(created_at, plans.terms.of(station).hold_min)
            return _held(wish, new, Visit(starts, ticks, travel_ticks), until)
        return None

    async def _next(self, network: Network, wish: Wish, need: Need, now: datetime) -> list[str]:
        """The next free times at the station, from the wished one on; when there are none, from now on."""
        index = network.station_index[wish.station_code]
        services = [service.index for service in need.services]
        for after in (wish.start, now):
            ticks = await self._availability.next_free(
                network, index, services, mode=need.mode, after=after, count=OFFERED, now=now, site=wish.site
            )
            if ticks:
                return [tick_time(tick, LOCAL).isoformat() for tick in ticks]
        return []

    async def _too_many(self, client: str, limit: int, now: datetime) -> TooManyHolds:
        rows = await self._database.fetch(OPEN_HOLDS, (client, now))
        ends = [until.astimezone(LOCAL) for (until,) in rows]
        return TooManyHolds(limit=limit, open_until=ends, now=now)


def hold_values(choice: Choice, client: str | None, new: Handle, now: datetime) -> Any:  # noqa: ANN401 - psycopg fills named places from a mapping
    """What HOLD is asked with; without a client there is no limit to how many."""
    starts, ticks, travel_ticks = choice.visit
    return {
        "id": new.id,
        "token_hash": hash_secret(new.token),
        "station_id": choice.station.id,
        "desks": list(choice.desks),
        "starts": starts - travel_ticks,
        "ticks": ticks + 2 * travel_ticks,
        "travel": travel_ticks,
        "mode": choice.need.mode,
        "service_ids": choice.need.ids,
        "client": client,
        "places": choice.terms.holds_per_client if client else None,
        "now": now,
        "hours_version": choice.station.hours_version,
        "expires_at": hold_end(now, choice.terms.hold_min),
    }


def _held(wish: Wish, new: Handle, visit: Visit, until: datetime) -> Held:
    return Held(
        new.id,
        new.token,
        wish.station_code,
        wish.service_codes,
        wish.mode,
        tick_time(visit.starts, LOCAL),
        tick_time(visit.starts + visit.ticks, LOCAL),
        until.astimezone(LOCAL),
        visit.travel * TICK_MIN,
    )


async def release(database: Database, hold_id: UUID, token: str) -> None:
    """Give a hold back. Raises HoldUnknown for an unknown one and for a wrong token alike, after the same work."""
    rows = await once_more(lambda: database.fetch(RELEASE, (hold_id, hash_secret(token))))
    if not rows:
        raise HoldUnknown


async def confirm(
    session: WriteSession,
    hold_id: UUID,
    token: str,
    now: datetime,
    *,
    service_ids: tuple[int, ...] | None = None,
    mode: str | None = None,
    station_id: int | None = None,
) -> Booked:
    """Make a hold an appointment, in the caller's transaction; what is given must be what was held.

    A hold ends at `expires_at` exactly: then it is over, even if nobody has taken the place. Raises HoldUnknown,
    HoldExpired, HoldUsed, HoldMismatch, StationClosed; after each of them the transaction must be rolled back.
    """
    values = {"id": hold_id, "token_hash": hash_secret(token), "now": now}
    try:
        row = (await session.execute(text(CONFIRM), values)).one_or_none()
    except IntegrityError as error:
        if violated(error) in GUARDS:
            raise StationClosed from error
        raise
    if row is None:
        raise await _why_not(session, hold_id, token)
    booked = _booked(row)
    held = {"service_ids": sorted(booked.service_ids), "mode": booked.mode, "station_id": booked.station_id}
    asked = {"service_ids": sorted(service_ids or booked.service_ids), "mode": mode, "station_id": station_id}
    if any(value is not None and value != held[name] for name, value in asked.items()):
        raise HoldMismatch
    return booked


async def _why_not(session: WriteSession, hold_id: UUID, token: str) -> HoldUnknown | HoldExpired | HoldUsed:
    """What became of a hold that can't be confirmed.

    One that is gone was given back, or was over and somebody else has taken its place. Its number still tells that
    it was one of ours: they are made by time.
    """
    row = (await session.execute(text(WHAT_BECAME), {"id": hold_id})).one_or_none()
    if row is None:
        return HoldExpired() if hold_id.version == BY_TIME else HoldUnknown()
    if not row.token_hash or not matches(token, row.token_hash):
        return HoldUnknown()
    return HoldExpired() if row.kind == "hold" else HoldUsed()


async def cancel(session: WriteSession, reservation_id: UUID, now: datetime) -> Booked:
    """Give up an appointment, in the caller's transaction: its place is offered again with the commit.

    Raises NotBooked when it isn't booked any more.
    """
    row = (await session.execute(text(CANCEL), {"id": reservation_id, "now": now})).one_or_none()
    if row is None:
        raise NotBooked
    return _booked(row)


async def reschedule(
    session: WriteSession, reservation_id: UUID, hold_id: UUID, token: str, now: datetime
) -> tuple[Booked, Booked]:
    """Confirm a new hold and give up the old appointment, both or neither: (old, new).

    Until the commit the old place is kept. The hold must be for the same services in the same mode; it may be at
    another station. Raises what `confirm` raises, and NotBooked.
    """
    new = await confirm(session, hold_id, token, now)
    old = await cancel(session, reservation_id, now)
    if (sorted(new.service_ids), new.mode) != (sorted(old.service_ids), old.mode):
        raise HoldMismatch
    return old, new


def _booked(row: Row[Any]) -> Booked:
    visit = row.visit_starts, row.visit_ticks, row.travel_before
    return Booked(row.id, row.station_id, row.desk_id, *visit, row.mode, tuple(row.service_ids))
