"""The settings in force, in memory."""

import psycopg
import pytest

from app.catalogue.version import NetworkVersion
from app.kit.db import Database
from app.kit.i18n import use_locale
from app.policy.rules import Allowance, Clock
from app.policy.snapshot import PolicyStore
from app.slots.queries import Availability
from app.slots.rules import Terms
from app.slots.terms import by_policy
from app.stations.snapshot import Network, NetworkStore
from tests.policy.desk import ELSEWHERE, HERE, SAME_COUNTY
from tests.slots.support import counted

ADD = """
    INSERT INTO policy_change (scope, kind, key, value, reason, changed_at, previous_id, changed_by)
    VALUES (%s, %s, %s, %s, 'because', now(), %s, NULL)
"""
pytestmark = pytest.mark.anyio


@pytest.fixture
async def own(private_database: str):
    database = Database(private_database, pool_size=2)
    await database.open()
    yield database
    await database.close()


async def test_the_deadlines_that_come_with_the_product_are_in_force(
    database: Database, network_version: NetworkVersion, network: Network
) -> None:
    policy = await PolicyStore(database, network_version.get).current()
    station = network.stations[0]
    gauge = next(each for each in network.services if each.category == "metrology")
    other = next(each for each in network.services if each.category != "metrology")
    assert policy.allowance(Clock.FIRST_ANSWER, other, "station", station) == Allowance(2, "network")
    assert policy.allowance(Clock.COMPLAINT, other, "station", station) == Allowance(15, "network")
    assert policy.allowance(Clock.WORK, gauge, "onsite", station) == Allowance(15, "network.category")
    assert policy.allowance(Clock.WORK, other, "station", station) is None
    assert policy.text(station.id, "request.confirmed") == ""


async def test_a_change_takes_effect_at_once_and_no_value_takes_a_rule_away(own: Database, network: Network) -> None:
    store = PolicyStore(own, NetworkVersion(own).get)
    station, service = network.stations[0], network.services[0]
    scope = f"station:{station.id}"
    before = await store.current()
    assert await store.current() is before
    await own.fetch(ADD, (scope, "deadline", "first_answer/*/*/onsite", '{"days": 4}', None))
    after = await store.current()
    assert after.allowance(Clock.FIRST_ANSWER, service, "onsite", station) == Allowance(4, "station.mode")
    assert after.allowance(Clock.FIRST_ANSWER, service, "onsite", network.stations[1]) == Allowance(2, "network")
    [(last,)] = await own.fetch("SELECT max(id) FROM policy_change", ())
    await own.fetch(ADD, (scope, "deadline", "first_answer/*/*/onsite", None, last))
    assert (await store.current()).allowance(Clock.FIRST_ANSWER, service, "onsite", station) == Allowance(2, "network")


async def test_the_text_of_a_station_is_found_by_kind_and_language_else_the_networks(own: Database) -> None:
    kind = "request.confirmed"
    both = '{"text_zh": "请走侧门。", "text_en": "Use the side door."}'
    await own.fetch(ADD, ("station:1", "text", kind, both, None))
    await own.fetch(ADD, ("network", "text", kind, '{"text_zh": "请带身份证明。", "text_en": ""}', None))
    policy = await PolicyStore(own, NetworkVersion(own).get).current()
    with use_locale("en"):
        texts = [policy.text(1, kind), policy.text(2, kind), policy.text(1, "request.done")]
    assert texts == ["Use the side door.", "请带身份证明。", ""]
    with use_locale("zh-CN"):
        assert policy.text(1, kind) == "请走侧门。"


async def test_two_changes_cant_follow_the_same_one(own: Database) -> None:
    change = ("network", "booking", "lead_min", '{"number": 30}', None)
    await own.fetch(ADD, change)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await own.fetch(ADD, change)


async def test_the_terms_of_booking_are_read_along_with_a_network_and_cost_nobody_a_statement(own: Database) -> None:
    store = PolicyStore(own, NetworkVersion(own).get)
    networks = NetworkStore(own, NetworkVersion(own).get, along=store.at)
    availability = Availability(own, by_policy(Terms(), store))
    before = await networks.current()
    here, near, far = (before.stations[before.station_index[code]] for code in (HERE, SAME_COUNTY, ELSEWHERE))
    assert availability.terms(before, here.index) == Terms()
    for scope, key, number in (
        ("network", "hold_min", 5),
        ("county:340202", "lead_min", 120),
        ("county:340202", "horizon_days", 60),
        (f"station:{here.id}", "lead_min", 0),
    ):
        await own.fetch(ADD, (scope, "booking", key, f'{{"number": {number}}}', None))
    after = await networks.current()
    with counted() as sent:
        found = [availability.terms(after, each.index) for each in (here, near, far)]
        assert availability.farthest(after) == 60
    assert found == [Terms(15, 0, 60, 5), Terms(15, 120, 60, 5), Terms(15, 60, 30, 5)]
    assert sent == []
    assert availability.terms(before, here.index) != Terms()  # whoever still has the old network is told what holds now


@pytest.mark.parametrize("statement", ["UPDATE policy_change SET reason = ''", "DELETE FROM policy_change"])
async def test_what_was_decided_cant_be_rewritten(own: Database, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await own.fetch(statement, ())  # type: ignore[arg-type]  # a literal
