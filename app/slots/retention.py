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
        due="SELECT id FROM reservation WHERE kind = 'hold' AND active AND expires_at < %(before)s",
        apply="""DELETE FROM reservation WHERE id IN (
            SELECT id FROM reservation WHERE kind = 'hold' AND active AND expires_at < %(before)s
            LIMIT %(most)s FOR UPDATE SKIP LOCKED) RETURNING id""",
    ),
)
