from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.ticks import (
    DAY_TICKS,
    EPOCH,
    TICK_MIN,
    ceil_tick,
    compress,
    day_bounds,
    every,
    exact_tick,
    expand,
    finish,
    floor_tick,
    local_place,
    mask,
    runs,
    starts,
    tick_time,
    ticks_for,
    wall_tick,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
KATHMANDU = ZoneInfo("Asia/Kathmandu")  # 5:45 ahead
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # half an hour of summer time
HAVANA = ZoneInfo("America/Havana")  # summer time begins at midnight
ZONES = (SHANGHAI, BERLIN, KATHMANDU, LORD_HOWE, HAVANA)
MORNING_AND_AFTERNOON = [(102, 138), (162, 204)]  # 08:30 to 11:30, 13:30 to 17:00

moments = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from((UTC, *ZONES)))  # noqa: DTZ001 (hypothesis adds the zone)
days = st.dates(date(1950, 1, 1), date(2100, 1, 1))
places = st.integers(0, (1 << DAY_TICKS) - 1)
few_places = st.integers(0, (1 << 40) - 1)


@st.composite
def windows(draw):
    """Windows that ascend without overlap, some of them empty, some touching, within 60 places."""
    edges = sorted(draw(st.lists(st.integers(0, 60), max_size=8)))
    return list(zip(edges[::2], edges[1::2], strict=False))


def bits(places):
    return {place for place in range(places.bit_length()) if places >> place & 1}


def of(places):
    return sum(1 << place for place in places)


def axis(spans):
    """The places that windows cover, in order: the axis without the gaps."""
    return [place for start, end in spans for place in range(start, end)]


def test_a_tick_is_five_minutes_since_the_epoch():
    at = datetime(2026, 12, 1, 9, tzinfo=SHANGHAI)
    assert exact_tick(at) == int(at.timestamp()) // 300
    assert tick_time(0) == EPOCH
    assert DAY_TICKS * TICK_MIN == 24 * 60


@given(moments)
def test_a_time_is_between_its_floor_and_its_ceiling(at):
    floor, ceiling = floor_tick(at), ceil_tick(at)
    assert tick_time(floor) <= at <= tick_time(ceiling)
    assert ceiling - floor == (tick_time(floor) != at)


@given(st.integers(-(10**6), 10**7), st.sampled_from(ZONES))
def test_a_tick_is_the_same_there_and_back_in_every_zone(tick, zone):
    at = tick_time(tick, zone)
    assert at.tzinfo is zone
    assert exact_tick(at) == floor_tick(at) == ceil_tick(at) == tick


@pytest.mark.parametrize("off", [timedelta(minutes=1), timedelta(seconds=1), timedelta(microseconds=1)])
def test_a_time_off_the_grid_has_no_exact_tick(off):
    with pytest.raises(ValueError, match="not on a step of 5 minutes"):
        exact_tick(EPOCH + off)
    assert exact_tick(datetime(1970, 1, 1, tzinfo=timezone(timedelta(minutes=5)))) == -1


@pytest.mark.parametrize("function", [exact_tick, floor_tick, ceil_tick])
def test_a_time_without_a_zone_is_refused(function):
    with pytest.raises(ValueError, match="has no zone"):
        function(datetime(2026, 12, 1, 9))  # noqa: DTZ001 (what must be refused)


@pytest.mark.parametrize(("minutes", "ticks"), [(0, 0), (1, 1), (5, 1), (6, 2), (30, 6), (240, 48)])
def test_minutes_need_whole_ticks(minutes, ticks):
    assert ticks_for(minutes) == ticks


@given(days, st.sampled_from(ZONES))
def test_a_local_day_begins_where_the_one_before_ends(day, zone):
    start, end = day_bounds(day, zone)
    assert day_bounds(day + timedelta(days=1), zone)[0] == end
    assert tick_time(start, zone).date() == day
    assert tick_time(end - 1, zone).date() == day
    assert tick_time(start - 1, zone).date() == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 12, 1), SHANGHAI, 24),
        (date(1986, 5, 4), SHANGHAI, 23),  # summer time began
        (date(1986, 9, 14), SHANGHAI, 25),
        (date(2026, 3, 29), BERLIN, 23),
        (date(2026, 10, 25), BERLIN, 25),
        (date(2026, 10, 4), LORD_HOWE, 23.5),
        (date(2026, 3, 8), HAVANA, 23),
    ],
)
def test_a_local_day_is_as_long_as_its_clock_says(day, zone, hours):
    start, end = day_bounds(day, zone)
    assert (end - start) * TICK_MIN == hours * 60


