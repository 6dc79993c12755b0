"""How long bundles are kept, and whose they are."""

from datetime import datetime, timedelta

from fastapi import FastAPI

from app.bundles.retention import RULES
from app.kit.retention import apply
from tests.bundles.bundling import API, VALVE, Bundling
from tests.conftest import Clock
from tests.support.people import People


async def left(app: FastAPI, now: datetime) -> set[str]:
    """References of the bundles that are there after the rules were applied."""
    await apply(app.state.database, RULES, now)
    return {reference for (reference,) in await app.state.database.fetch("SELECT reference FROM bundle", ())}


async def test_what_nobody_went_on_with_goes_after_ninety_days_and_the_rest_with_its_requests(
    app: FastAPI, bundling: Bundling, people: People, clock: Clock
):
    owner = await people.enterprise()
    unused, used = await bundling.begin(), await bundling.begin()
    own = await bundling.begin(headers=owner.bearer, organisation_id=str(owner.organisation_id))
    assert (await bundling.link(used, "valves", await bundling.booked(VALVE))).status_code == 200
    every = {each["reference"] for each in (unused, used, own)}
    assert await left(app, clock.now + timedelta(days=89)) == every
    assert await left(app, clock.now + timedelta(days=91)) == every - {unused["reference"]}
    assert await left(app, clock.now + timedelta(days=1097)) == set()
    rest = "SELECT 1 FROM bundle_step UNION ALL SELECT 1 FROM bundle_move UNION ALL SELECT 1 FROM bundle_item"
    assert await app.state.database.fetch(rest, ()) == []
    assert len(await app.state.database.fetch("SELECT 1 FROM request", ())) == 1


async def test_what_staff_begin_for_somebody_is_not_theirs_and_what_a_person_begins_is_that_persons(
    bundling: Bundling, people: People
):
    clerk, owner = await people.staff("window", station="WH-YJ-01"), await people.enterprise()
    colleague = await people.enterprise("delegate", organisation_id=owner.organisation_id)
    at_desk, own = await bundling.begin(headers=clerk.bearer), await bundling.begin(headers=owner.bearer)
    for bundle, who, status in (
        (at_desk, clerk, 404),
        (own, owner, 200),
        (own, colleague, 404),
        (own, clerk, 404),
    ):
        answer = await bundling.client.get(f"{API}/{bundle['reference']}", headers=who.bearer)
        assert answer.status_code == status
    assert (await bundling.show(at_desk))["reference"] == at_desk["reference"]
