"""How long this room keeps what it writes."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="webhook_events",
        what=lazy("Events told to other systems, and what came of each attempt; nothing in it names a person"),
        why=lazy("So that what a system has missed can be sent again"),
        keep=timedelta(days=30),
        table="webhook_event",
        over="at < %(before)s",
        rows="n",
    ),
    Retention(
        key="webhooks",
        what=lazy("Webhooks that have ended: their address, and who answered for them"),
        why=lazy("So that one can see where to requests were told"),
        keep=timedelta(days=365),
        table="webhook_subscription",
        over="ended_at < %(before)s",
    ),
)
