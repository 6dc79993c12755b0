"""Whether one wants to be reminded by mail, for oneself."""

from typing import Annotated

from fastapi import Form, Response

from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.ledger.pages.frame import HERE, Acting, Looking, see
from app.ledger.service.reminders import choose, wanted

router = Door(route_class=RetryingRoute)


@router.get(f"{HERE}/reminders")
async def reminders(call: Looking) -> Response:
    context = {"wanted": await wanted(call.session, call.caller, call.own.id)}
    return call.show("reminders.html", context)


@router.post(f"{HERE}/reminders")
async def change(call: Acting, want: Annotated[str, Form(max_length=10)] = "") -> Response:
    await choose(call.session, call.caller, call.own.id, call.now, want=want == "yes")
    return see(f"{call.path('reminders')}?done=reminders")
