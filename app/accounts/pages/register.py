"""Registering: the mail address first; then, by the link that was mailed, name, password and consent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Path, Query, Response

from app.accounts.callers import CurrentCaller
from app.accounts.entrance import AtEntrance, Entrance
from app.accounts.errors import LinkSpent, NameTaken
from app.accounts.letterhead import Head
from app.accounts.mailboxes import may_be_written_to
from app.accounts.models.people import NAME_LENGTH
from app.accounts.pages.frame import FORM_AGAIN, GONE, inside, let_in, see, shown
from app.accounts.queries.notice import notice_in_force, operator_of
from app.accounts.rules.notice import Notice, blocks
from app.accounts.service import links, register
from app.accounts.service.register import Registration
from app.kit.clock import local_date
from app.kit.doors import Door
from app.kit.i18n import current_locale, tr
from app.kit.i18n import gettext as _
from app.kit.passwords import Passwords, faults
from app.kit.text import MESSAGES, Line, TextError, normalise_email
from app.web.limits import limited

router = Door()
START = "/organisation/new"
LONGEST_SHOWN = 254
CONFLICT = 409
Secret = Annotated[str, Path(max_length=200)]
Onward = Annotated[str, Query(alias="next")]
Typed = Annotated[str, Form()]


@router.get("/register")
async def register_form(entrance: AtEntrance, caller: CurrentCaller, onward: Onward = "") -> Response:
    if caller.signed_in:
        return see(inside(onward) or START)
    return _form(entrance, "", onward, {})


@router.post("/register", dependencies=[Depends(limited("register"))])
async def ask(
    entrance: AtEntrance, head: Head, email: Typed = "", onward: Annotated[str, Form(alias="next")] = ""
) -> Response:
    """The same answer whether the address has an account or not; which it is stands in the mail."""
    address, wrong = read_address(email)
    if wrong:
        return _form(entrance, email, onward, {"email": wrong})
    if await may_be_written_to(entrance.request, address, entrance.now):
        await register.ask(entrance.session, address, current_locale(), head, entrance.now, onward=inside(onward))
    return shown(entrance, "register_sent.html", {"email": address, "onward": inside(onward)})


@router.get("/register/{secret}")
async def finish_form(entrance: AtEntrance, secret: Secret, onward: Onward = "") -> Response:
    """Spends nothing: mail programs open links too."""
    try:
        link = await links.look(entrance.session, "register", secret, entrance.now)
    except LinkSpent:
        return spent(entrance, "/register")
    return _finish(entrance, link, Filled(), onward, {})


@dataclass
class Filled:
    """The form as it was typed."""

    name: Annotated[str, Form()] = ""
    password: Annotated[str, Form()] = ""
    consent: Annotated[str, Form()] = ""


@router.post("/register/{secret}", dependencies=[Depends(limited("sign_in"))])
async def finish(
    entrance: AtEntrance,
    caller: CurrentCaller,
    secret: Secret,
    filled: Annotated[Filled, Depends()],
    onward: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """The account is made and its owner signed in, both or neither."""
    try:
        link = await links.look(entrance.session, "register", secret, entrance.now)
        name, errors = _faults(entrance, link, filled)
        if errors:
            return _finish(entrance, link, filled, onward, errors)
        await _make(entrance, secret, name, filled)
    except LinkSpent:
        return spent(entrance, "/register")
    except NameTaken as taken:
        return _finish(entrance, link, filled, onward, {"": taken.sentence()}, status=CONFLICT)
    origin = entrance.origin
    entered = await entrance.sign_ins.welcome(entrance.session, link.email, origin, entrance.now)
    return await let_in(entrance, entered, caller, inside(onward) or START)


async def _make(entrance: Entrance, secret: str, name: str, filled: Filled) -> None:
    passwords: Passwords = entrance.request.app.state.passwords
    hashed = await passwords.hash(filled.password)
    link = await links.spend(entrance.session, "register", secret, entrance.now)
    new = Registration(link.email, name, hashed, current_locale(), filled.consent)
    await register.create(entrance.session, new, entrance.origin.device.address, entrance.now)


def _faults(entrance: Entrance, link: links.Link, filled: Filled) -> tuple[str, Mapping[str, str]]:
    """The name cleaned, and what is wrong by field."""
    name, wrong_name = read_name(filled.name)
    about = [link.email, name]
    wrong_password = next((fault.sentence() for fault in faults(filled.password, about=about)), "")
    version = notice(entrance).version
    agreed = filled.consent == version
    changed = _("The privacy notice has changed meanwhile. Please read the new version and agree to it.")
    asked = _("Please read the privacy notice and agree to it; without that we may not keep an account for you.")
    found = {
        "name": wrong_name,
        "password": wrong_password if filled.password else _("Choose a password."),
        "consent": "" if agreed else changed if filled.consent else asked,
    }
    return name, {field: sentence for field, sentence in found.items() if sentence}


def read_address(typed: str) -> tuple[str, str]:
    """A mail address as accounts have it, and what is wrong with it."""
    if not typed.strip():
        return "", _("Enter your mail address.")
    try:
        return normalise_email(typed).lower(), ""
    except TextError as error:
        return "", _(MESSAGES[error.code]).format(**error.context)


def read_name(typed: str) -> tuple[str, str]:
    if not typed.strip():
        return "", _("Enter your name.")
    try:
        return Line(NAME_LENGTH).validate(typed), ""
    except TextError as error:
        return "", _(MESSAGES[error.code]).format(**error.context)


def notice(entrance: Entrance) -> Notice:
    """The notice that is in force today, filled in."""
    return operator_of(entrance.request.app.state.settings).filled(notice_in_force(local_date(entrance.now)))


def spent(entrance: Entrance, again: str) -> Response:
    """The page of a link that was used or is too old; `again` is where to ask for another."""
    return shown(entrance, "link_spent.html", {"again": again}, status=GONE)


def _form(entrance: Entrance, email: str, onward: str, errors: Mapping[str, str]) -> Response:
    context = {"email": email[:LONGEST_SHOWN], "onward": inside(onward), "errors": errors}
    context["version"] = notice(entrance).version
    return shown(entrance, "register.html", context, status=FORM_AGAIN if errors else 200)


def _finish(
    entrance: Entrance,
    link: links.Link,
    filled: Filled,
    onward: str,
    errors: Mapping[str, str],
    *,
    status: int = FORM_AGAIN,
) -> Response:
    in_force = notice(entrance)
    context = {
        "email": link.email,
        "name": filled.name[:LONGEST_SHOWN],
        "agreed": filled.consent == in_force.version,
        "onward": inside(onward),
        "errors": errors,
        "notice": in_force,
        "notice_blocks": blocks(tr(in_force, "text")),
    }
    return shown(entrance, "register_finish.html", context, status=status if errors else 200)
