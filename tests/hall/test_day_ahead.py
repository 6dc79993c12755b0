"""Tomorrow's load: what desks have against what is booked and expected, by hand and on the page."""

from datetime import datetime, timedelta

from fastapi import FastAPI

from app.hall.day.ahead import ahead_of
from app.hall.day.load import OpenDesk, Work, laid_out, load_of
from app.kit.clock import LOCAL, local_date
from tests.conftest import Clock
from tests.hall.conftest import STATION, Hall
from tests.hall.test_board_pages import Clerk
from tests.requests.booking import Booker
from tests.support.people import People

OPENS = datetime(2026, 12, 1, 9, tzinfo=LOCAL)
DAY = OPENS, OPENS + timedelta(hours=2)
METROLOGY, TESTING, PATENTS = 1, 2, 4


def at(minute: float) -> datetime:
    return OPENS + timedelta(minutes=minute)


def work(category: int, start: float, minutes: float, *, booked: bool = True, weight: float = 1.0) -> Work:
    return Work(category, at(start), at(start + minutes), booked, weight)


def test_an_hour_has_the_minutes_of_its_desks_and_what_of_them_is_wanted():
    desks = [OpenDesk(METROLOGY | TESTING, (DAY,)), OpenDesk(TESTING, ((at(30), at(120)),))]
    hours = load_of(desks, [work(METROLOGY, 45, 30), work(TESTING, 0, 60, booked=False, weight=0.5)], DAY)
    assert [(hour.booked_min, hour.expected_min, hour.there_min) for hour in hours] == [(15, 30, 90), (15, 0, 120)]
    assert [hour.load for hour in hours] == [45 / 90, 15 / 60]
    assert not any(hour.over for hour in hours)


def test_categories_that_share_too_few_desks_are_over_capacity_though_each_alone_is_not_and_others_have_room():
    """Two categories want 40 minutes each of the one desk that is for both; a second desk for a third is idle."""
    desks = [OpenDesk(METROLOGY | TESTING, (DAY,)), OpenDesk(PATENTS, (DAY,))]
    first, second = load_of(desks, [work(METROLOGY, 0, 40), work(TESTING, 0, 40), work(PATENTS, 60, 10)], DAY)
    assert (first.over, first.load, first.short) == (True, 80 / 60, METROLOGY | TESTING)
    assert (second.over, second.load, second.short) == (False, 10 / 60, 0)


def test_work_for_which_there_is_no_desk_is_over_capacity():
    [hour, _idle] = load_of([OpenDesk(TESTING, (DAY,))], [work(PATENTS, 0, 5)], DAY)
    assert (hour.over, hour.short) == (True, PATENTS)


def test_what_a_lunch_break_cuts_off_goes_on_after_it():
    windows = (at(0), at(60)), (at(120), at(180))
    assert laid_out(at(45), 30, windows) == ([(at(45), at(60)), (at(120), at(135))], at(135))
    assert laid_out(at(70), 10, windows) == ([(at(120), at(130))], at(130))
    assert laid_out(at(170), 30, windows)[0] == [(at(170), at(180))]


async def test_the_next_open_day_counts_bookings_and_those_who_came_on_the_same_weekday(
    hall: Hall, booker: Booker, people: People, app: FastAPI, clock: Clock
):
    """On two Tuesdays three and one walked in; the next one has a booking, and is seen on the Monday before."""
    empty = Clerk(hall, await people.staff("window", station=STATION))
    assert "no day to go by yet" in (await empty.get("/day/tomorrow")).text
    for many in (3, 1):
        for _n in range(many):
            await hall.issue()
        clock.move(timedelta(days=7))
    clock.move(timedelta(days=-1))
    assert clock().isoweekday() == 1
    network = await app.state.network.current()
    ahead = await ahead_of(app.state.database, network, hall.station, local_date(clock()))
    assert ahead
    assert (ahead.day, ahead.based_on, ahead.walk_ins, ahead.booked) == (
        local_date(clock()) + timedelta(days=1),
        2,
        2,
        0,
    )
    minutes = network.services[network.service_index[hall.services[0]]].duration_min
    assert sum(hour.expected_min for hour in ahead.hours) == 2 * minutes
    desks = [desk for desk in hall.station.desks if desk.public and desk.active]
    assert max(hour.there_min for hour in ahead.hours) == 60 * len(desks)
    html = (await empty.get("/day/tomorrow")).text
    assert "after 2 days of the same weekday" in html
    booked = await booker.book()
    start = datetime.fromisoformat(booked["appointment"]["start"])
    station = network.stations[network.station_index[booked["appointment"]["station_code"]]]
    there = await ahead_of(app.state.database, network, station, start.date() - timedelta(days=1))
    assert there
    assert (there.day, there.booked, there.based_on) == (start.date(), 1, 0)
    assert sum(hour.booked_min for hour in there.hours) > 0
