"""Holds and what becomes of them, one after the other; see test_races for all at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from app.kit.clock import LOCAL
from app.kit.db import WriteSession
from app.kit.ids import new_id
from app.kit.retention import apply
from app.slots import errors
from app.slots.places import handle, hold_end
from app.slots.retention import RULES
from app.slots.service import Wish, cancel, confirm, release, reschedule
from app.stations.snapshot import Network, StationFacts, load_network
from tests.slots.support import NOW, Place, able, local, soon

pytestmark = pytest.mark.anyio


@pytest.fixture
def station(network: Network) -> StationFacts:
    """Desks 01 and 03 can do everything, 02 metrology but no standards, 04 standards but no metrology."""
    return network.stations[network.station_index["WH-FC-01"]]


@pytest.fixture
def wish(network: Network, station: StationFacts) -> Wish:
    return Wish(station.code, (able(network, station, 30),), "station", local(2, 9))


@pytest.fixture
async def session(place: Place) -> AsyncIterator[WriteSession]:
    """A caller's transaction on the same database as the holds."""
    async with place.database.writer() as session:
        yield session


async def desks_held(place: Place, station: StationFacts) -> list[str]:
    codes = {desk.id: desk.code for desk in station.desks}
    rows = await place.database.fetch("SELECT desk_id FROM reservation WHERE active ORDER BY created_at, id", ())
    return [codes[desk] for (desk,) in rows]


class TestHolding:
    async def test_a_hold_says_where_when_and_until_when(self, place: Place, wish: Wish) -> None:
        held = await place.hold(wish)
        assert (held.station_code, held.start, held.end) == (wish.station_code, local(2, 9), local(2, 9, 30))
        assert held.expires_at == NOW + timedelta(minutes=10)
        assert held.hold_id.version == 7
        [(digest,)] = await place.database.fetch("SELECT token_hash FROM reservation", ())
        assert held.hold_token.encode() not in digest

    async def test_services_add_up_in_one_visit(self, place: Place, network: Network, station: StationFacts) -> None:
        both = able(network, station, 30), able(network, station, 60, category="standards")
        held = await place.hold(Wish(station.code, both, "station", local(2, 9)))
        assert held.end == local(2, 10, 30)

    async def test_the_least_flexible_desk_goes_first_then_by_code(
        self, place: Place, station: StationFacts, wish: Wish
    ) -> None:
        for client in "abc":
            await place.hold(wish, client)
        assert await desks_held(place, station) == ["02", "01", "03"]

    async def test_a_hold_ends_at_a_whole_second_and_not_before_its_time(self) -> None:
        assert hold_end(NOW, 10) == NOW + timedelta(minutes=10)
        assert hold_end(NOW + timedelta(microseconds=1), 10) == NOW + timedelta(minutes=10, seconds=1)

    async def test_when_all_desks_are_taken_the_next_free_times_are_named(self, place: Place, wish: Wish) -> None:
        for client in "abc":
            await place.hold(wish, client)
        with pytest.raises(errors.SlotTaken) as refused:
            await place.hold(wish, "d")
        expected = [local(2, 9, 30) + timedelta(minutes=15 * n) for n in range(5)]
        assert refused.value.data["next_starts"] == [time.isoformat() for time in expected]

    async def test_when_nothing_is_free_later_the_earlier_times_are_named(
        self, place: Place, station: StationFacts, wish: Wish
    ) -> None:
        last = replace(wish, start=local(31, 17))
        for client in "abc":
            await place.hold(last, client)
        with pytest.raises(errors.SlotTaken) as refused:
            await place.hold(last, "d")
        assert refused.value.data["next_starts"][0] == local(1, 10).isoformat()

    async def test_an_expired_hold_gives_way_at_the_very_moment_and_is_cleared(self, place: Place, wish: Wish) -> None:
        first = [await place.hold(wish, client) for client in "abc"]
        with pytest.raises(errors.SlotTaken):
            await place.hold(wish, "d", soon(first[0], 0.000001))
        await place.hold(wish, "d", first[0].expires_at)
        assert await place.count() == 1
        assert await place.overlaps() == 0

    async def test_a_hold_across_the_break_keeps_the_desk_during_it(self, place: Place, network: Network) -> None:
        station = network.stations[network.station_index["WH-FC-02"]]
        brand = Wish(station.code, (able(network, station, 360, category="brand"),), "station", local(2, 8, 30))
        held = await place.hold(brand)
        assert held.end == local(2, 16, 30)
        with pytest.raises(errors.SlotTaken):
            await place.hold(replace(brand, start=local(2, 9, 30)), "other")


