"""“I have a reference”: from the reference and the access code to the request."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Form, Query, Request, Response
from pydantic import BaseModel, Field

from app.accounts.callers import CurrentCaller
from app.kit import ids
from app.kit.db import Reading
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.requests.errors import RequestUnknown
from app.requests.opened import Opened
from app.requests.rules import REFERENCE_PREFIX
from app.requests.visiting import FORM_AGAIN, Now, Visitor, address, private, see, spelled
from app.stations.snapshot import CurrentNetwork
from app.web.limits import limited

router = Door()
EXAMPLE = "ZT-7K3M-9QXD-J"


class Typed(BaseModel):
    """The form as it was typed."""

    reference: Annotated[str, Field(max_length=60)] = ""
    code: Annotated[str, Field(max_length=40)] = ""


@router.get("/find")
async def find_form(request: Request, reference: Annotated[str, Query(max_length=60)] = "") -> Response:
    """The form, filled in with a reference that was given on another page; straight on if it is opened already."""
    if spelled(reference) in Opened(request):
        return see(address(spelled(reference)))
    wrong = slip(reference) if reference.strip() else ""
    return private(request, "find.html", {"reference": reference, "errors": {"reference": wrong} if wrong else {}})


@router.post("/find", dependencies=[Depends(limited("follow"))])
async def find_request(
    *,
    request: Request,
    session: Reading,
    network: CurrentNetwork,
    now: Now,
    caller: CurrentCaller,
    typed: Annotated[Typed, Form()],
) -> Response:
    errors = faults(typed)
    if not errors:
        try:
            return await Visitor(request, session, network, now, spelled(typed.reference), caller).enter(typed.code)
        except RequestUnknown:
            errors = {"code": _("No request has this reference and access code.")}
    return private(request, "find.html", {"reference": typed.reference, "errors": errors}, status_code=FORM_AGAIN)


def faults(typed: Typed) -> Mapping[str, str]:
    """What can be said without looking: something is missing, or no reference was ever written like this."""
    code = "" if typed.code.strip() else _("Enter the access code that came with the reference.")
    found = {"reference": slip(typed.reference), "code": code}
    return {name: sentence for name, sentence in found.items() if sentence}


def slip(reference: str) -> str:
    """What is wrong with the writing of a reference; empty when nothing is."""
    try:
        ids.parse_reference(reference, REFERENCE_PREFIX)
    except ids.ReferenceLengthError as error:
        empty = _("Enter the reference, such as {example}.")
        wrong = _("A reference has 9 or 11 letters and digits, such as {example}; this one has {length}.")
        return (wrong if error.length else empty).format(example=EXAMPLE, length=error.length)
    except ids.ReferenceFormatError:
        return _("There is a slip in this reference. Please compare it with your confirmation.")
    return ""
