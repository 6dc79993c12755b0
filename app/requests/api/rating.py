"""Saying how it went, for programs of whoever asked for it."""

from fastapi import Depends

from app.accounts.errors import SignInNeeded
from app.accounts.rules.rights import Permission
from app.kit.clock import LOCAL
from app.kit.db import RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.problems import Forbidden, Invalid, TooMany, problem_responses
from app.requests.access import MayAccess, slowed
from app.requests.errors import AlreadyRated, NotDoneYet, RequestUnknown
from app.requests.rating_schemas import RatingIn, RatingOut
from app.requests.service.rating import rate

router = Door(route_class=RetryingRoute)


@router.post(
    "/requests/{reference}/rating",
    status_code=201,
    dependencies=[Depends(slowed)],
    responses=problem_responses(Invalid, RequestUnknown, SignInNeeded, Forbidden, TooMany, NotDoneYet, AlreadyRated),
)
async def give_rating(access: MayAccess, session: Writing, sent: RatingIn) -> RatingOut:
    """How satisfied the applicant was; once, when all of the request is done. Staff can't say it for them."""
    seen = await access.open(session, Permission.REQUESTS_READ, lock=True)
    if seen.as_staff:
        raise Forbidden
    sides = {key.value: level for key, level in sent.indicators.items()}
    given = await rate(
        session, seen.view, sent.level, sent.words or None, access.caller.actor, at=access.now, indicators=sides
    )
    return RatingOut(level=given.level, words=given.words, indicators=sent.indicators, at=given.at.astimezone(LOCAL))