class TestLimits:
    async def test_a_client_keeps_three_places_at_most(self, place: Place, wish: Wish) -> None:
        ends = []
        for minutes in range(3):
            now = NOW + timedelta(minutes=minutes)
            held = await place.hold(replace(wish, start=local(2 + minutes, 9)), "greedy", now)
            ends.append(held.expires_at)
        with pytest.raises(errors.TooManyHolds) as refused:
            await place.hold(replace(wish, start=local(7, 9)), "greedy", NOW + timedelta(minutes=3))
        problem = refused.value
        assert problem.data["open_holds"] == [{"expires_at": end.isoformat()} for end in ends]
        assert problem.headers["Retry-After"] == str(7 * 60 + 1)
        assert problem.data["limit"] == 3

    async def test_what_is_given_back_confirmed_or_over_does_not_count(
        self, place: Place, wish: Wish, session: WriteSession
    ) -> None:
        first, second, third = [await place.hold(replace(wish, start=local(d, 9)), "busy") for d in (2, 3, 4)]
        await release(place.database, first.hold_id, first.hold_token)
        await confirm(session, second.hold_id, second.hold_token, NOW)
        await session.commit()
        for day in (7, 8):
            await place.hold(replace(wish, start=local(day, 9)), "busy")
        with pytest.raises(errors.TooManyHolds):
            await place.hold(replace(wish, start=local(9, 9)), "busy")
        await place.hold(replace(wish, start=local(9, 9)), "busy", third.expires_at)

    async def test_without_limits_a_client_keeps_as_many_as_there_are(self, place: Place, wish: Wish) -> None:
        unlimited = Place.on(place.database, limit=None)
        for day in (2, 3, 4, 7, 8):
            await unlimited.hold(replace(wish, start=local(day, 9)), "test load")
        assert await place.count("client_place IS NULL") == 5

    async def test_other_clients_do_not_count(self, place: Place, wish: Wish) -> None:
        for client, day in (("a", 2), ("a", 3), ("a", 4), ("b", 7)):
            await place.hold(replace(wish, start=local(day, 9)), client)


