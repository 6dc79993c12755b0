"""Credit codes whose check digits don't fit: refused with the way to ask staff, taken once staff have accepted them."""

import pytest
from fastapi import FastAPI

from app.accounts.models import CodeCase
from app.kit.ids import new_id
from tests.booking.visitor import counted
from tests.conftest import Clock
from tests.requests.bad import put
from tests.requests.booking import Booker
from tests.requests.rights import write
from tests.support.people import People

pytestmark = pytest.mark.anyio
DOUBTED, ALSO_DOUBTED = "91350211M0000XUF46", "91350211M0000XUF45"


async def decide(app: FastAPI, people: People, clock: Clock, uscc: str, *, accepted: bool | None) -> None:
    """A case of this code; None leaves it open."""
    asker, officer = await people.enterprise(), await people.staff("officer")
    [(station_id,)] = await app.state.database.fetch("SELECT min(id) FROM station", ())
    decided = {"decided_at": clock.now, "decided_by": officer.id, "reason": "执照如此"} if accepted is not None else {}
    case = CodeCase(
        id=new_id(),
        uscc=uscc,
        organisation_name="某某有限公司",
        person_id=asker.id,
        station_id=station_id,
        note="",
        created_at=clock.now,
        accepted=accepted,
        **decided,
    )
    await write(app, case)


async def test_a_wrong_check_digit_is_refused_with_the_way_to_ask_staff(booker: Booker):
    body = put(await booker.filled_in(await booker.hold()), "applicant.uscc", DOUBTED)
    [fault] = (await booker.send(body)).json()["errors"]
    assert (fault["field"], fault["code"]) == ("applicant.uscc", "uscc_check_digit")
    assert "/organisation/new" in fault["message"]


async def test_an_accepted_code_passes_and_only_that_one(app: FastAPI, booker: Booker, people: People, clock: Clock):
    await decide(app, people, clock, DOUBTED, accepted=True)
    held = await booker.hold()
    other = put(await booker.filled_in(held), "applicant.uscc", ALSO_DOUBTED)
    assert (await booker.send(other)).json()["errors"][0]["code"] == "uscc_check_digit"
    spelled = put(await booker.filled_in(held), "applicant.uscc", DOUBTED.lower())
    booked = (await booker.send(spelled)).json()
    assert (await booker.show(booked)).json()["applicant"]["uscc"] == DOUBTED


@pytest.mark.parametrize("accepted", [None, False])
async def test_a_code_that_is_asked_about_or_was_refused_counts_for_nothing(
    *, app: FastAPI, booker: Booker, people: People, clock: Clock, accepted: bool | None
):
    await decide(app, people, clock, DOUBTED, accepted=accepted)
    body = put(await booker.filled_in(await booker.hold()), "applicant.uscc", DOUBTED)
    assert (await booker.send(body)).status_code == 422


async def test_only_a_doubted_code_is_looked_up(app: FastAPI, booker: Booker):
    body = await booker.filled_in(await booker.hold())
    with counted(app) as seen:
        assert (await booker.send(put(body, "applicant.uscc", DOUBTED))).status_code == 422
    assert [statement for statement in seen if "code_case" in statement]
    with counted(app) as seen:
        assert (await booker.send(put(body, "applicant.uscc", "91110000600037341L"))).status_code == 201
    assert not [statement for statement in seen if "code_case" in statement or "organisation WHERE" in statement]
