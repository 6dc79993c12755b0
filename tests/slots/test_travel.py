"""Visits at the applicant's site: how long the way takes, and free starts with it against a naive loop."""

import asyncio
import random
import re
from datetime import date, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app
from app.kit.clock import LOCAL
from app.kit.geo import Point
from app.kit.ticks import starts, tick_time
from app.slots.errors import KeyReused, OutsideHours, SlotTaken, StationClosed, TooSoon
from app.slots.rules import joined, span, visits
from app.slots.service import Wish, handle
from app.slots.travel import LEAST_MIN, MOST_MIN, UNKNOWN_MIN, travel_ticks
from app.stations.rules import Calendar, HoursRule
from app.stations.snapshot import ONSITE, Network, StationFacts
from tests.slots.support import NOW, Place, local

APP = Path(app.__file__).parent
CHINA = timezone(timedelta(hours=8))
MONDAY = date(2026, 11, 30)
MORNING, AFTERNOON = (102, 144), (168, 210)  # 08:30 to 12:00, 14:00 to 17:30


@pytest.mark.parametrize(
    ("km", "minutes"),
    [(0, 15), (2.5, 15), (2.6, 20), (12.4, 35), (41, 90), (41.1, 90), (500, 90)],
)
def test_a_way_takes_ten_minutes_and_the_road_at_40_kilometres_an_hour(km: float, minutes: int) -> None:
    assert travel_ticks(km) * 5 == minutes


@given(st.floats(0, 2000), st.floats(0, 2000))
def test_a_longer_way_never_takes_less_and_none_takes_nothing(one: float, other: float) -> None:
    near, far = sorted((one, other))
    assert LEAST_MIN <= travel_ticks(near) * 5 <= travel_ticks(far) * 5 <= MOST_MIN


def naive(windows: list[tuple[int, int]], length: int, step: int, travel: int, taken: set[int]) -> dict[int, int]:
    """Start to end of the visits of one day, tick by tick as the docstring of the rules has it."""
    is_open = {tick for start, end in windows for tick in range(start, end)}
    longest = max((end - start for start, end in joined(windows)), default=0)
    found = {}
    for start in range(0, 288, step):
        end, left = start, length
        while left and end < 288:
            if end not in is_open and (start not in is_open or length + 2 * travel <= longest):
                break
            left -= end in is_open
            end += 1
        road = {*range(start - travel, start), *range(end, end + travel)}
        if start in is_open and left == 0 and road <= is_open and not taken & (road | set(range(start, end))):
            found[start] = end
    return found


windows_of_a_day = st.lists(
    st.tuples(st.integers(0, 280), st.integers(1, 90)).map(lambda w: (w[0], min(w[0] + w[1], 288))), max_size=4
)


@settings(max_examples=400, deadline=None)
@given(
    windows_of_a_day,
    st.integers(1, 60),
    st.sampled_from([1, 3, 6, 12]),
    st.integers(0, 18),
    st.sets(st.integers(0, 287)),
)
def test_a_visit_starts_where_a_loop_finds_room_for_the_way_there_and_back(
    windows: list[tuple[int, int]], length: int, step: int, travel: int, taken: set[int]
) -> None:
    days = span([HoursRule(1, *window) for window in windows], Calendar(), MONDAY, 1, CHINA)
    fit = visits(days, length, step, travel)
    places = starts(fit.free(sum(1 << tick for tick in taken)))
    assert {start: fit.end(start) for start in places} == naive(windows, length, step, travel, taken)