class TestRefusals:
    @pytest.mark.parametrize(
        ("start", "problem"),
        [
            (local(2, 9, 7), errors.OffGrid),
            (local(2, 9).replace(second=1), errors.OffGrid),
            (local(1, 8, 45), errors.PastStart),
            (datetime(1, 1, 1, tzinfo=LOCAL), errors.PastStart),
            (local(1, 9, 45), errors.TooSoon),
            (datetime(2027, 1, 1, 9, tzinfo=LOCAL), errors.BeyondHorizon),
            (datetime(9999, 12, 31, 23, 45, tzinfo=LOCAL), errors.BeyondHorizon),
            (local(2, 12), errors.OutsideHours),
            (local(2, 11, 45), errors.OutsideHours),
            (local(6, 9), errors.OutsideHours),
        ],
    )
    async def test_a_start_that_cannot_be_says_which_field_and_why(
        self, place: Place, wish: Wish, start: datetime, problem: type[errors.FieldProblem]
    ) -> None:
        with pytest.raises(problem) as refused:
            await place.hold(replace(wish, start=start))
        assert [error.field for error in refused.value.errors] == ["start"]
        assert refused.value.sentence()

    async def test_outside_hours_says_what_kind_of_day_it_is(self, place: Place, wish: Wish) -> None:
        with pytest.raises(errors.OutsideHours) as sunday:
            await place.hold(replace(wish, start=local(6, 9)))
        assert sunday.value.data["reason"] == "weekend"
        with pytest.raises(errors.OutsideHours) as noon:
            await place.hold(replace(wish, start=local(2, 12)))
        assert noon.value.data["reason"] == "hours"

    @pytest.mark.parametrize(
        ("changes", "problem", "field"),
        [
            ({"station_code": "WH-XX-99"}, errors.StationNotServed, "station_code"),
            ({"service_codes": ("NO-SUCH",)}, errors.ServiceUnknown, "service_codes.0"),
            ({"mode": "online"}, errors.ModeNotOffered, "mode"),
        ],
    )
    async def test_what_is_not_known_or_not_offered_is_named(
        self, place: Place, wish: Wish, changes: dict[str, str], problem: type[errors.FieldProblem], field: str
    ) -> None:
        with pytest.raises(problem) as refused:
            await place.hold(replace(wish, **changes))  # type: ignore[arg-type]  # one field of its type each
        assert [error.field for error in refused.value.errors] == [field]

    async def test_a_service_named_twice_is_refused(self, place: Place, wish: Wish) -> None:
        with pytest.raises(errors.ServiceRepeated):
            await place.hold(replace(wish, service_codes=wish.service_codes * 2))

    async def test_a_service_that_the_station_does_not_offer_is_refused(
        self, place: Place, network: Network, station: StationFacts, wish: Wish
    ) -> None:
        missing = next(s.code for s in network.services if not network.offers[s.index, station.index])
        with pytest.raises(errors.NotCapable):
            await place.hold(replace(wish, service_codes=(missing,)))

    async def test_services_that_no_one_desk_can_do_are_refused(self, own: Place, own_network: Network) -> None:
        station = own_network.stations[own_network.station_index["WH-FC-01"]]
        await own.database.fetch("UPDATE desk SET active = false WHERE code IN ('01', '03')", ())
        both = able(own_network, station, 30), able(own_network, station, 60, category="standards")
        with pytest.raises(errors.NoDeskSkilled):
            await own.hold(Wish(station.code, both, "station", local(2, 9)))

    async def test_a_capability_that_is_over_by_then_is_refused(self, own: Place, wish: Wish) -> None:
        await own.database.fetch("UPDATE capability SET valid_until = '2026-12-02'", ())
        await own.hold(wish)
        with pytest.raises(errors.CapabilityExpired):
            await own.hold(replace(wish, start=local(3, 9)))

    async def test_an_inactive_station_is_refused(self, own: Place, wish: Wish) -> None:
        await own.database.fetch("UPDATE station SET active = false WHERE code = %s", (wish.station_code,))
        with pytest.raises(errors.StationInactive):
            await own.hold(wish)

    async def test_a_closed_station_is_refused_with_the_next_free_times(self, own: Place, wish: Wish) -> None:
        await own.database.fetch(
            "INSERT INTO closure (station_id, starts, ends, reason_zh, reason_en) "
            "SELECT id, %s, %s, '', '' FROM station WHERE code = %s",
            (local(2, 0), local(2, 14), wish.station_code),
        )
        with pytest.raises(errors.StationClosed) as refused:
            await own.hold(wish)
        assert refused.value.data["next_starts"][0] == local(2, 14).isoformat()

    async def test_a_closed_desk_leaves_the_visit_to_another_one(
        self, own: Place, station: StationFacts, wish: Wish
    ) -> None:
        await own.database.fetch(
            "INSERT INTO closure (station_id, desk_id, starts, ends, reason_zh, reason_en) "
            "SELECT station_id, id, %s, %s, '', '' FROM desk WHERE station_id = %s AND code = '02'",
            (local(2, 0), local(3, 0), station.id),
        )
        await own.hold(wish)
        assert await desks_held(own, (await load_network(own.database)).stations[station.index]) == ["01"]


class TestRelease:
    async def test_a_hold_given_back_is_gone_and_its_place_is_free(self, place: Place, wish: Wish) -> None:
        held = await place.hold(wish)
        await release(place.database, held.hold_id, held.hold_token)
        assert await place.count() == 0

    async def test_an_unknown_hold_and_a_wrong_token_are_refused_alike(self, place: Place, wish: Wish) -> None:
        held = await place.hold(wish)
        for hold_id, token in ((uuid4(), held.hold_token), (held.hold_id, "wrong"), (held.hold_id, "")):
            with pytest.raises(errors.HoldUnknown):
                await release(place.database, hold_id, token)
        assert await place.count() == 1

    async def test_an_appointment_cannot_be_given_back_as_a_hold(
        self, place: Place, wish: Wish, session: WriteSession
    ) -> None:
        held = await place.hold(wish)
        await confirm(session, held.hold_id, held.hold_token, NOW)
        await session.commit()
        with pytest.raises(errors.HoldUnknown):
            await release(place.database, held.hold_id, held.hold_token)


