"""What is kept of a booking while it is filled in, for whom, and for how long."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.booking.drafts import KEPT, DraftData, begin, load, save, storable
from app.booking.errors import DraftGone
from app.booking.steps import Step, first_open_step
from app.catalogue.snapshot import Catalogue, CatalogueStore
from app.catalogue.version import NetworkVersion
from app.kit.db import Database, WriteSession
from app.requests.models import BookingDraft
from tests.booking.visitor import CALIPER, GAUGE, LOOKUP, SCALE
from tests.conftest import Clock

pytestmark = pytest.mark.anyio


@pytest.fixture
async def catalogue(database: Database, network_version: NetworkVersion) -> Catalogue:
    return await CatalogueStore(database, network_version).current()


async def test_a_draft_comes_back_to_the_browser_that_began_it(session: WriteSession, clock: Clock):
    draft = await begin(session, "mine", DraftData(services=[GAUGE]), clock())
    draft.data.use = "medical"
    await save(session, draft, clock())
    assert (await load(session, draft.id, "mine", clock())).data == draft.data


async def test_another_browser_finds_nothing(session: WriteSession, clock: Clock):
    draft = await begin(session, "mine", DraftData(), clock())
    with pytest.raises(DraftGone):
        await load(session, draft.id, "theirs", clock())
    with pytest.raises(DraftGone):
        await load(session, uuid4(), "mine", clock())


async def test_a_day_after_the_last_change_it_is_gone(session: WriteSession, clock: Clock):
    draft = await begin(session, "mine", DraftData(), clock())
    await save(session, draft, clock() + timedelta(hours=12))
    await load(session, draft.id, "mine", clock() + KEPT)
    with pytest.raises(DraftGone):
        await load(session, draft.id, "mine", clock() + KEPT + timedelta(hours=12))


async def test_who_begins_sweeps_away_what_is_over(session: WriteSession, clock: Clock):
    await begin(session, "old", DraftData(), clock())
    fresh = await begin(session, "new", DraftData(), clock() + KEPT)
    assert await session.scalar(select(func.count()).select_from(BookingDraft)) == 1
    await load(session, fresh.id, "new", clock() + KEPT)


async def test_what_the_database_cannot_hold_is_left_out_of_what_was_typed(session: WriteSession, clock: Clock):
    typed = "芜湖\0𠮷\ud800祥"
    draft = await begin(session, "mine", DraftData(note=typed, applicant={"contact_name": typed}), clock())
    kept = (await load(session, draft.id, "mine", clock())).data
    assert (kept.note, kept.applicant) == ("芜湖𠮷祥", {"contact_name": "芜湖𠮷祥"})


async def test_numbers_and_lists_are_kept_as_they_are():
    assert storable({"a": [1, None, "b\0"]}) == {"a": [1, None, "b"]}


HELD = {
    "hold_id": "0199a000-0000-7000-8000-000000000000",
    "hold_token": "x",
    "start": "2026-12-02T09:00:00+08:00",
    "end": "2026-12-02T09:30:00+08:00",
    "expires_at": "2026-12-01T09:10:00+08:00",
}
CHOSEN = {"services": [GAUGE], "mode": "station", "use": "medical"}


@pytest.mark.parametrize(
    ("data", "step"),
    [
        ({}, Step.WHAT),
        ({"services": [GAUGE], "mode": "station"}, Step.WHAT),
        ({"services": ["NO-SUCH"], "mode": "station", "use": "medical"}, Step.WHAT),
        ({"services": [SCALE], "mode": "station", "use": "medical"}, Step.WHAT),
        ({"services": [CALIPER, LOOKUP], "mode": "station"}, Step.WHAT),
        ({"services": [CALIPER], "mode": "station"}, Step.WHERE),
        (CHOSEN, Step.WHERE),
        (CHOSEN | {"station": "WH-ET-01"}, Step.WHEN),
        (CHOSEN | {"station": "WH-ET-01", "held": HELD}, Step.DETAILS),
        (CHOSEN | {"station": "WH-ET-01", "held": HELD, "consented": "1"}, Step.DETAILS),
        (CHOSEN | {"station": "WH-ET-01", "held": HELD, "consented": "1", "answers": {GAUGE: {}}}, Step.CHECK),
    ],
)
async def test_the_first_page_that_is_not_done_has_its_turn(
    catalogue: Catalogue, clock: Clock, data: dict[str, object], step: Step
):
    assert first_open_step(DraftData.model_validate(data), catalogue, clock()) is step


async def test_a_time_that_is_no_longer_kept_is_to_be_chosen_again(catalogue: Catalogue, clock: Clock):
    data = DraftData.model_validate(CHOSEN | {"station": "WH-ET-01", "held": HELD})
    assert first_open_step(data, catalogue, clock() + timedelta(minutes=10)) is Step.WHEN
