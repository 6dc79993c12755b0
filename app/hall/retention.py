"""How long this room keeps what it writes.

Tickets and servings stay without the people in them: how long a service takes, and how long people wait for it, is what
a forecast and a network are made from.
"""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="turn_mails",
        what=lazy("Mail addresses left on the page of a ticket; they go when its day is over"),
        why=lazy("To write to you once, when it is soon your turn"),
        keep=timedelta(days=1),
        table="turn_mail",
        over="created_at < %(before)s",
        rows="ticket_id",
    ),
    Retention(
        key="ticket_people",
        what=lazy("Which booking a ticket was for, and why it went first; the rest of the ticket stays without them"),
        why=lazy("To answer questions about a visit"),
        keep=timedelta(days=180),
        table="ticket",
        over="issued_at < %(before)s AND (request_id IS NOT NULL OR priority_reason <> '')",
        rows="id, station_id",
        instead="request_id = NULL, priority_reason = CASE WHEN priority = 'urgent' THEN '' END",
    ),
    Retention(
        key="ticket_steps",
        what=lazy("Each step of a ticket, and who of the staff took it"),
        why=lazy("To answer questions about a visit"),
        keep=timedelta(days=180),
        table="ticket_event",
        over="at < %(before)s",
        rows="ticket_id, station_id, n",
    ),
    Retention(
        key="servings",
        what=lazy("Who of the staff served whom; how long it took stays without them"),
        why=lazy("To answer questions about a visit"),
        keep=timedelta(days=180),
        table="serving",
        over="started_at < %(before)s AND person_id IS NOT NULL",
        rows="ticket_id, station_id, n",
        instead="person_id = NULL",
    ),
    Retention(
        key="desk_sessions",
        what=lazy("Who of the staff sat at which desk, and when"),
        why=lazy("To say how well desks were used, for three years"),
        keep=timedelta(days=1096),
        table="desk_session",
        over="ended_at < %(before)s",
    ),
)
