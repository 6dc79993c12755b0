"""How long this room keeps what it writes.

A request without the people in it stays: how much was asked for where is what a network is planned by.
"""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="drafts",
        what=lazy("Bookings that were begun and not sent"),
        why=lazy("So that you can go on where you stopped"),
        keep=timedelta(days=1),
        due="SELECT id FROM booking_draft WHERE expires_at < %(before)s",
        apply="""DELETE FROM booking_draft WHERE id IN (
            SELECT id FROM booking_draft WHERE expires_at < %(before)s LIMIT %(most)s) RETURNING id""",
    ),
    Retention(
        key="repetitions",
        what=lazy("Answers kept for a program that repeats a call"),
        why=lazy("So that a call that is repeated books only once"),
        keep=timedelta(days=1),
        due="SELECT key FROM idempotency WHERE created_at < %(before)s",
        apply="""DELETE FROM idempotency WHERE (caller, key) IN (
            SELECT caller, key FROM idempotency WHERE created_at < %(before)s LIMIT %(most)s) RETURNING key""",
    ),
    Retention(
        key="requests",
        what=lazy("Name, phone, mail and note in requests; the rest of a request stays without them"),
        why=lazy("To carry out the request and to answer for it (three years, Civil Code art. 188)"),
        keep=timedelta(days=1096),
        due="SELECT id FROM request WHERE changed_at < %(before)s AND anonymised_at IS NULL",
        apply="""UPDATE request SET contact_name = '', mobile = '', email = NULL, note = NULL, anonymised_at = %(now)s
            WHERE (id, station_id) IN (
                SELECT id, station_id FROM request WHERE changed_at < %(before)s AND anonymised_at IS NULL
                LIMIT %(most)s FOR UPDATE SKIP LOCKED) RETURNING id""",
    ),
)
