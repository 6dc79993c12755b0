"""Numbers ahead, and handing in what was given out without a network: no double, no gap, nobody forgotten."""

from collections import Counter
from datetime import timedelta

from app.hall.rules.handing_in import LEASED, MOST_OPEN
from app.kit.ids import new_id
from tests.conftest import Clock
from tests.hall.conftest import Hall
from tests.hall.kiosk import KioskAt, kiosk_at, secret_of_new

TICKETS = "SELECT id::text, number, state, issued_at FROM ticket ORDER BY day, number"
LAST = "SELECT last_number FROM hall_day ORDER BY day DESC"
VOID = "SELECT n FROM number_lease, generate_series(first, last) n"
CONTINGENT = """
INSERT INTO contingent (station_id, service_id, per_day)
SELECT %s, id, 1 FROM service WHERE code = %s
"""


async def numbers(hall: Hall) -> list[int]:
    return [row[1] for row in await hall.app.state.database.fetch(TICKETS, ())]


async def accounted_for(hall: Hall) -> None:
    """Each number of the day is on a ticket or in a lease."""
    database = hall.app.state.database
    [(last,)] = await database.fetch(LAST, ())
    leased = {row[0] for row in await database.fetch(VOID, ())}
    given = Counter(await numbers(hall))
    assert set(given.values()) <= {1}
    assert leased | set(given) == set(range(1, last + 1))


