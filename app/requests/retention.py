"""How long this room keeps what it writes.

A request without the people in it stays: how much was asked for where is what a network is planned by.
"""

from datetime import timedelta
from typing import LiteralString

from app.kit.i18n import lazy
from app.kit.retention import Retention

# Those that name nobody any more, or will when the rule of requests has been applied.
NAMELESS: LiteralString = "FROM request WHERE anonymised_at IS NOT NULL OR changed_at < %(before)s"
RULES = (
    Retention(
        key="drafts",
        what=lazy("Bookings that were begun and not sent"),
        why=lazy("So that you can go on where you stopped"),
        keep=timedelta(days=1),
        table="booking_draft",
        over="expires_at < %(before)s",
    ),
    Retention(
        key="repetitions",
        what=lazy("Answers kept for a program that repeats a call"),
        why=lazy("So that a call that is repeated books only once"),
        keep=timedelta(days=1),
        table="idempotency",
        over="created_at < %(before)s",
        rows="caller, key",
    ),
    Retention(
        key="requests",
        what=lazy("Name, phone, mail, note and site in requests; the rest of a request stays without them"),
        why=lazy("To carry out the request and to answer for it (three years, Civil Code art. 188)"),
        keep=timedelta(days=1096),
        table="request",
        over="changed_at < %(before)s AND anonymised_at IS NULL",
        rows="id, station_id",
        instead="contact_name = '', mobile = '', email = NULL, note = NULL, site = NULL, anonymised_at = %(now)s",
    ),
    Retention(
        key="rating_words",
        what=lazy("Words that came with a rating; the level stays without them"),
        why=lazy("To answer for what was done; they go when the contact data of the request do"),
        keep=timedelta(days=1096),
        table="rating",
        over=f"words IS NOT NULL AND request_id IN (SELECT id {NAMELESS})",
        rows="request_id",
        instead="words = NULL",
    ),
    # After the one above: as soon as a request names nobody, what was written about it goes too, files first.
    Retention(
        key="message_files",
        what=lazy("Files that came with messages about a request"),
        why=lazy("To carry out the request; they go when the contact data of the request do"),
        keep=timedelta(days=1096),
        table="stored_file",
        over=f"purpose = 'conversation' AND deleted_at IS NULL AND owner_id IN (SELECT id::text {NAMELESS})",
        instead="deleted_at = %(now)s, name = ''",
    ),
    Retention(
        key="messages",
        what=lazy("Messages about a request, and notes of the staff"),
        why=lazy("To carry out the request; they go when the contact data of the request do"),
        keep=timedelta(days=1096),
        table="conversation_message",
        over=f"request_id IN (SELECT id {NAMELESS})",
        rows="id, station_id",
    ),
)
