"""Setting up a second factor, and what follows from having one. Open also to who owes it (see callers.ENROL_PATH)."""

import re
from collections.abc import Sequence
from typing import Annotated

import pyotp
import segno
from fastapi import Form, Response
from markupsafe import Markup

from app.accounts.callers import ENROL_PATH
from app.accounts.errors import CodeWrong, SecondFactorRequired
from app.accounts.letterhead import Head
from app.accounts.models import Person
from app.accounts.pages.own import PROOF, Mine, Own, see
from app.accounts.service import notices
from app.accounts.service import second_factor as factor
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import tr

router = Door(prefix=ENROL_PATH, route_class=RetryingRoute)
Typed = Annotated[str, Form(max_length=200)]
FEW = 3
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")


@router.get("")
async def second_factor(own: Mine) -> Response:
    """How it stands: how to set it up, or what can be done with it."""
    return await state_page(own, await own.person(), {})


async def state_page(own: Own, person: Person, errors: dict[str, str]) -> Response:
    context = {
        "person": person,
        "asked": await own.asked(person),
        "required": await factor.required(own.session, person.id),
        "left": await factor.recovery_codes_left(own.session, person.id),
        "few": FEW,
        "errors": errors,
    }
    return own.show("second_factor.html", context, again=bool(errors))


@router.post("/begin")
async def begin(own: Mine, code: Typed = "", proof: Typed = "") -> Response:
    """A new seed: asked for with the password, or, by who has a second factor already, with its code."""
    person = await own.locked()
    if person.totp_confirmed_at:
        try:
            await own.code(person, code)
        except CodeWrong as problem:
            return await state_page(own, person, {"code": problem.sentence()})
    elif wrong := await own.proven(person, proof):
        return await state_page(own, person, {PROOF: wrong})
    await factor.begin_enrolment(own.session, own.sealer, person, own.now)
    return see(f"{ENROL_PATH}/set-up")


@router.get("/set-up")
async def set_up(own: Mine) -> Response:
    return set_up_page(own, await own.person(), "")


def set_up_page(own: Own, person: Person, wrong: str) -> Response:
    """The seed as a picture and as text; back to the beginning where none is being set up."""
    seed = factor.open_seeds(own.sealer, person).candidate_at(own.now)
    if not seed:
        return see(ENROL_PATH)
    issuer = tr(own.request.app.state.look.env.globals["site"], "network")
    address = pyotp.TOTP(seed).provisioning_uri(name=own.caller.username, issuer_name=issuer)
    context = {
        "qr": Markup(segno.make(address, error="m").svg_inline(omitsize=True, lineclass=None, border=2)),  # noqa: S704 - ours
        "seed": " ".join(seed[start : start + 4] for start in range(0, len(seed), 4)),
        "address": address,
        "replaces": person.totp_confirmed_at is not None,
        "errors": {"code": wrong} if wrong else {},
    }
    return own.show("second_factor_set_up.html", context, again=bool(wrong))


@router.post("/confirm")
async def confirm(own: Mine, head: Head, code: Typed = "") -> Response:
    """The first code of the new device. The answer shows the recovery codes, this once."""
    person = await own.locked()
    try:
        async with own.guessing("code"):
            done = await factor.confirm(own.session, own.sealer, person, code, actor=own.caller.actor, now=own.now)
    except CodeWrong as problem:
        return set_up_page(own, person, problem.sentence())
    await notices.tell(own.session, person, "second_factor_set", head, own.now)
    return own.renewed(codes_page(own, done.codes, fresh=True), done.session_secret)


@router.post("/prove")
async def prove(own: Mine, code: Typed = "") -> Response:
    """The code of a second factor that the role has come to need while one was signed in without."""
    person = await own.locked()
    try:
        await own.code(person, code)
    except CodeWrong as problem:
        return await state_page(own, person, {"code": problem.sentence()})
    secret = await factor.strengthen(own.session, own.session_id, own.now)
    return own.renewed(see("/account"), secret)


@router.post("/codes")
async def new_codes(own: Mine, head: Head, code: Typed = "") -> Response:
    person = await own.locked()
    try:
        async with own.guessing("code"):
            codes = await factor.new_recovery_codes(
                own.session, own.sealer, person, code, actor=own.caller.actor, now=own.now
            )
    except CodeWrong as problem:
        return await state_page(own, person, {"code": problem.sentence()})
    await notices.tell(own.session, person, "recovery_codes_made", head, own.now)
    return codes_page(own, codes, fresh=False)


def codes_page(own: Own, codes: Sequence[str], *, fresh: bool) -> Response:
    return own.show("second_factor_codes.html", {"codes": codes, "fresh": fresh, "made": own.now})


@router.post("/codes.txt")
async def codes_as_text(own: Mine, code: Annotated[list[str], Form(max_length=factor.CODES)]) -> Response:
    """The codes that the page shows, sent back as a file, so that they stand in no address."""
    shown = [each for each in code if CODE.fullmatch(each)]
    title = _("Recovery codes of {name}. Each can be used once.").format(name=own.caller.username)
    text = "\r\n".join([title, "", *shown, ""])
    headers = {"Content-Disposition": 'attachment; filename="recovery-codes.txt"', "Cache-Control": "no-store"}
    return Response(text.encode("utf-8-sig"), media_type="text/plain; charset=utf-8", headers=headers)


@router.post("/remove")
async def remove(own: Mine, head: Head, code: Typed = "") -> Response:
    person = await own.locked()
    try:
        async with own.guessing("code"):
            await factor.remove(own.session, own.sealer, person, code, actor=own.caller.actor, now=own.now)
    except (CodeWrong, SecondFactorRequired) as problem:
        return await state_page(own, person, {"code": problem.sentence()})
    await notices.tell(own.session, person, "second_factor_removed", head, own.now)
    return see(ENROL_PATH)