class TestConfirm:
    async def test_a_confirmed_hold_is_an_appointment(
        self, place: Place, network: Network, station: StationFacts, wish: Wish, session: WriteSession
    ) -> None:
        held = await place.hold(wish)
        ids = tuple(network.services[network.service_index[code]].id for code in wish.service_codes)
        booked = await confirm(
            session, held.hold_id, held.hold_token, NOW, service_ids=ids, mode="station", station_id=station.id
        )
        await session.commit()
        assert (booked.id, booked.start, booked.end) == (held.hold_id, held.start, held.end)
        assert (booked.service_ids, booked.mode, booked.station_id) == (ids, "station", station.id)
        assert await place.count("kind = 'appointment' AND active AND client_place IS NULL") == 1

    async def test_a_hold_can_be_confirmed_until_its_end_and_not_at_it(
        self, place: Place, wish: Wish, session: WriteSession
    ) -> None:
        held = await place.hold(wish)
        with pytest.raises(errors.HoldExpired):
            await confirm(session, held.hold_id, held.hold_token, held.expires_at)
        await session.rollback()
        await confirm(session, held.hold_id, held.hold_token, soon(held, 0.000001))

    async def test_a_hold_whose_place_somebody_else_has_taken_is_over(
        self, place: Place, wish: Wish, session: WriteSession
    ) -> None:
        held = [await place.hold(wish, client) for client in "abc"]
        await place.hold(wish, "late", held[0].expires_at)
        for one in held:
            with pytest.raises(errors.HoldExpired):
                await confirm(session, one.hold_id, one.hold_token, one.expires_at)

    async def test_an_unknown_hold_a_wrong_token_and_a_used_hold_are_told_apart_only_for_the_holder(
        self, place: Place, wish: Wish, session: WriteSession
    ) -> None:
        held = await place.hold(wish)
        await confirm(session, held.hold_id, held.hold_token, NOW)
        for hold_id, token, problem in (
            (uuid4(), held.hold_token, errors.HoldUnknown),
            (held.hold_id, "wrong", errors.HoldUnknown),
            (held.hold_id, held.hold_token, errors.HoldUsed),
        ):
            with pytest.raises(problem):
                await confirm(session, hold_id, token, NOW)

    @pytest.mark.parametrize("asked", [{"service_ids": (0,)}, {"mode": "online"}, {"station_id": 0}])
    async def test_a_hold_for_something_else_is_not_taken(
        self, place: Place, wish: Wish, session: WriteSession, asked: dict[str, object]
    ) -> None:
        held = await place.hold(wish)
        with pytest.raises(errors.HoldMismatch):
            await confirm(session, held.hold_id, held.hold_token, NOW, **asked)  # type: ignore[arg-type]  # one each
        await session.rollback()
        assert await place.count("kind = 'hold'") == 1

    async def test_a_station_closed_meanwhile_is_not_booked(self, own: Place, wish: Wish) -> None:
        held = await own.hold(wish)
        await own.database.fetch(
            "INSERT INTO closure (station_id, starts, ends, reason_zh, reason_en) "
            "SELECT id, %s, %s, '', '' FROM station",
            (local(2, 0), local(3, 0)),
        )
        async with own.database.writer() as session:
            with pytest.raises(errors.StationClosed):
                await confirm(session, held.hold_id, held.hold_token, NOW)


