"""How long this room keeps what it writes. Accounts themselves stay until their person closes them."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="sessions",
        what=lazy("Sessions that have ended, with their address and device"),
        why=lazy("So that you can see who was signed in as you"),
        keep=timedelta(days=90),
        table="signin_session",
        over="coalesce(ended_at, expires_at) < %(before)s",
    ),
    Retention(
        key="mail_links",
        what=lazy("Links that were mailed, used or not"),
        why=lazy("So that a link works once, and an old one is told from a wrong one"),
        keep=timedelta(days=30),
        table="mail_token",
        over="expires_at < %(before)s",
    ),
    Retention(
        key="sign_in_failures",
        what=lazy("How often signing in failed"),
        why=lazy("To slow down whoever guesses passwords"),
        keep=timedelta(days=2),
        table="sign_in_failure",
        over="last_at < %(before)s",
        rows="key",
    ),
    Retention(
        key="api_keys",
        what=lazy("API keys that were revoked or have expired"),
        why=lazy("So that you can see which programs had access"),
        keep=timedelta(days=365),
        table="api_key",
        over="least(revoked_at, expires_at) < %(before)s",
    ),
    Retention(
        key="licences",
        what=lazy("Pictures of licences that were shown to staff, after the decision"),
        why=lazy("To answer for the decision; that it was made, and why, stays on record"),
        keep=timedelta(days=180),
        table="stored_file",
        over="""deleted_at IS NULL AND EXISTS (
            SELECT FROM code_case WHERE code_case.file_id = stored_file.id AND decided_at < %(before)s)""",
        instead="deleted_at = %(now)s",
    ),
)
