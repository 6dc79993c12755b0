"""Whether one wants to be reminded by mail, for programs: the choice of who calls, not of the organisation."""

from fastapi import Response

from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.problems import problem_responses
from app.ledger.api.frame import GUARDED, HERE, Asks, Writes, as_json
from app.ledger.rules.dues import SOON
from app.ledger.schemas import RemindersIn, RemindersOut
from app.ledger.service.reminders import choose, wanted

router = Door(route_class=RetryingRoute)
PATH = f"{HERE}/reminders"


@router.get(PATH, response_model=RemindersOut, responses=problem_responses(*GUARDED))
async def get_reminders(asks: Asks, session: Reading) -> Response:
    """Whether you are reminded of what is due; who has said nothing is."""
    return _answer(want=await wanted(session, asks.caller, asks.organisation_id))


@router.put(PATH, response_model=RemindersOut, responses=problem_responses(*GUARDED))
async def choose_reminders(asks: Writes, sent: RemindersIn, session: Writing) -> Response:
    """From now on, for yourself; colleagues choose for themselves."""
    await choose(session, asks.caller, asks.organisation_id, asks.now, want=sent.wanted)
    return _answer(want=sent.wanted)


def _answer(*, want: bool) -> Response:
    return as_json({"wanted": want, "days": sorted(SOON, reverse=True)})
