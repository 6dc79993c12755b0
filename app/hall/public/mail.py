"""On the page of a ticket: an address to which one is written when two are left before one."""

from typing import Annotated

from fastapi import Form, Response
from fastapi.responses import RedirectResponse

from app.hall.public.pages import LOOKS, SECRET, SEE_OTHER, InHand, show
from app.hall.rules.states import State
from app.hall.service.mails import delete_address, leave_address
from app.kit.db import RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import current_locale, lazy
from app.kit.text import TextError, normalise_email

router = Door(route_class=RetryingRoute)
FORM_AGAIN = 422
WRONG = lazy("Type the whole mail address, for example name@example.com.")


@router.post("/t/{ticket_id}/mail", dependencies=[LOOKS])
async def leave(held: InHand, session: Writing, email: Annotated[str, Form(max_length=300)] = "") -> Response:
    """Leave an address, while one waits."""
    try:
        address = normalise_email(email)
    except TextError:
        said = {"late": False, "mail": "", "errors": {"email": str(WRONG)}, "typed": email}
        return await show(held, said, status_code=FORM_AGAIN)
    if held.line.state is not State.WAITING:
        return RedirectResponse(f"/t/{held.line.id}", SEE_OTHER, SECRET)
    await leave_address(session, held.line, address, current_locale(), held.now)
    return RedirectResponse(f"/t/{held.line.id}?mail=kept", SEE_OTHER, SECRET)


@router.post("/t/{ticket_id}/mail/delete", dependencies=[LOOKS])
async def take_back(held: InHand, session: Writing) -> Response:
    """Delete it at once."""
    await delete_address(session, held.line.id)
    return RedirectResponse(f"/t/{held.line.id}?mail=deleted", SEE_OTHER, SECRET)
