"""What was sent, a test, and sending again."""

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from app.kit.clock import LOCAL
from app.kit.cursors import read_cursor, write_cursor
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid, TooMany, problem_responses
from app.web.limits import limited
from app.webhooks.api.frame import OF_ONE, ONE, Acting, Looking, WebhookId, as_json
from app.webhooks.errors import PingedJustNow, WebhookEnded
from app.webhooks.models import Attempt
from app.webhooks.queries import Sent, find, sent
from app.webhooks.rules.sending import message_id
from app.webhooks.schemas import DeliveriesAsked, DeliveriesPage, ReplayIn, ReplayOut
from app.webhooks.service.replaying import ping, replay

router = Door(route_class=RetryingRoute)
ACCEPTED = 202
EVENT_ID = re.compile(r"msg_([0-9a-f]{32})")
ONE_OF_TWO = lazy("Give either an event or a time since when all shall be sent again.")
NO_EVENT = lazy("Give the event's id as it was sent in the header webhook-id, such as msg_ and 32 letters and digits.")


@router.get(f"{ONE}/deliveries", response_model=DeliveriesPage, responses=problem_responses(*OF_ONE))
async def list_deliveries(asks: Looking, webhook: WebhookId, asked: Annotated[DeliveriesAsked, Query()]) -> Response:
    """What was and is to be sent, the newest first, with its attempts."""
    await find(asks.session, await asks.reach_of(webhook), webhook)
    before = read_cursor(asked.cursor, int)[0] if asked.cursor else None
    rows, more = await sent(asks.session, webhook, asked.state or "", before, asked.limit)
    following = write_cursor(rows[-1].event.n) if more else None
    return as_json({"items": [_told(row) for row in rows], "next": following})


@router.post(
    f"{ONE}/test",
    status_code=ACCEPTED,
    responses=problem_responses(*OF_ONE, WebhookEnded, PingedJustNow, TooMany),
    dependencies=[Depends(limited("message"))],
)
async def send_test(asks: Acting, webhook: WebhookId) -> Response:
    """Have a test sent; what becomes of it stands among the deliveries."""
    await ping(asks.managing(await asks.reach_of(webhook)), webhook)
    return Response(status_code=ACCEPTED)


@router.post(f"{ONE}/replay", response_model=ReplayOut, responses=problem_responses(*OF_ONE, WebhookEnded))
async def send_again(asks: Acting, webhook: WebhookId, asked: ReplayIn) -> Response:
    """Send one event, or all since a moment, again under their ids; what waits is tried at once."""
    if (asked.event_id is None) == (asked.since is None):
        raise Invalid(errors=[FieldError("event_id", "one_of_two", ONE_OF_TWO.msgid)])
    event = _event(asked.event_id) if asked.event_id is not None else None
    work = asks.managing(await asks.reach_of(webhook))
    return as_json({"events": await replay(work, webhook, event=event, since=asked.since)})


def _event(text: str) -> UUID:
    """Raises Invalid."""
    found = EVENT_ID.fullmatch(text)
    if found is None:
        raise Invalid(errors=[FieldError("event_id", "event_id_odd", NO_EVENT.msgid)])
    return UUID(found[1])


def _told(row: Sent) -> dict[str, Any]:
    waits = row.delivery.state == "waiting"
    return {
        "event_id": message_id(row.event.id),
        "type": row.event.type,
        "at": row.event.at.astimezone(LOCAL),
        "state": row.delivery.state,
        "due_at": row.delivery.due_at.astimezone(LOCAL) if waits else None,
        "attempts": [_attempt(each) for each in row.attempts],
    }


def _attempt(tried: Attempt) -> dict[str, Any]:
    names = ("took_ms", "status", "fault")
    return {"at": tried.at.astimezone(LOCAL), **{name: getattr(tried, name) for name in names}}
