"""Mails: which wait, have left, couldn't be delivered; one of them, with what can be done about it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import allowed
from app.accounts.rules.rights import Caller, Permission
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.problems import NotFound
from app.office.calls import Change, Look
from app.office.mails import STATES, TONES, State, fault_words, kind_words
from app.office.pages.frame import address, see, show
from app.office.places import Places
from app.office.queries import messages
from app.office.queries.cursors import read_cursor, written_cursor
from app.office.queries.messages import Mail, Wanted
from app.office.service import messages as sending

router = Door(route_class=RetryingRoute)
MayRead = Annotated[Caller, Depends(allowed(Permission.MESSAGES_READ))]
MayResend = Annotated[Caller, Depends(allowed(Permission.MESSAGES_RESEND))]
PATH = "/office/messages"
ONE = f"{PATH}/{{message_id}}"
PER_PAGE = 50
LONGEST = 100


@router.get(PATH)
async def messages_page(request: Request, caller: MayRead, looking: Look) -> HTMLResponse:
    """The newest first."""
    given = {name: request.query_params.get(name, "").replace("\0", "").strip()[:LONGEST] for name in ("kind", "q")}
    state: State = next((each for each in STATES if each == request.query_params.get("state")), "")
    after = request.query_params.get("after", "")
    session, now = looking.session, looking.now
    scope = caller.scope(Permission.MESSAGES_READ)
    wanted = Wanted(state, given["kind"], given["q"])
    found, following = await messages.listed(session, scope, wanted, now, after=read_cursor(after), limit=PER_PAGE)
    query = {"state": state, **given}
    context = {
        "asked": query,
        "narrowed": any(query.values()),
        "states": [(key, str(words)) for key, words in STATES.items()],
        "kinds": [(kind, kind_words(kind)) for kind in await messages.kinds(session, scope)],
        "rows": [_words(mail, looking.places) for mail in found],
        "first": address(PATH, query) if after else "",
        "following": address(PATH, query, after=written_cursor(following)) if following else "",
    }
    return show(request, caller, "messages.html", context)


@router.get(ONE)
async def message_page(request: Request, message_id: UUID, caller: MayRead, looking: Look) -> HTMLResponse:
    scope = caller.scope(Permission.MESSAGES_READ)
    mail = await messages.find(looking.session, scope, message_id, looking.now)
    return _shown(request, caller, mail, looking.places)


@router.post(f"{ONE}/text")
async def text(request: Request, message_id: UUID, caller: MayResend, change: Change) -> HTMLResponse:
    """The text, once and not at an address of its own: that somebody reads it is on record."""
    read = await sending.read_text(change.session, caller, message_id, change.now)
    return _shown(request, caller, await _own(change.session, caller, message_id, change), change.places, text=read)


@router.post(f"{ONE}/resend")
async def resend(message_id: UUID, caller: MayResend, change: Change) -> Response:
    await sending.resend(change.session, caller, message_id, change.now)
    return see(f"{PATH}/{message_id}", "resent")


async def _own(session: AsyncSession, caller: Caller, message_id: UUID, change: Change) -> Mail | None:
    return await messages.find(session, caller.scope(Permission.MESSAGES_RESEND), message_id, change.now)


def _shown(request: Request, caller: Caller, mail: Mail | None, places: Places, *, text: str = "") -> HTMLResponse:
    if mail is None:
        raise NotFound
    resends = _resends(caller, mail, places)
    context = {
        "mail": mail,
        "text": text,
        "resends": resends and (mail.state == "dead" or (mail.state == "waiting" and mail.attempts > 0)),
        "reads": resends and mail.has_text and not text,
        **_words(mail, places),
    }
    return show(request, caller, "message.html", context)


def _resends(caller: Caller, mail: Mail, places: Places) -> bool:
    """Whether the caller's right to resend reaches this mail."""
    scope = caller.scope(Permission.MESSAGES_RESEND)
    station = places.station(mail.station_id)
    return scope.everything or bool(station and scope.reaches(station.id, station.county_adcode))


def _words(mail: Mail, places: Places) -> dict[str, object]:
    return {
        "mail": mail,
        "kind": kind_words(mail.kind),
        "state": str(STATES[mail.state]),
        "tone": TONES.get(mail.state, "plain"),
        "fault": fault_words(mail.last_error),
        "station": places.station_name(mail.station_id),
    }
