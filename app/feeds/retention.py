"""How long this room keeps what it writes."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="calendar_feeds",
        what=lazy("Addresses of calendars that were revoked: when they were made, last used and revoked"),
        why=lazy("So that you can see what had access"),
        keep=timedelta(days=365),
        table="calendar_feed",
        over="revoked_at < %(before)s",
    ),
)
