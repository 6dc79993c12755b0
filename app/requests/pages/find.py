"""“I have a reference”: from the reference and the access code to the request."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.kit import ids
from app.kit.db import Reading
from app.kit.i18n import gettext as _
from app.requests.errors import RequestUnknown
from app.requests.pages.frame import FORM_AGAIN, Now, Visitor, private, spelled
from app.requests.rules import REFERENCE_PREFIX
from app.stations.snapshot import CurrentNetwork
from app.web.limits import limited

router = APIRouter()


class Typed(BaseModel):
    """The form as it was typed."""

    reference: Annotated[str, Field(max_length=60)] = ""
    code: Annotated[str, Field(max_length=40)] = ""


@router.get("/find")
async def find_form(request: Request) -> HTMLResponse:
    return private(request, "find.html", {"reference": "", "errors": {}})


@router.post("/find", dependencies=[Depends(limited("follow"))])
async def find_request(
    request: Request,
    session: Reading,
    network: CurrentNetwork,
    now: Now,
    typed: Annotated[Typed, Form()],
) -> Response:
    errors = faults(typed)
    if not errors:
        try:
            return await Visitor(request, session, network, now, spelled(typed.reference)).enter(typed.code)
        except RequestUnknown:
            errors = {"code": _("No request has this reference and access code.")}
    return private(request, "find.html", {"reference": typed.reference, "errors": errors}, status_code=FORM_AGAIN)


def faults(typed: Typed) -> Mapping[str, str]:
    """What can be said without looking: something is missing, or no reference was ever written like this."""
    found = {}
    try:
        ids.parse_reference(typed.reference, REFERENCE_PREFIX)
    except ids.ReferenceLengthError as error:
        empty = _("Enter the reference, such as {example}.")
        wrong = _("A reference has 9 or 11 letters and digits, such as {example}; this one has {length}.")
        found["reference"] = (wrong if error.length else empty).format(example="ZT-7K3M-9QXD-J", length=error.length)
    except ids.ReferenceFormatError:
        found["reference"] = _("There is a slip in this reference. Please compare it with your confirmation.")
    if not typed.code.strip():
        found["code"] = _("Enter the access code that came with the reference.")
    return found
