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
        due="SELECT id FROM message WHERE coalesce(sent_at, dead_at) < %(before)s",
        apply="""DELETE FROM message WHERE id IN (
            SELECT id FROM message WHERE coalesce(sent_at, dead_at) < %(before)s LIMIT %(most)s) RETURNING id""",
    ),
)
