"""Calling back whoever is dissatisfied, and answering: both under the request's lock, on record, in one transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from app.accounts.rules.rights import Caller
from app.audit.service import Object, record
from app.kit.db import WriteSession
from app.kit.i18n import gettext as _
from app.kit.i18n import use_locale
from app.kit.live import tell
from app.notify.letters import Letter, Letterhead
from app.notify.service import post, withdraw
from app.ratings.errors import NotCalledYet, NothingToAnswer, RatingAnswered
from app.ratings.models import RatingAnswer, RatingCall
from app.ratings.rules import BAD
from app.requests.letters.posting import about_request
from app.requests.models import Rating, Request

ANSWERED, TASK = "rating.answered", "station.rating"
"""Kinds of mail: to the rater, and to who answers for the station."""


async def call_back(
    session: WriteSession, request: Request, caller: Caller, at: datetime, *, reached: bool, words: str
) -> int:
    """Put a call on record; `request` is locked. Returns its number. Raises NothingToAnswer, RatingAnswered."""
    await _open(session, request)
    last = await session.scalar(select(func.max(RatingCall.n)).where(RatingCall.request_id == request.id))
    n = (last or 0) + 1
    row = {
        "request_id": request.id,
        "station_id": request.station_id,
        "n": n,
        "at": at,
        "person_id": caller.person_id,
        "reached": reached,
        "words": words or None,
    }
    await session.execute(insert(RatingCall).values(row))
    await _record(session, request, caller, at, "rating.called_back", reached=reached)
    return n


async def answer(
    session: WriteSession, request: Request, caller: Caller, at: datetime, *, head: Letterhead, words: str
) -> None:
    """Answer a bad rating, once; `request` is locked. The rater reads it and gets a mail that says so.

    Raises NothingToAnswer, NotCalledYet, RatingAnswered.
    """
    await _open(session, request)
    if await session.scalar(select(func.count()).where(RatingCall.request_id == request.id)) == 0:
        raise NotCalledYet
    row = {
        "request_id": request.id,
        "station_id": request.station_id,
        "at": at,
        "person_id": caller.person_id,
        "words": words,
    }
    made = insert_or_not(RatingAnswer).values(row).on_conflict_do_nothing().returning(RatingAnswer.request_id)
    if await session.scalar(made) is None:
        raise RatingAnswered
    await withdraw(session, about_request(request.reference), kinds=(TASK,), at=at)
    await _tell_rater(session, request, head, at)
    await tell(session, f"request:{request.id}", f"station:{request.station_id}")
    await _record(session, request, caller, at, "rating.answered")


async def _open(session: WriteSession, request: Request) -> None:
    level = await session.scalar(select(Rating.level).where(Rating.request_id == request.id))
    if level is None or level > BAD or request.anonymised_at is not None:
        raise NothingToAnswer
    if await _answered(session, request.id):
        raise RatingAnswered


async def _answered(session: WriteSession, request_id: UUID) -> bool:
    return await session.scalar(select(RatingAnswer.at).where(RatingAnswer.request_id == request_id)) is not None


async def _tell_rater(session: WriteSession, request: Request, head: Letterhead, at: datetime) -> None:
    if not request.email:
        return
    with use_locale(request.language):
        letter = Letter(
            _("The station has answered your rating of request {reference}").format(reference=request.reference),
            [_("You were not satisfied, and the station has looked into it. Please read its answer on this page:")],
            link=f"/r/{request.reference}",
            closing=_("The page may ask for the access code that you were given with the reference."),
        )
        await post(
            session,
            kind=ANSWERED,
            key=f"{ANSWERED}:{request.reference}",
            to=request.email,
            subject=letter.subject,
            text=letter.text(head),
            at=at,
            about=about_request(request.reference),
            station_id=request.station_id,
        )


async def _record(
    session: WriteSession, request: Request, caller: Caller, at: datetime, action: str, **after: bool
) -> None:
    """What was said stays out of the record: it may name somebody."""
    on = Object("request", request.reference, request.station_id, request.organisation_id)
    await record(session, caller.actor, action, on, at=at, after=dict(after))
