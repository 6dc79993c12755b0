"""Kiosks and staff at once, on a database of its own: no number twice, none unexplained, no ticket doubled."""

import asyncio
from collections import Counter as Counted
from uuid import UUID

import pytest

from app.hall.asked import offered
from app.hall.kiosk.queries import Device, device_of
from app.hall.kiosk.service import GivenOut, HandedIn, HandingIn, Leases
from app.hall.rules.handing_in import Claim, Outcome, Range
from app.hall.rules.states import Priority
from app.kit.clock import local_date
from app.kit.ids import new_id
from tests.hall.kiosk import secret_of_new
from tests.hall.test_hall_races import Floor, floor

__all__ = ["floor"]
pytestmark = [pytest.mark.anyio, pytest.mark.race]
NUMBERS = "SELECT number FROM ticket"
LAST = "SELECT last_number FROM hall_day"
LEASED = "SELECT n FROM number_lease, generate_series(first, last) n"


async def device_at(floor: Floor) -> Device:
    secret = await secret_of_new(floor.database, floor.station.id, floor.now)
    found = await device_of(floor.database, secret, floor.now)
    assert found
    return found


async def lease(floor: Floor, device: Device, holder: UUID) -> list[Range]:
    async with floor.database.writer() as session:
        found = await Leases(session, device, floor.later()).take(holder)
        await session.commit()
        return found


async def hand_in(floor: Floor, device: Device, given: list[GivenOut]) -> list[HandedIn]:
    async with floor.database.writer() as session:
        found = await HandingIn(session, floor.network, device, floor.later()).all(given)
        await session.commit()
        return found


def given_out(floor: Floor, numbers: range) -> list[GivenOut]:
    code = offered(floor.network, floor.station, local_date(floor.now))[0].code
    return [GivenOut(new_id(), Claim(number, floor.later()), [code], Priority.NONE, "zh-CN") for number in numbers]


async def test_devices_that_lease_at_once_beside_walk_ins_never_get_the_same_number(floor: Floor):
    devices = [await device_at(floor) for _n in range(4)]
    holders = [new_id() for _each in devices]
    calls = [lease(floor, device, holder) for device, holder in zip(devices, holders, strict=True) for _n in range(3)]
    found = await asyncio.gather(*calls, *(floor.issue() for _n in range(20)))
    assert {len(each) for each in found[:12]} == {1}
    leased = [row[0] for row in await floor.database.fetch(LEASED, ())]
    numbers = [row[0] for row in await floor.database.fetch(NUMBERS, ())]
    [(last,)] = await floor.database.fetch(LAST, ())
    assert sorted([*leased, *numbers]) == list(range(1, last + 1))
    assert last == 4 * 50 + 20


async def test_handing_in_several_times_at_once_makes_each_ticket_once(floor: Floor):
    device = await device_at(floor)
    await lease(floor, device, new_id())
    given = given_out(floor, range(1, 21))
    found = await asyncio.gather(*(hand_in(floor, device, given) for _n in range(4)), floor.issue(), floor.issue())
    outcomes = Counted(each.outcome for answers in found[:4] for each in answers)
    assert outcomes == {Outcome.TAKEN: 20, Outcome.KNOWN: 60}
    numbers = Counted(row[0] for row in await floor.database.fetch(NUMBERS, ()))
    assert numbers == Counted([*range(1, 21), 51, 52])


async def test_two_browsers_that_use_the_same_numbers_lose_nobody(floor: Floor):
    """A device that was copied with all that it knows: whoever is second gets a new number, and it is said."""
    device = await device_at(floor)
    await lease(floor, device, new_id())
    one, other = given_out(floor, range(1, 11)), given_out(floor, range(1, 11))
    found = [*await hand_in(floor, device, one), *await hand_in(floor, device, other)]
    assert Counted(each.outcome for each in found) == {Outcome.TAKEN: 10, Outcome.RENUMBERED: 10}
    numbers = Counted(row[0] for row in await floor.database.fetch(NUMBERS, ()))
    assert numbers == Counted([*range(1, 11), *range(51, 61)])
