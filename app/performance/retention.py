"""How long this room keeps what it writes.

Figures stay: they name nobody, and what they are counted from stays too (a test says so), so that any day can be
counted anew.
"""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="performance_checks",
        what=lazy("Results of comparing figures with what was recorded"),
        why=lazy("So that one can see since when they differ"),
        keep=timedelta(days=180),
        table="performance_check",
        over="at < %(before)s",
    ),
)
