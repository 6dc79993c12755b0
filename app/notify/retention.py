"""How long this room keeps what it writes."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="messages",
        what=lazy("That a mail was sent, its subject and masked address; its text is wiped when it is sent"),
        why=lazy("To answer whether a mail has left"),
        keep=timedelta(days=180),
        table="message",
        over="coalesce(sent_at, dead_at, withdrawn_at) < %(before)s",
    ),
)
