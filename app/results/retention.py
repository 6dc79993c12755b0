"""How long this room keeps what it writes.

What was found and the documents of it stay as long as the request does, and name nobody but an organisation; staff
stand in them by number. A report file may say more.
"""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="result_files",
        what=lazy("Report files that were entered as results; their digest stays"),
        why=lazy("To prove what was found, for twice as long as claims can be made"),
        keep=timedelta(days=2192),
        table="stored_file",
        over="purpose = 'result' AND deleted_at IS NULL AND created_at < %(before)s",
        instead="deleted_at = %(now)s, name = ''",
    ),
)