def test_staff_set_out_after_opening_and_are_back_before_closing() -> None:
    days = span([HoursRule(1, *MORNING), HoursRule(1, *AFTERNOON)], Calendar(), MONDAY, 1, CHINA)
    places = starts(visits(days, 12, 3, travel=7).free(0))
    assert [(place // 12, place % 12 * 5) for place in (places[0], places[-1])] == [(9, 15), (15, 45)]
    assert 10 * 12 + 6 not in places  # would be back at 12:05


def test_nobody_is_on_the_road_over_midnight_where_the_doors_never_close() -> None:
    always = [HoursRule(day, 0, 288) for day in range(1, 8)]
    places = starts(visits(span(always, Calendar(), MONDAY, 2, CHINA), 12, 3, travel=6).free(0))
    assert (places[0], places[-1]) == (6, 2 * 288 - 18)
    assert not {place for place in places if 288 - 18 < place < 288 + 6}


def far_service(network: Network, station: StationFacts) -> str:
    """A service of an hour that the station does on site all through December."""
    last = date(2027, 1, 31).toordinal()
    for service in network.services:
        at = service.index, station.index
        if service.duration_min == 60 and network.offers[at] & ONSITE and network.valid_until[at] > last:
            return service.code
    raise AssertionError(station.code)


@pytest.fixture
def station(own_network: Network) -> StationFacts:
    return own_network.stations[own_network.station_index["WH-YJ-01"]]


def there(station: StationFacts, km: float) -> Point:
    """A point so far north of a station."""
    return Point(station.lon, station.lat + km / 110.85)


@pytest.fixture
def wish(own_network: Network, station: StationFacts) -> Wish:
    return Wish(station.code, (far_service(own_network, station),), "onsite", local(2, 10), there(station, 12.4))


@pytest.mark.anyio
class TestHolding:
    async def test_the_way_is_kept_before_and_after_and_the_times_are_the_visits(
        self, own: Place, wish: Wish, station: StationFacts
    ) -> None:
        held = await own.hold(wish)
        assert (held.start, held.end, held.travel_min) == (local(2, 10), local(2, 11), 35)
        [row] = await own.database.fetch(
            "SELECT lower(during), upper(during), visit_starts * 5, visit_ticks FROM reservation", ()
        )
        assert row[:2] == (local(2, 9, 25), local(2, 11, 35))
        assert row[2:] == (int(local(2, 10).timestamp()) // 60, 12)

    async def test_an_unknown_site_keeps_a_usual_way_never_none(self, own: Place, wish: Wish) -> None:
        held = await own.hold(Wish(wish.station_code, wish.service_codes, "onsite", wish.start))
        assert held.travel_min == UNKNOWN_MIN

    async def test_a_start_with_no_room_for_the_way_is_outside_the_hours(self, own: Place, wish: Wish) -> None:
        for start in (local(2, 9), local(2, 10, 30), local(2, 17)):
            with pytest.raises(OutsideHours) as refused:
                await own.hold(Wish(wish.station_code, wish.service_codes, "onsite", start, wish.site))
            assert refused.value.data["duration_min"] == 130

    async def test_the_lead_is_counted_from_when_staff_set_out(self, own: Place, wish: Wish) -> None:
        soon = Wish(wish.station_code, wish.service_codes, "onsite", local(2, 9, 30), wish.site)
        with pytest.raises(TooSoon) as refused:
            await own.hold(soon, now=local(2, 8, 0))
        assert refused.value.data["lead_min"] == 95
        assert (await own.hold(soon, now=local(2, 7, 55))).start == local(2, 9, 30)

    async def test_a_repeated_hold_is_the_same_unless_it_is_for_another_site(
        self, own: Place, wish: Wish, station: StationFacts
    ) -> None:
        mine = handle("somebody", "key", b"secret")
        first = await own.hold(wish, new=mine)
        assert await own.hold(wish, new=mine) == first
        elsewhere = Wish(wish.station_code, wish.service_codes, "onsite", wish.start, there(station, 30))
        with pytest.raises(KeyReused):
            await own.hold(elsewhere, new=mine)

    async def test_of_visits_that_would_meet_on_the_road_a_desk_gets_one(
        self, own: Place, own_network: Network, wish: Wish, station: StationFacts
    ) -> None:
        """The visits themselves lie apart: 10:00 to 11:00 and 11:15 to 12:15 elsewhere, with half an hour each way."""
        plans = own.availability.plans(own_network)
        desks = len(plans.ability(station.index, plans.need(wish.service_codes, "onsite")).desks)
        near = there(station, 5)
        times = [local(2, 14, 30), local(2, 15, 45)]
        wishes = [
            Wish(wish.station_code, wish.service_codes, "onsite", start, near)
            for start in times
            for _ in range(2 * desks)
        ]
        found = await asyncio.gather(
            *(own.hold(each, f"client {n}") for n, each in enumerate(wishes)), return_exceptions=True
        )
        lost = [each for each in found if isinstance(each, BaseException)]
        assert all(isinstance(each, SlotTaken | StationClosed) for each in lost)
        assert len(found) - len(lost) == desks
        assert await own.overlaps() == 0

    async def test_what_is_shown_as_free_can_be_held_whatever_else_is_booked_at_the_desks(
        self, own: Place, own_network: Network, wish: Wish, station: StationFacts
    ) -> None:
        some = random.Random(20261202)  # noqa: S311 - the same each time
        service = own_network.service_index[wish.service_codes[0]]
        for n in range(40):
            mode, km = some.choice([("onsite", some.uniform(0, 45)), ("station", 0.0)])
            days = await own.availability.days(
                own_network,
                station.index,
                [service],
                mode=mode,
                first=date(2026, 12, 2),
                days=1,
                now=NOW,
                site=there(station, km),
            )
            if not days[0].starts:
                continue
            start = tick_time(some.choice(days[0].starts), LOCAL)
            held = await own.hold(Wish(wish.station_code, wish.service_codes, mode, start, there(station, km)), f"{n}")
            assert held.start == start
        assert await own.count("active") >= 8
        assert await own.overlaps() == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(1, 30), st.integers(0, 18)), min_size=2, max_size=9))
def test_no_work_and_no_way_ever_overlaps_another_one_of_the_desk(asked: list[tuple[int, int, int]]) -> None:
    days = span([HoursRule(1, *MORNING), HoursRule(1, *AFTERNOON)], Calendar(), MONDAY, 1, CHINA)
    taken: set[int] = set()
    for n, length, travel in asked:
        fit = visits(days, length, 3, travel)
        if places := starts(fit.free(sum(1 << tick for tick in taken))):
            place = places[n % len(places)]
            block = set(range(place - travel, fit.end(place) + travel))
            assert not block & taken
            taken |= block


def test_outside_this_room_nobody_takes_the_way_for_a_part_of_the_appointment() -> None:
    """People are told `visit_starts` and `visit_ticks`; `starts` may only bound a search, for the sake of its index."""
    reads = re.compile(r"\breservation\.(?:starts|ticks)\b(?! (?:>=|<) )", re.IGNORECASE)
    found = [
        f"{path}:{n}"
        for path in sorted(APP.rglob("*.py"))
        if path.relative_to(APP).parts[0] != "slots"
        for n, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if reads.search(line)
    ]
    assert found == []
