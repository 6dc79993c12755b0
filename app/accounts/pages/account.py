"""My account: who I am here, and changing it."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Form, Query, Request, Response
from pydantic import BaseModel, Field

from app.accounts.callers import CurrentCaller
from app.accounts.letterhead import Head
from app.accounts.mailboxes import may_be_written_to
from app.accounts.models import Person
from app.accounts.models.people import EMAIL_LENGTH, NAME_LENGTH
from app.accounts.pages.own import NOT_TO_KEEP, PROOF, Mine, Own, see
from app.accounts.queries.account import held, last_sign_ins
from app.accounts.rules.labels import ROLES, device_label
from app.accounts.service import account, links
from app.kit.clock import now as clock_now
from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import LANGUAGE_NAMES
from app.kit.i18n import gettext as _
from app.kit.problems import Invalid
from app.kit.text import MESSAGES, Line, TextError, normalise_email
from app.web.limits import count_account
from app.web.templating import page

router = Door(prefix="/account", route_class=RetryingRoute)
CHANGED = ("name", "password", "address")
Language = Literal["zh-CN", "en"]
Secret = Annotated[str, Form(max_length=400)]
Now = Annotated[datetime, Depends(clock_now)]


@router.get("")
async def overview(own: Mine, changed: str = "") -> Response:
    context = {
        "person": await own.person(),
        "held": [(ROLES[each.role], each) for each in await held(own.session, own.caller.grants)],
        "sign_ins": await last_sign_ins(own.session, own.person_id),
        "device_label": device_label,
        "languages_by_tag": LANGUAGE_NAMES,
        "changed": changed if changed in CHANGED else "",
    }
    return own.show("account.html", context)


@router.get("/name")
async def name_form(own: Mine) -> Response:
    person = await own.person()
    return name_page(own, person.name, person.language, {})


@router.post("/name")
async def change_name(
    own: Mine, language: Annotated[Language, Form()], name: Annotated[str, Form(max_length=1000)] = ""
) -> Response:
    try:
        cleaned = Line(NAME_LENGTH).validate(name)
    except TextError as error:
        return name_page(own, name, language, {"name": _(MESSAGES[error.code]).format(**error.context)})
    await account.change_name(doing(own, await own.locked()), cleaned, language)
    return see(f"/account?changed=name&lang={language}")


def name_page(own: Own, name: str, language: str, errors: dict[str, str]) -> Response:
    context = {"name": name, "language": language, "choices": list(LANGUAGE_NAMES.items()), "errors": errors}
    return own.show("account_name.html", context, again=bool(errors))


def doing(own: Own, person: Person) -> account.Doing:
    return account.Doing(own.session, person, own.caller.actor, own.now)


# --- Password -----------------------------------------------------------------------------------------------------


@router.get("/password")
async def password_form(own: Mine) -> Response:
    return await password_page(own, await own.person(), {})


@router.post("/password")
async def change_password(own: Mine, head: Head, proof: Secret = "", new: Secret = "", again: Secret = "") -> Response:
    person = await own.locked()
    if wrong := await own.proven(person, proof):
        return await password_page(own, person, {PROOF: wrong})
    if new != again:
        return await password_page(own, person, {"again": _("The two are not the same. Please type it once more.")})
    try:
        await account.change_password(doing(own, person), own.passwords, new, head)
    except Invalid as problem:
        return await password_page(own, person, {error.field: error.sentence() for error in problem.errors})
    return see("/account?changed=password")


async def password_page(own: Own, person: Person, errors: dict[str, str]) -> Response:
    context = {"asked": await own.asked(person), "person": person, "errors": errors}
    return own.show("account_password.html", context, again=bool(errors))


# --- Mail address --------------------------------------------------------------------------------------------------


class NewAddress(BaseModel):
    email: Annotated[str, Field(max_length=EMAIL_LENGTH * 2)] = ""
    proof: Annotated[str, Field(max_length=400)] = ""


@router.get("/address")
async def address_form(own: Mine) -> Response:
    return await address_page(own, await own.person(), "", {})


@router.post("/address")
async def ask_address(own: Mine, head: Head, form: Annotated[NewAddress, Form()]) -> Response:
    """The same answer whether the address has an account or not; which it is stands in the mail."""
    person = await own.locked()
    try:
        email = normalise_email(form.email).lower()
    except TextError as error:
        return await address_page(own, person, form.email, {"email": _(MESSAGES[error.code]).format(**error.context)})
    if wrong := await own.proven(person, form.proof):
        return await address_page(own, person, form.email, {PROOF: wrong})
    if email != person.email:
        await count_account(own.request, "mail", own.person_id, own.now)
        if await may_be_written_to(own.request, email, own.now):
            await account.ask_address(doing(own, person), email, head)
    return own.show("account_address_sent.html", {"email": email})


async def address_page(own: Own, person: Person, email: str, errors: dict[str, str]) -> Response:
    context = {"asked": await own.asked(person), "person": person, "email": email, "errors": errors}
    return own.show("account_address.html", context, again=bool(errors))


# --- The link that was mailed to the new address; it may be opened on another device -------------------------------


@router.get("/address/confirm")
async def look_at_link(
    request: Request, _caller: CurrentCaller, session: Reading, now: Now, link: Annotated[str, Query(max_length=100)]
) -> Response:
    """What the link is for, with a button: a mail scanner that follows it changes nothing."""
    found = await links.look(session, "address", link, now)
    context = {"email": found.email, "link": link}
    return page(request, "accounts/account_address_confirm.html", context, headers=NOT_TO_KEEP)


@router.post("/address/confirm")
async def confirm_address(
    caller: CurrentCaller, session: Writing, head: Head, now: Now, link: Annotated[str, Form(max_length=100)]
) -> Response:
    await account.confirm_address(session, link, caller.actor, head, now)
    return see("/account?changed=address") if caller.signed_in else see("/sign-in")
