"""Numbers that a kiosk has ahead, taken under the lock of the station's day: see rules.handing_in."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.hall.kiosk.models import NumberLease
from app.hall.kiosk.queries import Device
from app.hall.models import HallDay, Ticket
from app.hall.rules.handing_in import LEASED, Range, wants_more
from app.kit.clock import local_date

BEGIN = text("INSERT INTO hall_day (station_id, day) VALUES (:station_id, :day) ON CONFLICT DO NOTHING")


class Leases:
    """The leases of one device, in the session's transaction."""

    def __init__(self, session: AsyncSession, device: Device, now: datetime) -> None:
        self._session = session
        self._device = device
        self._now = now
        self._today = local_date(now)

    async def lock(self, days: Iterable[date] = ()) -> None:
        """The station's day, for this transaction alone, and others of these days that there are; earliest first, so
        that two who lock several don't wait for each other."""
        values = {"station_id": self._device.station_id, "day": self._today}
        await self._session.execute(BEGIN, values)
        wanted = HallDay.station_id == self._device.station_id, HallDay.day.in_({*days, self._today})
        await self._session.execute(select(HallDay.day).where(*wanted).order_by(HallDay.day).with_for_update())

    async def take(self, holder: UUID) -> list[Range]:
        """What a browser has leased today, with another lease when it has given out most: asking again is harmless."""
        await self.lock()
        all_of_device = await self.of_days([self._today])
        mine = [each for each in all_of_device if each.holder == holder]
        if wants_more(await self._unused(mine), await self._unused(all_of_device)):
            mine.append(await self._add(holder))
        return ranges(mine)

    async def of_days(self, days: Iterable[date]) -> Sequence[NumberLease]:
        """In the order of their numbers, whichever browser has them."""
        own = NumberLease.device_id == self._device.id, NumberLease.day.in_(set(days))
        order = NumberLease.day, NumberLease.first
        return (await self._session.scalars(select(NumberLease).where(*own).order_by(*order))).all()

    async def _unused(self, leases: Sequence[NumberLease]) -> int:
        """Of how many of these numbers of today there is no ticket."""
        here = Ticket.station_id == self._device.station_id, Ticket.day == self._today
        unused = 0
        for lease in leases:
            in_lease = Ticket.number.between(lease.first, lease.last)
            found = await self._session.scalar(select(func.count()).select_from(Ticket).where(*here, in_lease))
            unused += lease.last - lease.first + 1 - (found or 0)
        return unused

    async def _add(self, holder: UUID) -> NumberLease:
        day = HallDay.station_id == self._device.station_id, HallDay.day == self._today
        raised = update(HallDay).where(*day).values(last_number=HallDay.last_number + LEASED)
        last = int((await self._session.execute(raised.returning(HallDay.last_number))).scalar_one())
        lease = NumberLease(
            station_id=self._device.station_id,
            day=self._today,
            first=last - LEASED + 1,
            last=last,
            device_id=self._device.id,
            holder=holder,
            leased_at=self._now,
        )
        self._session.add(lease)
        await self._session.flush()
        return lease


def ranges(leases: Iterable[NumberLease]) -> list[Range]:
    return [Range(each.day, each.first, each.last) for each in leases]
