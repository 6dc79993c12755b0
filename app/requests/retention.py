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
        what=lazy("Name, phone, mail and note in requests; the rest of a request stays without them"),
        why=lazy("To carry out the request and to answer for it (three years, Civil Code art. 188)"),
        keep=timedelta(days=1096),
        table="request",
        over="changed_at < %(before)s AND anonymised_at IS NULL",
        rows="id, station_id",
        instead="contact_name = '', mobile = '', email = NULL, note = NULL, anonymised_at = %(now)s",
    ),
)
