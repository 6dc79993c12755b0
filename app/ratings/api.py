"""Ratings for programs of who answers for stations: the tasks, one rating, calls back, the answer."""

from typing import Annotated

from fastapi import Depends, Path, Query

from app.accounts.callers import GUARDED, allowed
from app.accounts.letterhead import Head
from app.accounts.rules.rights import Permission
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.problems import Invalid, problem_responses
from app.ratings.errors import NotCalledYet, NothingToAnswer, RatingAnswered, RatingUnknown
from app.ratings.queries import calls_of, latest, rated, tasks
from app.ratings.schemas import AnswerIn, CallIn, RatingsOut, WholeOut, rated_out, whole_out
from app.ratings.service import answer as write_answer
from app.ratings.service import call_back
from app.ratings.working import Acting, Looking, Manager, reference_of

router = Door(tags=["ratings"], route_class=RetryingRoute)
MANAGE = Depends(allowed(Permission.REQUESTS_MANAGE))
Reference = Annotated[str, Path(max_length=40)]
MAY = (*GUARDED, Invalid)
ONE = problem_responses(*MAY, RatingUnknown)
WRITES = problem_responses(*MAY, RatingUnknown, NothingToAnswer, NotCalledYet, RatingAnswered)


@router.get("/ratings", dependencies=[MANAGE], responses=problem_responses(*MAY))
async def listed(
    manager: Looking,
    waiting: Annotated[bool, Query(description="Only bad ones without an answer, the oldest first.")] = False,
) -> RatingsOut:
    """The latest ratings of the stations that the caller answers for, at most a hundred."""
    find = tasks if waiting else latest
    found = await find(manager.session, manager.network, manager.scope, manager.now)
    return RatingsOut(items=[rated_out(each) for each in found])


@router.get("/ratings/{reference}", dependencies=[MANAGE], responses=ONE)
async def one(manager: Looking, reference: Reference) -> WholeOut:
    """A rating with its task: calls back on record, the answer, and until when one is due."""
    return await _whole(manager, reference)


@router.post("/ratings/{reference}/calls", status_code=201, dependencies=[MANAGE], responses=WRITES)
async def call(manager: Acting, reference: Reference, sent: CallIn) -> WholeOut:
    """Put a call back on record, also when nobody was reached."""
    asked = await manager.locked(reference)
    await call_back(manager.session, asked, manager.caller, manager.now, reached=sent.reached, words=sent.words)
    return await _whole(manager, asked.reference)


@router.post("/ratings/{reference}/answer", status_code=201, dependencies=[MANAGE], responses=WRITES)
async def answer(manager: Acting, head: Head, reference: Reference, sent: AnswerIn) -> WholeOut:
    """Answer a bad rating, once, after a call back; the rater reads it."""
    asked = await manager.locked(reference)
    await write_answer(manager.session, asked, manager.caller, manager.now, head=head, words=sent.words)
    return await _whole(manager, asked.reference)


async def _whole(manager: Manager, reference: str) -> WholeOut:
    found = await rated(manager.session, manager.network, manager.scope, reference_of(reference), manager.now)
    return whole_out(found, list(await calls_of(manager.session, found.rating.request_id)))
