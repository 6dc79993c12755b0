"""Applicant and station talking about a request: what is written, put on record, and announced by mail."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person, RoleGrant
from app.accounts.rules.rights import Caller, Role
from app.audit.service import Object, record
from app.conversation.errors import ConversationClosed
from app.conversation.models import ConversationMessage
from app.conversation.queries import Thread, Written
from app.conversation.rules import About, Author, Draft, Side
from app.conversation.service import Posted, write
from app.files.service import UploadLike
from app.files.store import FileStore
from app.kit.i18n import gettext as _
from app.kit.i18n import use_locale
from app.notify.letters import Letter, Letterhead
from app.notify.service import post
from app.requests.letters.posting import about_request
from app.requests.masking import masked_text
from app.requests.models import Request

KIND = "request"
MOST_OFFICERS = 20


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who gets a mail about a message: where, in which language, and under which mark of the key."""

    email: str
    language: str
    mark: str


def about(request: Request) -> About:
    return About(KIND, request.id)


def side_of(*, as_staff: bool) -> Side:
    return Side.STATION if as_staff else Side.APPLICANT


async def say(
    session: AsyncSession,
    store: FileStore,
    request: Request,
    draft: Draft[UploadLike],
    *,
    caller: Caller,
    head: Letterhead,
    now: datetime,
    as_staff: bool,
) -> Posted:
    """Write a message; what the station writes is on record (not its text), and the other side gets a mail.

    Whether the caller may is asked before. Raises Invalid and ConversationClosed, see `app.conversation.service`.
    """
    if request.anonymised_at is not None:
        raise ConversationClosed
    person_id = None if caller.must_enrol else caller.person_id
    author = Author(side_of(as_staff=as_staff), person_id)
    posted = await write(session, store, about(request), draft, author=author, at=now)
    if posted.announce:
        await _announce(session, request, posted.message, head, now)
    if as_staff:
        on = Object(KIND, request.reference, posted.message.station_id, request.organisation_id)
        action = "request.note_written" if draft.inside else "request.message_written"
        after = {"n": posted.message.n, "files": len(draft.files)}
        await record(session, caller.actor, action, on, at=now, after=after)
    return posted


def as_shown(thread: Thread, *, masked: bool) -> tuple[Written, ...]:
    """The messages; `masked`, as staff see them: without telephone numbers and mail addresses of the applicant's."""
    return tuple(map(_masked, thread.messages)) if masked else thread.messages


def _masked(message: Written) -> Written:
    if message.side is Side.STATION:
        return message
    files = tuple(replace(file, name=masked_text(file.name)) for file in message.files)
    return replace(message, text=masked_text(message.text), files=files)


async def _announce(
    session: AsyncSession, request: Request, message: ConversationMessage, head: Letterhead, now: datetime
) -> None:
    to_applicant = message.side == Side.STATION
    told: Iterable[Told] = _applicant(request) if to_applicant else await _officers(session, message.station_id)
    for each in told:
        with use_locale(each.language):
            letter = _to_applicant(request) if to_applicant else _to_officer(request)
            await post(
                session,
                kind="request.message",
                key=f"message:{message.id}:{each.mark}",
                to=each.email,
                subject=letter.subject,
                text=letter.text(head),
                at=now,
                about=about_request(request.reference),
                station_id=message.station_id,
            )


def _applicant(request: Request) -> Iterable[Told]:
    return [Told(request.email, request.language, "applicant")] if request.email else []


async def _officers(session: AsyncSession, station_id: int) -> Iterable[Told]:
    """The station's officers who can be reached by mail; addresses of staff are set by whoever manages them."""
    found = await session.execute(
        select(Person.id, Person.email, Person.language)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role == Role.OFFICER.value,
            RoleGrant.station_id == station_id,
            Person.email.is_not(None),
            Person.disabled_at.is_(None),
            Person.closed_at.is_(None),
        )
        .order_by(Person.id)
        .limit(MOST_OFFICERS)
    )
    return [Told(email, language, str(person_id)) for person_id, email, language in found if email]


def _to_applicant(request: Request) -> Letter:
    return Letter(
        _("A message about your request {reference}").format(reference=request.reference),
        [_("The station has written to you. Please read the message, and answer it, on the page of your request.")],
        link=f"/r/{request.reference}#messages",
        closing=_("The page may ask for the access code that you were given with the reference."),
    )


def _to_officer(request: Request) -> Letter:
    return Letter(
        _("A message about request {reference}").format(reference=request.reference),
        [_("The applicant has written to the station. Please read the message, and answer it, on the request's page.")],
        link=f"/office/requests/{request.reference}#messages",
        why=_("You get this mail because you are an officer of the station."),
    )
