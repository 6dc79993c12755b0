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
        due="SELECT id FROM signin_session WHERE coalesce(ended_at, expires_at) < %(before)s",
        apply="""DELETE FROM signin_session WHERE id IN (
            SELECT id FROM signin_session WHERE coalesce(ended_at, expires_at) < %(before)s
            LIMIT %(most)s) RETURNING id""",
    ),
    Retention(
        key="mail_links",
        what=lazy("Links that were mailed, used or not"),
        why=lazy("So that a link works once, and an old one is told from a wrong one"),
        keep=timedelta(days=30),
        due="SELECT id FROM mail_token WHERE expires_at < %(before)s",
        apply="""DELETE FROM mail_token WHERE id IN (
            SELECT id FROM mail_token WHERE expires_at < %(before)s LIMIT %(most)s) RETURNING id""",
    ),
    Retention(
        key="sign_in_failures",
        what=lazy("How often signing in failed"),
        why=lazy("To slow down whoever guesses passwords"),
        keep=timedelta(days=2),
        due="SELECT key FROM sign_in_failure WHERE last_at < %(before)s",
        apply="""DELETE FROM sign_in_failure WHERE key IN (
            SELECT key FROM sign_in_failure WHERE last_at < %(before)s LIMIT %(most)s) RETURNING key""",
    ),
    Retention(
        key="api_keys",
        what=lazy("API keys that were revoked or have expired"),
        why=lazy("So that you can see which programs had access"),
        keep=timedelta(days=365),
        due="SELECT id FROM api_key WHERE least(revoked_at, expires_at) < %(before)s",
        apply="""DELETE FROM api_key WHERE id IN (
            SELECT id FROM api_key WHERE least(revoked_at, expires_at) < %(before)s LIMIT %(most)s) RETURNING id""",
    ),
)
