"""A forgotten password: ask for a link, and set another one by it. Staff choose their first one so, too."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Form, Path, Response

from app.accounts.entrance import AtEntrance, Entrance
from app.accounts.errors import LinkSpent
from app.accounts.letterhead import Head
from app.accounts.mailboxes import may_be_written_to
from app.accounts.models import Person
from app.accounts.pages.frame import FORM_AGAIN, see, shown
from app.accounts.pages.register import LONGEST_SHOWN, read_address, spent
from app.accounts.service import reset
from app.accounts.service.sign_in import names_of
from app.kit.doors import Door
from app.kit.i18n import current_locale
from app.kit.i18n import gettext as _
from app.kit.passwords import Passwords, faults
from app.web.limits import limited

router = Door()
Secret = Annotated[str, Path(max_length=200)]
Typed = Annotated[str, Form()]


@router.get("/password")
async def ask_form(entrance: AtEntrance) -> Response:
    return _ask(entrance, "", {})


@router.post("/password", dependencies=[Depends(limited("register"))])
async def ask(entrance: AtEntrance, head: Head, email: Typed = "") -> Response:
    """The same answer for every address; what is the matter stands in the mail."""
    address, wrong = read_address(email)
    if wrong:
        return _ask(entrance, email, {"email": wrong})
    if await may_be_written_to(entrance.request, address, entrance.now):
        await reset.ask(entrance.session, address, current_locale(), head, entrance.now)
    return shown(entrance, "password_sent.html", {"email": address})


@router.get("/password/{secret}")
async def new_form(entrance: AtEntrance, secret: Secret) -> Response:
    """Spends nothing: mail programs open links too."""
    try:
        person = await reset.whose(entrance.session, secret, entrance.now)
    except LinkSpent:
        return spent(entrance, "/password")
    return _new(entrance, person, {})


@router.post("/password/{secret}", dependencies=[Depends(limited("sign_in"))])
async def set_new(entrance: AtEntrance, head: Head, secret: Secret, password: Typed = "") -> Response:
    """The password counts from now on; one signs in with it, and with the second factor if there is one."""
    try:
        person = await reset.whose(entrance.session, secret, entrance.now)
        if errors := _faults(person, password):
            return _new(entrance, person, errors)
        passwords: Passwords = entrance.request.app.state.passwords
        hashed = await passwords.hash(password)
        address = entrance.origin.device.address
        await reset.set_password(entrance.session, secret, hashed, head, address=address, now=entrance.now)
    except LinkSpent:
        return spent(entrance, "/password")
    await entrance.locks.lift(*names_of(person))
    return see("/sign-in?done=password")


def _faults(person: Person, password: str) -> Mapping[str, str]:
    if not password:
        return {"password": _("Choose a password.")}
    about = [part for part in (person.username, person.email, person.name) if part]
    return {fault.field: fault.sentence() for fault in faults(password, about=about)}


def _ask(entrance: Entrance, email: str, errors: Mapping[str, str]) -> Response:
    context = {"email": email[:LONGEST_SHOWN], "errors": errors}
    return shown(entrance, "password.html", context, status=FORM_AGAIN if errors else 200)


def _new(entrance: Entrance, person: Person, errors: Mapping[str, str]) -> Response:
    context = {
        "username": person.username or person.email or "",
        "first": person.password_hash is None,
        "errors": errors,
    }
    return shown(entrance, "password_new.html", context, status=FORM_AGAIN if errors else 200)
