"""How long what was forecast is kept."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="hall_forecasts",
        what=lazy("How long somebody at a counter was told to wait, by ticket"),
        why=lazy("So that one can see whether forecasts held"),
        keep=timedelta(days=90),
        table="forecast",
        over="made_at < %(before)s",
        rows="ticket_id",
    ),
)