class TestCancelAndReschedule:
    async def booked(self, place: Place, session: WriteSession, wish: Wish) -> UUID:
        held = await place.hold(wish)
        await confirm(session, held.hold_id, held.hold_token, NOW)
        await session.commit()
        return held.hold_id

    async def test_a_cancelled_place_is_offered_again_at_once_and_the_row_is_kept(
        self, place: Place, wish: Wish, session: WriteSession
    ) -> None:
        booked = await self.booked(place, session, wish)
        await cancel(session, booked, NOW)
        await session.commit()
        assert await place.count("NOT active") == 1
        with pytest.raises(errors.NotBooked):
            await cancel(session, booked, NOW)

    async def test_rescheduling_takes_the_new_place_and_gives_up_the_old_one(
        self, place: Place, wish: Wish, session: WriteSession
    ) -> None:
        first = await self.booked(place, session, wish)
        held = await place.hold(replace(wish, start=local(3, 14)))
        old, new = await reschedule(session, first, held.hold_id, held.hold_token, NOW)
        await session.commit()
        assert (old.id, new.id, new.start) == (first, held.hold_id, local(3, 14))
        assert await place.count("active AND kind = 'appointment'") == 1

    async def test_when_the_new_place_is_lost_the_old_one_is_kept(
        self, place: Place, wish: Wish, session: WriteSession
    ) -> None:
        first = await self.booked(place, session, wish)
        held = await place.hold(replace(wish, start=local(3, 14)))
        with pytest.raises(errors.HoldExpired):
            await reschedule(session, first, held.hold_id, held.hold_token, held.expires_at)
        await session.rollback()
        assert await place.count("active AND kind = 'appointment'") == 1

    async def test_what_was_cancelled_cannot_be_rescheduled_and_the_hold_stays_a_hold(
        self, place: Place, wish: Wish, session: WriteSession
    ) -> None:
        first = await self.booked(place, session, wish)
        await cancel(session, first, NOW)
        await session.commit()
        held = await place.hold(replace(wish, start=local(3, 14)))
        with pytest.raises(errors.NotBooked):
            await reschedule(session, first, held.hold_id, held.hold_token, NOW)
        await session.rollback()
        assert await place.count("active AND kind = 'hold'") == 1

    async def test_a_hold_for_other_services_is_no_new_place(
        self, place: Place, network: Network, station: StationFacts, wish: Wish, session: WriteSession
    ) -> None:
        first = await self.booked(place, session, wish)
        other = replace(wish, service_codes=(able(network, station, 45),), start=local(3, 14))
        held = await place.hold(other)
        with pytest.raises(errors.HoldMismatch):
            await reschedule(session, first, held.hold_id, held.hold_token, NOW)


class TestRepeating:
    SECRET = b"of the installation"

    async def test_the_same_key_and_wish_give_the_same_hold(self, place: Place, wish: Wish) -> None:
        first = await place.hold(wish, new=handle("somebody", "key", self.SECRET))
        later = NOW + timedelta(minutes=3)
        again = await place.hold(wish, now=later, new=handle("somebody", "key", self.SECRET))
        assert again == first
        assert await place.count() == 1

    async def test_the_same_key_for_another_wish_is_refused(self, place: Place, wish: Wish) -> None:
        await place.hold(wish, new=handle("somebody", "key", self.SECRET))
        for other in (replace(wish, start=local(3, 9)), replace(wish, station_code="WH-ET-01")):
            with pytest.raises(errors.KeyReused):
                await place.hold(other, new=handle("somebody", "key", self.SECRET))

    async def test_two_at_once_with_the_same_key_get_one_hold(self, place: Place, wish: Wish) -> None:
        both = await asyncio.gather(*(place.hold(wish, new=handle("somebody", "key", self.SECRET)) for _ in range(2)))
        assert both[0] == both[1]
        assert await place.count() == 1

    async def test_keys_and_tokens_of_others_are_others(self) -> None:
        handles = {handle(client, key, secret) for client in "ab" for key in "cd" for secret in (b"e", b"f")}
        assert len({one.id for one in handles}) == len({one.token for one in handles}) == 8
        assert {one.id.version for one in handles} == {8}


async def test_only_what_was_over_for_a_day_is_purged(place: Place, wish: Wish) -> None:
    held = [await place.hold(replace(wish, start=local(day, 9)), str(day)) for day in (2, 3)]
    day = timedelta(days=1)
    over = held[0].expires_at + day
    assert [each.count for each in await apply(place.database, RULES, over)] == [0]
    assert [each.count for each in await apply(place.database, RULES, over + timedelta(seconds=1))] == [2]


async def test_a_reservation_longer_than_a_day_is_impossible(place: Place, station: StationFacts) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        await place.reserve(station, station.desks[0].id, local(2, 0), 24 * 60 + 5, kind="block", id=new_id())
