"""Sending again, and sending a test: both are only written down here, the job sends them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from app.audit.service import record
from app.kit.ids import new_id
from app.webhooks.errors import PingedJustNow, WebhookEnded
from app.webhooks.models import Delivery, HookEvent, Subscription
from app.webhooks.queries import find
from app.webhooks.rules.kinds import PING
from app.webhooks.service.managing import Managing, about
from app.webhooks.statements import REPLAY


async def replay(
    work: Managing, subscription_id: UUID, *, event: UUID | None = None, since: datetime | None = None
) -> int:
    """Send one event (by its id) or all since a moment again, under their ids; returns how many.

    What waits for its next attempt is tried at once; what is on its way now is left alone. Raises WebhookUnknown,
    WebhookEnded.
    """
    found = await _living(work, subscription_id)
    values = {"subscription_id": found.id, "event": event, "since": since, "now": work.now, "ping": PING}
    count = len((await work.session.execute(text(REPLAY), values)).all())
    if count:
        after: dict[str, object] = {"events": count}
        await record(work.session, work.caller.actor, "webhook.replayed", about(found), at=work.now, after=after)
    return count


async def ping(work: Managing, subscription_id: UUID) -> None:
    """Have a test sent. Raises WebhookUnknown, WebhookEnded, PingedJustNow."""
    found = await _living(work, subscription_id)
    waiting = (
        select(Delivery.event_n)
        .join(HookEvent, HookEvent.n == Delivery.event_n)
        .where(Delivery.subscription_id == found.id, Delivery.state == "waiting", HookEvent.type == PING)
    )
    if await work.session.scalar(waiting.limit(1)) is not None:
        raise PingedJustNow
    event = HookEvent(id=new_id(), type=PING, at=work.now, data={"webhook_id": str(found.id)})
    work.session.add(event)
    await work.session.flush()
    delivery = Delivery(subscription_id=found.id, event_n=event.n, state="waiting", begun_at=work.now, due_at=work.now)
    work.session.add(delivery)
    await work.session.flush()


async def _living(work: Managing, subscription_id: UUID) -> Subscription:
    found = await find(work.session, work.reach, subscription_id, lock=True)
    if found.ended_at is not None:
        raise WebhookEnded
    return found
