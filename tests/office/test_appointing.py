"""Whom each role may appoint where: the whole table, and who may manage somebody with several roles."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.accounts.queries.people import Held, Member
from app.accounts.rules.rights import Caller, Grant, Role, may_appoint

HERE, NEXT_DOOR, ELSEWHERE = 1, 2, 3
COUNTY, OTHER = "340202", "340207"
COUNTY_OF = {HERE: COUNTY, NEXT_DOOR: COUNTY, ELSEWHERE: OTHER}
NOW = datetime(2026, 12, 1, tzinfo=UTC)
OWN = {
    Role.WINDOW: Grant(Role.WINDOW, HERE),
    Role.OFFICER: Grant(Role.OFFICER, HERE),
    Role.MANAGER: Grant(Role.MANAGER, HERE),
    Role.COUNTY_ADMIN: Grant(Role.COUNTY_ADMIN, county=COUNTY),
    Role.CITY_ADMIN: Grant(Role.CITY_ADMIN),
    Role.AUDITOR: Grant(Role.AUDITOR),
}
AT_STATIONS = [Grant(role, place) for role in (Role.WINDOW, Role.OFFICER, Role.MANAGER) for place in COUNTY_OF]
EVERY = [
    *AT_STATIONS,
    Grant(Role.COUNTY_ADMIN, county=COUNTY),
    Grant(Role.COUNTY_ADMIN, county=OTHER),
    Grant(Role.CITY_ADMIN),
    Grant(Role.AUDITOR),
]
# What each may give; everything else is refused.
MAY: dict[Role, set[Grant]] = {
    Role.WINDOW: set(),
    Role.OFFICER: set(),
    Role.MANAGER: {Grant(Role.WINDOW, HERE), Grant(Role.OFFICER, HERE)},
    Role.COUNTY_ADMIN: {grant for grant in AT_STATIONS if grant.station_id in (HERE, NEXT_DOOR)},
    Role.CITY_ADMIN: set(EVERY),
    Role.AUDITOR: set(),
}


def caller(*grants: Grant, kind: str = "browser") -> Caller:
    return Caller(kind, UUID(int=1), "me", grants=grants)  # type: ignore[arg-type]


def county_of(grant: Grant) -> str | None:
    return COUNTY_OF[grant.station_id] if grant.station_id else None


def member(*grants: Grant, person: int = 2) -> Member:
    held = tuple(
        Held(n, grant.role, grant.station_id, None, grant.county or county_of(grant), NOW, True)
        for n, grant in enumerate(grants)
    )
    return Member(UUID(int=person), "x", "x", None, "zh-CN", False, None, None, NOW, None, None, False, held)


@pytest.mark.parametrize("grant", EVERY, ids=lambda g: f"{g.role}-{g.station_id or g.county or 'everywhere'}")
@pytest.mark.parametrize("role", Role)
def test_each_role_appoints_as_the_table_says(role: Role, grant: Grant) -> None:
    allowed = may_appoint(caller(OWN[role]), grant, county_of_station=county_of(grant))
    assert allowed == (grant in MAY[role])
    assert member(grant).managed_by(caller(OWN[role])) == allowed


@pytest.mark.parametrize("grant", EVERY, ids=str)
def test_an_api_key_appoints_nobody(grant: Grant) -> None:
    assert not may_appoint(caller(*OWN.values(), kind="key"), grant, county_of_station=county_of(grant))
    assert not member(grant).managed_by(caller(*OWN.values(), kind="key"))


def test_one_role_out_of_reach_is_enough_to_keep_hands_off() -> None:
    officer_and_more = member(Grant(Role.OFFICER, HERE), Grant(Role.OFFICER, ELSEWHERE))
    assert not officer_and_more.managed_by(caller(OWN[Role.MANAGER]))
    assert not officer_and_more.managed_by(caller(OWN[Role.COUNTY_ADMIN]))
    assert officer_and_more.managed_by(caller(OWN[Role.CITY_ADMIN]))


def test_an_auditor_who_is_also_a_manager_manages_the_own_station_only() -> None:
    both = caller(OWN[Role.AUDITOR], OWN[Role.MANAGER])
    assert member(Grant(Role.WINDOW, HERE)).managed_by(both)
    assert not member(Grant(Role.WINDOW, NEXT_DOOR)).managed_by(both)
    assert not member().managed_by(both)


def test_who_has_no_role_left_is_for_the_city_to_manage() -> None:
    assert member().managed_by(caller(OWN[Role.CITY_ADMIN]))
    assert not member().managed_by(caller(OWN[Role.COUNTY_ADMIN]))


def test_nobody_manages_the_own_account() -> None:
    assert not member(OWN[Role.CITY_ADMIN], person=1).managed_by(caller(OWN[Role.CITY_ADMIN]))
