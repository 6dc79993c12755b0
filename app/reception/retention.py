"""How long this room keeps what it writes: a chain stays without the people in it, as its request does."""

from datetime import timedelta
from typing import LiteralString

from app.kit.i18n import lazy
from app.kit.retention import Retention

# As in requests: those that name nobody any more, or will when their rule has been applied.
NAMELESS: LiteralString = "FROM request WHERE anonymised_at IS NOT NULL OR changed_at < %(before)s"
THINGS: LiteralString = f"FROM thing WHERE request_id IN (SELECT id {NAMELESS})"
KEEP = timedelta(days=1096)
RULES = (
    Retention(
        key="custody_names",
        what=lazy("Who handed a thing over and who took it, and what was written about it"),
        why=lazy("To answer for what was handed in; they go when the contact data of the request do"),
        keep=KEEP,
        table="custody_link",
        over=(f"(giver IS NOT NULL OR taker IS NOT NULL OR words IS NOT NULL) AND thing_id IN (SELECT id {THINGS})"),
        rows="thing_id, n",
        instead="giver = NULL, taker = NULL, words = NULL",
    ),
    Retention(
        key="custody_holders",
        what=lazy("Who has a thing that was given back"),
        why=lazy("To answer for what was handed in; they go when the contact data of the request do"),
        keep=KEEP,
        table="thing",
        over=f"holder IS NOT NULL AND request_id IN (SELECT id {NAMELESS})",
        instead="holder = NULL",
    ),
    Retention(
        key="custody_photos",
        what=lazy("Pictures of things that were handed in"),
        why=lazy("To answer for what was handed in; they go when the contact data of the request do"),
        keep=KEEP,
        table="stored_file",
        over=f"purpose = 'custody' AND deleted_at IS NULL AND owner_id IN (SELECT id::text {THINGS})",
        instead="deleted_at = %(now)s, name = ''",
    ),
)
