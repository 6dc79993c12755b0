"""My API keys: made here, shown once, listed and revoked."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response
from pydantic import BaseModel, Field

from app.accounts.letterhead import Head
from app.accounts.models import ApiKey
from app.accounts.pages.own import PROOF, Mine, Own, see
from app.accounts.rules.labels import KEY_SCOPES
from app.accounts.rules.rights import KeyScope
from app.accounts.service import keys
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import ngettext
from app.kit.text import MESSAGES, Line, TextError

router = Door(prefix="/account/keys", route_class=RetryingRoute)
NAME_LENGTH = ApiKey.name.type.length
CHOICES = (7, 30, 90, 180, 365)


class Asked(BaseModel):
    """The form as it was filled in."""

    name: Annotated[str, Field(max_length=1000)] = ""
    scope: Annotated[list[str], Field(max_length=len(KeyScope))] = []
    days: Annotated[str, Field(max_length=10)] = str(keys.DAYS_DEFAULT)
    proof: Annotated[str, Field(max_length=400)] = ""


@router.get("")
async def my_keys(own: Mine, revoked: str = "") -> Response:
    found = [(key, keys.state(key, own.now)) for key in await keys.keys_of(own.session, own.caller)]
    context = {
        "good": [each for each in found if each[1] in {"good", "soon"}],
        "over": [each for each in found if each[1] in {"revoked", "expired"}],
        "scope_words": scope_words,
        "revoked": revoked == "yes",
    }
    return own.show("keys.html", context)


def scope_words(scopes: list[str]) -> list[str]:
    """In words; one that is not known any more as it is."""
    return [str(KEY_SCOPES[KeyScope(scope)][0]) if scope in set(KeyScope) else scope for scope in scopes]


@router.get("/new")
async def new_key(own: Mine) -> Response:
    return await form_page(own, Asked(), {})


@router.post("/new")
async def make_key(own: Mine, head: Head, form: Annotated[Asked, Form()]) -> Response:
    """The answer itself shows the secret: loading it again asks for the form."""
    person = await own.locked()
    errors = faults(form)
    if not errors and (wrong := await own.proven(person, form.proof)):
        errors = {PROOF: wrong}
    if errors:
        return await form_page(own, form, errors)
    name = Line(NAME_LENGTH).validate(form.name)
    new = keys.NewKey(name, frozenset(map(KeyScope, form.scope)), int(form.days))
    key, secret = await keys.create(own.session, own.caller, new, head, own.now)
    return own.show("keys_made.html", {"key": key, "secret": secret, "scope_words": scope_words})


def faults(form: Asked) -> dict[str, str]:
    errors: dict[str, str] = {}
    try:
        Line(NAME_LENGTH).validate(form.name)
    except TextError as error:
        errors["name"] = _(MESSAGES[error.code]).format(**error.context)
    if not form.scope or not set(form.scope) <= set(KeyScope):
        errors["scope"] = _("Choose at least one thing that the key may do.")
    if not form.days.isascii() or not form.days.isdecimal() or not 1 <= int(form.days) <= keys.DAYS_MOST:
        errors["days"] = _("Choose for how long.")
    return errors


async def form_page(own: Own, form: Asked, errors: dict[str, str]) -> Response:
    context = {
        "form_": form,
        "scopes": [(scope.value, *KEY_SCOPES[scope]) for scope in keys.useful(own.caller)],
        "choices": [(days, ngettext("{n} day", "{n} days", days).format(n=days)) for days in CHOICES],
        "name_length": NAME_LENGTH,
        "asked": await own.asked(await own.person()),
        "errors": errors,
    }
    return own.show("keys_new.html", context, again=bool(errors))


@router.post("/{key_id}/revoke")
async def revoke_key(own: Mine, key_id: UUID) -> Response:
    """Without a fresh proof: it takes something away, and may be urgent."""
    await keys.revoke(own.session, own.caller, key_id, own.now)
    return see("/account/keys?revoked=yes")
