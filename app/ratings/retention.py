"""How long this room keeps what it writes: that somebody was called and answered stays, without the words."""

from datetime import timedelta
from typing import LiteralString

from app.kit.i18n import lazy
from app.kit.retention import Retention

# As in requests: those that name nobody any more, or will when their rule has been applied.
NAMELESS: LiteralString = "FROM request WHERE anonymised_at IS NOT NULL OR changed_at < %(before)s"
RULES = (
    Retention(
        key="rating_calls",
        what=lazy("What was said in calls back about a bad rating"),
        why=lazy("To answer for what was done; they go when the contact data of the request do"),
        keep=timedelta(days=1096),
        table="rating_call",
        over=f"words IS NOT NULL AND request_id IN (SELECT id {NAMELESS})",
        rows="request_id, n",
        instead="words = NULL",
    ),
    Retention(
        key="rating_answers",
        what=lazy("Answers to bad ratings"),
        why=lazy("To answer for what was done; they go when the contact data of the request do"),
        keep=timedelta(days=1096),
        table="rating_answer",
        over=f"words IS NOT NULL AND request_id IN (SELECT id {NAMELESS})",
        rows="request_id",
        instead="words = NULL",
    ),
)
