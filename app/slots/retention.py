"""How long this room keeps what it writes."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="holds",
        what=lazy("Times that were held and not booked"),
        why=lazy("Only to tidy up: a hold that is over counts as free"),
        keep=timedelta(days=1),
        table="reservation",
        over="kind = 'hold' AND active AND expires_at < %(before)s",
    ),
)
