"""How long this room keeps what it writes. Files themselves stay as long as what they belong to."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="removed_files",
        what=lazy("That a file was there: its name, size and fingerprint; its content is deleted within two days"),
        why=lazy("To answer whether a file was handed in"),
        keep=timedelta(days=180),
        table="stored_file",
        over="deleted_at < %(before)s",
    ),
)