async def test_a_kiosk_has_numbers_ahead_and_gets_more_when_half_are_given_out(hall: Hall):
    kiosk = await kiosk_at(hall)
    first = await kiosk.lease()
    assert first == list(range(1, LEASED + 1))
    assert await kiosk.lease() == first  # a lost answer costs nothing
    assert (await hall.issue())["number"][1:] == f"{LEASED + 1:03}"
    await kiosk.hand_in(kiosk.given(number) for number in first[: LEASED // 2])
    assert await kiosk.lease() == first
    await kiosk.hand_in([kiosk.given(first[LEASED // 2])])
    assert await kiosk.lease() == [*first, *range(LEASED + 2, 2 * LEASED + 2)]
    await accounted_for(hall)


async def test_each_browser_that_has_the_address_gets_numbers_of_its_own_and_not_without_end(hall: Hall):
    kiosk = await kiosk_at(hall)
    given = await kiosk.lease()
    for _n in range(MOST_OPEN // LEASED - 1):
        given += await KioskAt(hall, kiosk.secret).lease()
    assert sorted(given) == list(range(1, MOST_OPEN + 1))
    assert await KioskAt(hall, kiosk.secret).lease() == []
    await accounted_for(hall)


async def test_what_was_given_out_offline_is_handed_in_once_with_its_time_and_twice_is_harmless(
    hall: Hall, clock: Clock
):
    kiosk = await kiosk_at(hall)
    leased = await kiosk.lease()
    cut = clock()
    tickets = [kiosk.given(leased[n], cut + timedelta(minutes=n)) for n in range(3)]
    clock.move(timedelta(hours=1))
    walk_in = await hall.issue()
    first = await kiosk.hand_in(tickets)
    assert [(each["outcome"], each["number"][1:]) for each in first] == [
        ("taken", "001"), ("taken", "002"), ("taken", "003"),
    ]  # fmt: skip
    again = await kiosk.hand_in([*tickets, tickets[0]])
    assert {each["outcome"] for each in again} == {"known"}
    assert [each["number"] for each in again[:3]] != []
    assert await numbers(hall) == [1, 2, 3, LEASED + 1]
    rows = await hall.app.state.database.fetch(TICKETS, ())
    assert rows[1][3] == cut + timedelta(minutes=1)
    # Who came first is called first, although a later one was known before.
    waiting = [each["ticket_id"] for each in (await hall.board())["waiting"]]
    assert waiting == [*(each["ticket_id"] for each in tickets), walk_in["ticket_id"]]
    await accounted_for(hall)


async def test_a_number_that_is_no_longer_free_is_put_right_and_said(hall: Hall):
    kiosk = await kiosk_at(hall)
    leased = await kiosk.lease()
    [one, other, strange] = await kiosk.hand_in(
        [kiosk.given(leased[0]), kiosk.given(leased[0]), kiosk.given(leased[-1] + 7)]
    )
    assert (one["outcome"], other["outcome"], strange["outcome"]) == ("taken", "renumbered", "renumbered")
    assert await numbers(hall) == [1, LEASED + 1, LEASED + 2]
    await accounted_for(hall)


async def test_what_comes_a_day_late_is_kept_on_record_as_left(hall: Hall, clock: Clock):
    kiosk = await kiosk_at(hall)
    leased = await kiosk.lease()
    ticket = kiosk.given(leased[0])
    clock.move(timedelta(days=1))
    [late] = await kiosk.hand_in([ticket])
    assert (late["outcome"], late["number"][1:]) == ("late", "001")
    assert (await hall.board())["waiting"] == []
    [(_id, number, state, _at)] = await hall.app.state.database.fetch(TICKETS, ())
    assert (number, state) == (1, "left")
    assert await kiosk.lease() == list(range(1, LEASED + 1))  # a new day begins anew


async def test_nobody_is_turned_away_who_has_a_ticket_and_what_nobody_knows_is_refused(hall: Hall):
    kiosk = await kiosk_at(hall)
    leased, service = await kiosk.lease(), hall.services[0]
    await hall.app.state.database.fetch(CONTINGENT, (hall.station.id, service))
    first = await kiosk.take(service)
    assert first.status_code == 303
    assert (await kiosk.call("leases", {"holder": str(kiosk.holder)})).json()["exhausted"] == [service]
    assert (await kiosk.take(service)).status_code == 422
    over = await kiosk.hand_in([kiosk.given(leased[0]), kiosk.given(leased[1], service_codes=["NO-SUCH"])])
    assert [each["outcome"] for each in over] == ["taken", "refused"]


async def test_a_key_that_is_wrong_or_revoked_and_an_id_of_another_station_open_nothing(hall: Hall):
    kiosk = await kiosk_at(hall)
    leased = await kiosk.lease()
    ticket = kiosk.given(leased[0])
    await kiosk.hand_in([ticket])
    elsewhere = next(each for each in hall.network.stations if each.id != hall.station.id)
    other = KioskAt(hall, await secret_of_new(hall.app.state.database, elsewhere.id, hall.clock()))
    assert [each["outcome"] for each in await other.hand_in([ticket])] == ["refused"]
    unknown = await KioskAt(hall, "nothing").call("leases", {"holder": str(new_id())})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "kiosk_unknown")
    assert (
        await kiosk.call("hand-ins", {"tickets": [ticket | {"ticket_id": str(hall.station.id)}]})
    ).status_code == 422
    assert (await kiosk.call("hand-ins", {"tickets": [ticket | {"priority": "urgent"}]})).status_code == 422


async def test_a_kiosk_that_asks_without_end_is_slowed_and_others_are_not(hall: Hall):
    one, other = await kiosk_at(hall), await kiosk_at(hall)
    codes = {(await one.call("leases", {"holder": str(one.holder)})).status_code for _n in range(70)}
    assert codes == {200, 429}
    assert (await other.call("leases", {"holder": str(other.holder)})).status_code == 200


async def test_outside_its_hours_a_hall_gives_out_nothing_and_takes_in_what_was_given_out(hall: Hall, clock: Clock):
    kiosk = await kiosk_at(hall)
    leased = await kiosk.lease()
    ticket = kiosk.given(leased[0])
    clock.move(timedelta(hours=13))
    assert await kiosk.lease() == []
    assert [each["outcome"] for each in await kiosk.hand_in([ticket])] == ["taken"]