@given(days, st.integers(0, DAY_TICKS - 1))
def test_the_clock_on_the_wall_and_ticks_agree(day, place):
    tick = wall_tick(day, place, SHANGHAI)
    hour, minute = divmod(place * TICK_MIN, 60)
    local = datetime.combine(day, time(hour, minute), SHANGHAI)
    assert tick_time(tick) == local.astimezone(UTC)
    if local.astimezone(UTC).astimezone(SHANGHAI).time() == local.time():
        assert local_place(tick, SHANGHAI) == (day, place)


def test_nine_in_the_morning_is_nine_in_the_morning_on_a_day_of_23_hours():
    start, _ = day_bounds(date(2026, 3, 29), BERLIN)
    assert wall_tick(date(2026, 3, 29), 108, BERLIN) == start + 8 * 12
    assert local_place(start + 8 * 12, BERLIN) == (date(2026, 3, 29), 108)


@given(days, st.sampled_from(ZONES))
def test_the_last_place_of_a_day_is_the_next_midnight(day, zone):
    assert (wall_tick(day, 0, zone), wall_tick(day, DAY_TICKS, zone)) == day_bounds(day, zone)


@given(windows())
def test_a_mask_has_the_places_of_its_windows(spans):
    assert bits(mask(spans)) == set(axis(spans))


def test_windows_of_a_mask_may_overlap():
    assert bits(mask([(3, 6), (5, 8), (2, 2)])) == {3, 4, 5, 6, 7}
    assert mask([]) == 0


@pytest.mark.parametrize("window", [(5, 3), (-1, 3)])
def test_a_window_that_runs_backwards_or_starts_before_the_origin_is_refused(window):
    with pytest.raises(ValueError, match="negative shift count"):
        mask([window])


@given(few_places, st.integers(1, 45))
def test_a_run_begins_where_all_its_ticks_are_free(free, length):
    expected = {at for at in range(41) if all(free >> tick & 1 for tick in range(at, at + length))}
    assert bits(runs(free, length)) == expected


@pytest.mark.parametrize("length", [0, -1])
def test_a_run_of_nothing_is_refused(length):
    with pytest.raises(ValueError, match="at least one tick"):
        runs(1, length)


@given(places, st.integers(1, 300), st.integers(-300, 300))
def test_every_so_many_keeps_the_places_of_one_phase(free, step, phase):
    assert bits(every(free, step, phase)) == {at for at in bits(free) if at % step == phase % step}


@given(places)
def test_starts_are_the_places_in_order(free):
    assert starts(free) == sorted(bits(free))


@given(few_places, windows())
def test_compressing_leaves_out_the_gaps(free, spans):
    covered = axis(spans)
    assert bits(compress(free, spans)) == {at for at, place in enumerate(covered) if free >> place & 1}


@given(st.integers(0, (1 << 70) - 1), windows())
def test_expanding_puts_the_gaps_back(packed, spans):
    assert bits(expand(packed, spans)) == {place for at, place in enumerate(axis(spans)) if packed >> at & 1}


@given(few_places, windows())
def test_expanding_undoes_compressing_within_the_windows(free, spans):
    assert expand(compress(free, spans), spans) == free & mask(spans)


@given(few_places, windows(), st.integers(1, 12))
def test_a_run_across_a_break_begins_where_the_next_open_ticks_are_free(free, spans, length):
    covered = axis(spans)
    found = starts(expand(runs(compress(free, spans), length), spans))
    expected = [
        place
        for at, place in enumerate(covered)
        if at + length <= len(covered) and all(free >> tick & 1 for tick in covered[at : at + length])
    ]
    assert found == expected
    for start in found:
        assert finish(start, length, spans) == covered[covered.index(start) + length - 1] + 1


def test_a_four_hour_service_goes_across_lunch():
    free = mask(MORNING_AND_AFTERNOON)
    found = starts(expand(runs(compress(free, MORNING_AND_AFTERNOON), 48), MORNING_AND_AFTERNOON))
    assert found[0] == 102
    assert finish(102, 48, MORNING_AND_AFTERNOON) == 174  # 14:30
    assert finish(102, 36, MORNING_AND_AFTERNOON) == 138  # ends when lunch begins, not after it
    assert runs(free, 48) == 0


@pytest.mark.parametrize(("start", "length"), [(101, 1), (138, 1), (150, 2), (204, 1), (102, 79), (203, 2)])
def test_a_run_that_begins_outside_or_does_not_fit_has_no_end(start, length):
    with pytest.raises(ValueError, match="do not fit the windows"):
        finish(start, length, MORNING_AND_AFTERNOON)


@pytest.mark.parametrize("spans", [[(5, 3)], [(3, 8), (7, 9)], [(7, 9), (3, 5)], [(-1, 3)]])
@pytest.mark.parametrize("function", [compress, expand])
def test_windows_out_of_order_are_refused(function, spans):
    with pytest.raises(ValueError, match="windows must ascend"):
        function(0, spans)
