"""How long this room keeps what it writes."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

THREE_YEARS = timedelta(days=1096)
RULES = (
    Retention(
        key="question_counts",
        what=lazy("How many questions for a station there were, by day, service and square kilometre"),
        why=lazy("To see where something is missing, and to compare years with each other; it names nobody"),
        keep=THREE_YEARS,
        table="question_count",
        over="day < %(before)s",
        rows="day, service_id, mode, x, y, outcome",
    ),
    Retention(
        key="search_counts",
        what=lazy("How many searches of the catalogue there were on a day, and how many found nothing"),
        why=lazy("To see whether people find what they need; what they typed is not kept"),
        keep=THREE_YEARS,
        table="search_count",
        over="day < %(before)s",
        rows="day, found",
    ),
    Retention(
        key="registers_looked_at",
        what=lazy("Registers of enterprises that were handed in and never taken in"),
        why=lazy("To look at them before they count"),
        keep=timedelta(days=1),
        table="register",
        over="taken_at IS NULL AND created_at < %(before)s",
    ),
)
