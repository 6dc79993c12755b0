"""What the pages of the office share: their sections by rights, forms read and judged, going on after a post."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from app.accounts.rules.rights import Caller, Permission
from app.kit.i18n import LazyString, gettext, lazy
from app.kit.problems import FieldError
from app.kit.validation import field_errors
from app.web.templating import page

SEE_OTHER, FORM_AGAIN = 303, 422
NOT_TO_KEEP = {"Cache-Control": "no-store"}
Form = TypeVar("Form", bound=BaseModel)
SECTIONS: tuple[tuple[str, LazyString, Permission | None], ...] = (
    ("/office", lazy("Overview"), None),
    ("/office/requests", lazy("Requests"), Permission.REQUESTS_READ),
    ("/office/codes", lazy("Credit codes"), Permission.CODES_READ),
    ("/office/messages", lazy("Mails"), Permission.MESSAGES_READ),
    ("/office/people", lazy("People and roles"), Permission.PEOPLE_READ),
    ("/office/organisations", lazy("Organisations"), Permission.ORGANISATIONS_READ),
    ("/office/audit", lazy("Record"), Permission.AUDIT_READ),
    ("/office/retention", lazy("Retention"), Permission.RETENTION_READ),
)
Sentences = Mapping[tuple[str, str], LazyString]


def show(
    request: Request, caller: Caller, name: str, context: Mapping[str, Any], *, status_code: int = 200
) -> HTMLResponse:
    """A page of the office, with the sections that the caller may open."""
    own = [(path, str(label)) for path, label, permission in SECTIONS if permission is None or caller.may(permission)]
    full = {"sections": own, "section": _section(request.url.path), "done": _done(request), **context}
    return page(request, f"office/{name}", full, status_code=status_code, headers=NOT_TO_KEEP)


def _section(path: str) -> str:
    """The section that an address belongs to: the longest that it begins with."""
    return max((own for own, *_ in SECTIONS if path == own or path.startswith(f"{own}/")), key=len, default="/office")


# What was done, said on the page that follows; the address names it by its key only.
DONE: Mapping[str, LazyString] = {
    "invited": lazy("The account is there. A mail with the link to set the password is on its way."),
    "mailed": lazy("A mail with a link to set the password is on its way."),
    "corrected": lazy("The changes are saved."),
    "disabled": lazy("The account is disabled, and its sessions have ended."),
    "enabled": lazy("The account is enabled again."),
    "reset": lazy("The second factor is removed, and the sessions have ended."),
    "granted": lazy("The role is given. The person signs in again to use it."),
    "revoked": lazy("The role is taken away, and the sessions have ended."),
    "gone": lazy("The role is taken away. This person has no role any more that you can see."),
    "accepted": lazy("The code is accepted. Whoever asked is told by mail."),
    "refused": lazy("The code is refused. Whoever asked is told by mail."),
    "resent": lazy("The mail goes out in a moment."),
    "owner": lazy("This person is an owner now."),
    "owner_invited": lazy("A mail with the invitation to become an owner is on its way."),
    "closed": lazy("The organisation is closed."),
}


def _done(request: Request) -> str:
    said = DONE.get(request.query_params.get("done", ""))
    return str(said) if said else ""


def see(path: str, done: str = "") -> RedirectResponse:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(f"{path}?{urlencode({'done': done})}" if done else path, SEE_OTHER, NOT_TO_KEEP)


def typed(form: FormData) -> dict[str, str]:
    """What was typed into each field; a field left empty isn't there.

    Where a page has several forms, each calls its reason `<form>.reason`, so that no id is there twice.
    """
    given = ((name.rpartition(".")[2], value) for name, value in form.items())
    return {name: value for name, value in given if isinstance(value, str) and value.strip()}


def placed(errors: Mapping[str, str], form: str) -> dict[str, str]:
    """The errors under the names that the fields of this form have on their page."""
    return {f"{form}.{name}" if name == "reason" else name: sentence for name, sentence in errors.items()}


def judged(kind: type[Form], given: Mapping[str, str], sentences: Sentences) -> tuple[Form | None, dict[str, str]]:
    """The form in clean values, or a sentence for each field that is wrong."""
    try:
        return kind.model_validate({name: given[name] for name in kind.model_fields if name in given}), {}
    except ValidationError as error:
        return None, wrong(field_errors(error.errors()), sentences)


def wrong(faults: list[FieldError], sentences: Sentences) -> dict[str, str]:
    """The first fault of each field, in the words of the form where it has any."""
    found: dict[str, str] = {}
    for fault in faults:
        own = sentences.get((fault.field, fault.code))
        found.setdefault(fault.field, gettext(own.msgid) if own else fault.sentence())
    return found


def address(path: str, asked: Mapping[str, object], **more: object) -> str:
    """A path with what was asked for, empty values left out."""
    query = {name: value for name, value in {**asked, **more}.items() if value not in ("", None)}
    return f"{path}?{urlencode(query)}" if query else path
