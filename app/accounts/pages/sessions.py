"""My sessions: where somebody is signed in with this account, and ending that. A fresh proof is asked (ASVS 7.5.2)."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response

from app.accounts.models import SigninSession
from app.accounts.pages.own import PROOF, Mine, Own, see
from app.accounts.queries.account import open_sessions
from app.accounts.rules.labels import device_label
from app.accounts.service.sessions import end, end_all
from app.audit.service import Object, record
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.problems import NotFound

router = Door(prefix="/account/sessions", route_class=RetryingRoute)
Typed = Annotated[str, Form(max_length=400)]


@router.get("")
async def sessions(own: Mine, ended: str = "") -> Response:
    found = await listed(own)
    context = {
        "sessions": found,
        "others": [each for each in found if each.id != own.session_id],
        "session_id": own.session_id,
        "device_label": device_label,
        "ended": ended if ended in {"one", "others"} else "",
    }
    return own.show("sessions.html", context)


async def listed(own: Own) -> list[SigninSession]:
    since = own.now - own.timeouts.idle, own.now - own.timeouts.token
    return list(await open_sessions(own.session, own.person_id, own.now, since))


@router.get("/others/end")
async def ask_others(own: Mine) -> Response:
    return await ask_page(own, None, {})


@router.post("/others/end")
async def end_others(own: Mine, proof: Typed = "") -> Response:
    if wrong := await own.proven(await own.locked(), proof):
        return await ask_page(own, None, {PROOF: wrong})
    await end_all(own.session, own.person_id, own.now, but=own.session_id)
    await record(own.session, own.caller.actor, "session.all_ended", Object("person", str(own.person_id)), at=own.now)
    return see("/account/sessions?ended=others")


@router.get("/{session_id}/end")
async def ask(own: Mine, session_id: UUID) -> Response:
    return await ask_page(own, await mine(own, session_id), {})


@router.post("/{session_id}/end")
async def end_one(own: Mine, session_id: UUID, proof: Typed = "") -> Response:
    one = await mine(own, session_id)
    if wrong := await own.proven(await own.locked(), proof):
        return await ask_page(own, one, {PROOF: wrong})
    if await end(own.session, own.person_id, session_id, own.now):
        await record(own.session, own.caller.actor, "session.ended", Object("session", str(session_id)), at=own.now)
    return see("/account/sessions?ended=one")


async def mine(own: Own, session_id: UUID) -> SigninSession:
    """One of the own sessions, whether it has ended or not. Raises NotFound, also for somebody else's."""
    found = await own.session.get(SigninSession, session_id)
    if found is None or found.person_id != own.person_id:
        raise NotFound
    return found


async def ask_page(own: Own, one: SigninSession | None, errors: dict[str, str]) -> Response:
    """Asked once more, with the proof; `one` is None for all others."""
    context = {
        "one": one,
        "device": device_label(one.agent) if one else "",
        "asked": await own.asked(await own.person()),
        "errors": errors,
    }
    return own.show("sessions_end.html", context, again=bool(errors))
