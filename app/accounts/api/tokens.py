"""Bearer tokens: signing in and out by a program."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from app.accounts.callers import SignedIn
from app.accounts.entrance import AtEntrance
from app.accounts.errors import (
    SecondFactorMissing,
    SecondFactorNeeded,
    SignInLocked,
    SignInNeeded,
    SignInRefused,
)
from app.accounts.queries.reach import reach
from app.accounts.schemas import TokenIn, TokenOut
from app.accounts.service.sessions import end
from app.accounts.service.sign_in import Guess, Refused
from app.audit.service import Object, record
from app.kit.clock import LOCAL
from app.kit.clock import now as clock_now
from app.kit.db import Writing
from app.kit.doors import Door
from app.kit.problems import Forbidden, Invalid, TooMany, problem_responses
from app.web.errors import answer
from app.web.limits import limited

router = Door(tags=["auth"])
NOT_KEPT = "no-store"
Now = Annotated[datetime, Depends(clock_now)]


@router.post(
    "/auth/tokens",
    status_code=201,
    response_model=TokenOut,
    dependencies=[Depends(limited("sign_in"))],
    responses=problem_responses(Invalid, SignInRefused, SecondFactorNeeded, SecondFactorMissing, SignInLocked, TooMany),
)
async def make_token(entrance: AtEntrance, sent: TokenIn, response: Response) -> TokenOut | Response:
    """Sign in by user name or mail address and password, with the code of the second factor where there is one.

    Whatever does not fit is 401 `sign_in_refused`, for every cause alike. Only after the right password: 401
    `second_factor_needed` when the code is missing, 403 `second_factor_missing` when the role requires a second
    factor that isn't set up yet. After several failures: 429 `sign_in_locked`.
    """
    session = entrance.session
    guess = Guess(sent.username, sent.password, entrance.origin)
    outcome = await entrance.sign_ins.token(session, guess, sent.totp, entrance.now)
    if isinstance(outcome, Refused):
        return answer(entrance.request, SignInRefused())
    response.headers["Cache-Control"] = NOT_KEPT
    reached = await reach(session, outcome.person.id)
    return TokenOut(
        access_token=outcome.opened.secret,
        expires_at=outcome.opened.expires_at.astimezone(LOCAL).replace(microsecond=0),
        roles=list(reached.roles),
        stations=list(reached.stations),
        everywhere=reached.everywhere,
    )


@router.delete(
    "/auth/tokens/current", status_code=204, responses=problem_responses(SignInNeeded, SecondFactorMissing, Forbidden)
)
async def end_token(caller: SignedIn, session: Writing, now: Now) -> None:
    """End the token that the call was made with. An API key isn't ended here but in its owner's account."""
    if caller.kind != "token" or caller.person_id is None:
        raise Forbidden
    if await end(session, caller.person_id, UUID(caller.via), now):
        await record(session, caller.actor, "session.ended", Object("session", caller.via), at=now)
