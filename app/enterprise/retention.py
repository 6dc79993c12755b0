"""What closing an account has left for later: requests that weren't over yet."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="requests_of_closed",
        what=lazy("Name, phone, mail, place and note in requests of people whose account is closed"),
        why=lazy("So that the station can reach them until the request is over"),
        keep=timedelta(days=1),
        table="request",
        # The states of app.requests.rules.ENDED; a test compares them.
        over="""changed_at < %(before)s AND anonymised_at IS NULL
            AND status IN (
                'done', 'issued', 'delivered', 'archived', 'item_rejected', 'declined', 'cancelled')
            AND person_id IN (SELECT id FROM person WHERE closed_at IS NOT NULL)""",
        rows="id, station_id",
        instead="""contact_name = '', mobile = '', email = NULL, note = NULL, site = NULL, lon = NULL, lat = NULL,
            given_lon = NULL, given_lat = NULL, crs = NULL, anonymised_at = %(now)s""",
    ),
)
