"""One instrument from due to rated, through every room by its doors: what one room issues, the others hear of."""

import httpx
import pytest
from fastapi import FastAPI

from app.kit.outbound import Outbound
from app.notify.relaying.relay import Relay
from tests.conftest import Clock
from tests.ledger.support import Keeper, gauge, keeper_of
from tests.ledger.test_rebooking import Rebooker
from tests.requests.test_life_api import Life
from tests.support.people import People
from tests.webhooks.conftest import LOOPBACK, Hooks
from tests.webhooks.receiver import receiving

pytestmark = pytest.mark.anyio


@pytest.fixture
async def keeper(app: FastAPI, client: httpx.AsyncClient, people: People) -> Keeper:
    return await keeper_of(app, client, people)


async def test_a_due_instrument_is_verified_and_its_dates_move(keeper: Keeper, people: People, clock: Clock):
    who = keeper.who
    keeper.app.state.outbound = Outbound(LOOPBACK)
    hooks = Hooks(keeper.app, keeper.client, clock, who, f"/organisation/{who.organisation_id}/webhooks", Relay())
    async with receiving() as receiver:
        await hooks.make(receiver.url, types=["certificate.issued", "certificate.withdrawn"])
        made = await keeper.add(gauge("G-1", last_cert_date="2026-06-15"))
        assert made["due_on"] == "2026-12-14"
        rebooker = Rebooker(keeper)
        booked = await rebooker.book(made)
        life = Life(rebooker.booker, people, clock, booked)
        await life.go(("officer", "accept"))
        life.at_its_time()
        await life.go(("window", "check-in"), ("window", "receive"), ("window", "start"))
        await life.issued()
        keeper.who = hooks.who = await people.sign_in(who.id, organisation_id=who.organisation_id)
        after = await rebooker.shown(made)
        day = clock.now.date().isoformat()
        assert (after["last_cert_date"], after["booked"]) == (day, None)
        assert after["due_on"] > made["due_on"]
        await hooks.sender().deliver()
        [told] = receiver.taken
        data = told.event["data"]
        assert (data["reference"], data["number"]) == (booked["reference"], after["last_cert_no"])
        assert data["valid_until"] == after["due_on"]
        await life.go(("officer", "invalidate"), reason="标准器超期")
        await hooks.sender().deliver()
        withdrawn = receiver.taken[-1].event
        assert (withdrawn["type"], withdrawn["data"]["number"]) == ("certificate.withdrawn", data["number"])
        assert (await keeper.client.get(f"{keeper.api}/{made['id']}", headers=hooks.who.bearer)).json()[
            "due_on"
        ] == made["due_on"]
        await life.go(("window", "start"))
        await life.issued()
    await life.go(("window", "deliver"))
    path = f"{booked['links']['self']}/rating"
    rated = await keeper.client.post(path, json={"level": 5}, headers=await life.by("applicant"))
    assert rated.status_code in {200, 201}, rated.text
