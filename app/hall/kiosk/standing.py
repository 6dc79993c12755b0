"""For doors: which kiosk calls, with everything that giving out a ticket needs. Pages and JSON do it by this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Request

from app.audit.service import Actor
from app.hall.asked import asked_for
from app.hall.errors import HallHalted, OtherDay, OtherStation
from app.hall.kiosk.errors import KioskUnknown, StationShut
from app.hall.kiosk.queries import Device, device_of
from app.hall.kiosk.service import HandingIn
from app.hall.kiosk.service.handing_in import IdTakenError
from app.hall.models import Ticket
from app.hall.opening import Opening as Day
from app.hall.opening import opening_of
from app.hall.rules.states import Priority
from app.hall.service import Bookings, Counter, Wish
from app.hall.working import Now
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database, WriteSession, Writing
from app.kit.i18n import current_locale
from app.requests.correspondence import CurrentLetters
from app.requests.letters import Letters
from app.requests.queries import open_by_reference
from app.requests.service import Changes
from app.requests.visiting import spelled
from app.stations.opening import Opening
from app.stations.queries import openings
from app.stations.snapshot import CurrentNetwork, Network, StationFacts
from app.web.client import address_of

THING = "ticket"
"""What is counted, for each device: as often as one address may look at tickets."""
Key = Annotated[str, Header(max_length=100, description="The secret of the kiosk: the last part of its address.")]


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A call of a kiosk."""

    request: Request
    network: Network
    now: datetime
    device: Device
    day: Day

    @property
    def station(self) -> StationFacts:
        return self.network.station_by_id[self.device.station_id]

    @property
    def database(self) -> Database:
        found: Database = self.request.app.state.database
        return found

    def opening(self) -> Opening:
        return openings(self.network, [self.station], self.now)[0]

    @property
    def open(self) -> bool:
        """Whether tickets are given out: until the station closes for the day, also before it opens and at noon.

        Not while the hall is stopped.
        """
        found = self.opening()
        later = found.opens_next is not None and local_date(found.opens_next) == local_date(self.now)
        return self.station.active and not self.halted and (found.open_now or later)

    @property
    def halted(self) -> bool:
        return self.day.halted_at is not None

    @property
    def takes_walk_ins(self) -> bool:
        """Whether somebody without an appointment gets a ticket."""
        return self.open and self.day.closed_at is None

    async def count(self) -> None:
        """Raises TooMany, for this device alone: a hall has several of them behind one address."""
        await self.request.app.state.rates.count(f"kiosk:{self.device.id}", THING, self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskAtWork(Kiosk):
    """The same when it changes something, in its session's transaction."""

    session: WriteSession
    letters: Letters

    @property
    def handing_in(self) -> HandingIn:
        return HandingIn(self.session, self.network, self.device, self.now)

    async def give(self, codes: Sequence[str], priority: Priority, printed: tuple[UUID, int] | None) -> Ticket:
        """A ticket for a walk-in; `printed` is the id and the number that the kiosk has for it, where it has any.

        Raises HallHalted, HallClosed, StationShut, Exhausted, what `asked_for` raises, TooMany.
        """
        await self.count()
        if self.halted:
            raise HallHalted
        if not self.open:
            raise StationShut
        wish = Wish(asked_for(self.network, self.station, codes, local_date(self.now)), current_locale(), priority)
        if printed:
            try:
                return await self.handing_in.now(wish, *printed)
            except IdTakenError:
                pass  # an id that isn't the kiosk's own: it gets one from here
        return await self._counter().issue(wish)

    async def check_in(self, reference: str) -> Ticket:
        """A ticket for an appointment of today, by its reference alone: nothing of the booking is shown.

        Raises HallHalted, StationShut, RequestUnknown, OtherStation, OtherDay, AlreadyIn, InvalidTransition of the
        request, TooMany.
        """
        await self.count()
        if self.halted:
            raise HallHalted
        if not self.open:
            raise StationShut
        found = await open_by_reference(self.session, self.network, spelled(reference), lock=True)
        if found.appointment.station.id != self.station.id:
            raise OtherStation(station=found.appointment.station.code)
        if local_date(found.appointment.start) != local_date(self.now):
            raise OtherDay(start=found.appointment.start.astimezone(LOCAL).isoformat(timespec="minutes"))
        wish = Wish(tuple(service for service, _n in found.what), found.request.language)
        return await self._counter().check_in(found, self._bookings(), wish)

    def _counter(self) -> Counter:
        return Counter(self.session, self.network, self.station, self.now, None)

    def _bookings(self) -> Bookings:
        actor = Actor("visitor", name=f"kiosk {self.device.id}", address=address_of(self.request))
        changes = Changes(self.session, self.network, self.now, actor, self.letters, by_station=True)
        return Bookings(self.session, self.network, self.station, changes)


async def by_address(
    request: Request, secret: Annotated[str, Path(max_length=100)], network: CurrentNetwork, now: Now
) -> Kiosk:
    """Whoever has the address is the kiosk. Raises KioskUnknown."""
    return await _kiosk(request, secret, network, now)


async def by_key(request: Request, x_kiosk_key: Key, network: CurrentNetwork, now: Now) -> Kiosk:
    """The same for programs. Raises KioskUnknown."""
    return await _kiosk(request, x_kiosk_key, network, now)


async def _kiosk(request: Request, secret: str, network: Network, now: datetime) -> Kiosk:
    device = await device_of(request.app.state.database, secret, now)
    if device is None or device.station_id not in network.station_by_id:
        raise KioskUnknown
    day = await opening_of(request.app.state.database, network.station_by_id[device.station_id], now)
    return Kiosk(request, network, now, device, day)


AtKiosk = Annotated[Kiosk, Depends(by_address)]
WithKey = Annotated[Kiosk, Depends(by_key)]


async def at_work(kiosk: AtKiosk, session: Writing, letters: CurrentLetters) -> KioskAtWork:
    return _working(kiosk, session, letters)


async def at_work_with_key(kiosk: WithKey, session: Writing, letters: CurrentLetters) -> KioskAtWork:
    return _working(kiosk, session, letters)


def _working(kiosk: Kiosk, session: WriteSession, letters: Letters) -> KioskAtWork:
    return KioskAtWork(
        request=kiosk.request,
        network=kiosk.network,
        now=kiosk.now,
        device=kiosk.device,
        day=kiosk.day,
        session=session,
        letters=letters,
    )


Working = Annotated[KioskAtWork, Depends(at_work)]
WorkingWithKey = Annotated[KioskAtWork, Depends(at_work_with_key)]
