"""Tickets that a kiosk gives out: one at once, or several that it gave out while there was no network."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.hall.kiosk.queries import Device
from app.hall.kiosk.service.leases import Leases, ranges
from app.hall.models import Ticket
from app.hall.rules.handing_in import Claim, Facts, Outcome, Range, Settled, settle
from app.hall.rules.states import Action, Priority
from app.hall.service import Counter, Wish
from app.hall.service.issuing import Origin, Printed, still_given_out
from app.hall.words import number_of
from app.kit.clock import local_date
from app.kit.db import WriteSession
from app.stations.snapshot import Network


@dataclass(frozen=True, slots=True)
class GivenOut:
    """A ticket as the kiosk gave it out: the id that it made, the claim, what for and for whom."""

    id: UUID
    claim: Claim
    service_codes: Sequence[str]
    priority: Priority
    language: str


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of one; `number` is what is called out, None for one that was refused."""

    ticket_id: UUID
    outcome: Outcome
    number: str | None


class HandingIn:
    """The tickets of one device, in the session's transaction."""

    def __init__(self, session: WriteSession, network: Network, device: Device, now: datetime) -> None:
        self._session = session
        self._network = network
        self._device = device
        self._station = network.station_by_id[device.station_id]
        self._now = now

    async def all(self, given: Sequence[GivenOut]) -> list[HandedIn]:
        """Take in what was given out while there was no network; twice is harmless."""
        leases = await self._locked([each.claim.day for each in given])
        return [await self._one(each, leases) for each in sorted(given, key=lambda each: each.claim.given_at)]

    async def now(self, wish: Wish, ticket_id: UUID, number: int) -> Ticket:
        """A ticket with the number that the kiosk has for it: the same one when it was given out before.

        Raises Exhausted, HallClosed, HallHalted; IdTakenError for the id of a ticket of another station.
        """
        leases = await self._locked([])
        found = await self._known(ticket_id)
        if found:
            return found
        await still_given_out(self._session, self._station.id, local_date(self._now))
        settled = await self._settled(Claim(number, self._now), leases)
        return await self._issue(wish, ticket_id, settled, {})

    async def _locked(self, days: Collection[date]) -> list[Range]:
        """Everything that is looked at from here on stays so until the end of the transaction."""
        numbers = Leases(self._session, self._device, self._now)
        await numbers.lock(days)
        return ranges(await numbers.of_days([*days, local_date(self._now)]))

    async def _one(self, given: GivenOut, leases: Collection[Range]) -> HandedIn:
        try:
            found = await self._known(given.id)
        except IdTakenError:
            return HandedIn(given.id, Outcome.REFUSED, None)
        if found:
            return HandedIn(given.id, Outcome.KNOWN, number_of(found.letter, found.number))
        wish = self._wish(given)
        if not wish.services:
            return HandedIn(given.id, Outcome.REFUSED, None)
        settled = await self._settled(given.claim, leases)
        said = {"offline": True, "printed": given.claim.number, "handed_in_at": self._now.isoformat()}
        ticket = await self._issue(wish, given.id, settled, said, offline=True)
        if settled.outcome is Outcome.LATE:
            await self._counter(self._now).act(ticket.id, Action.LEAVE)
        return HandedIn(given.id, settled.outcome, number_of(ticket.letter, ticket.number))

    async def _known(self, ticket_id: UUID) -> Ticket | None:
        """Raises IdTakenError."""
        found: Ticket | None = await self._session.scalar(select(Ticket).where(Ticket.id == ticket_id))
        if found and found.station_id != self._device.station_id:
            raise IdTakenError
        return found

    async def _settled(self, claim: Claim, leases: Collection[Range]) -> Settled:
        there = Ticket.station_id == self._device.station_id, Ticket.day == claim.day, Ticket.number == claim.number
        taken = set(await self._session.scalars(select(Ticket.number).where(*there)))
        return settle(claim, Facts(leases, taken, self._now))

    async def _issue(
        self, wish: Wish, ticket_id: UUID, settled: Settled, said: dict[str, Any], *, offline: bool = False
    ) -> Ticket:
        data = {"device": str(self._device.id), **said}
        printed = Printed(ticket_id, settled.number, data, offline)
        return await self._counter(settled.given_at).issue(wish, Origin(printed=printed))

    def _wish(self, given: GivenOut) -> Wish:
        """Whoever has a ticket is served, or told why not at a desk: only what nobody knows any more falls away."""
        indices = [
            self._network.service_index[each] for each in given.service_codes if each in self._network.service_index
        ]
        services = tuple(self._network.services[index] for index in dict.fromkeys(indices))
        return Wish(services, given.language, given.priority)

    def _counter(self, at: datetime) -> Counter:
        return Counter(self._session, self._network, self._station, at, None)


class IdTakenError(Exception):
    """Another station has a ticket with this id."""
