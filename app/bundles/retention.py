"""How long this room keeps what it writes."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

RULES = (
    Retention(
        key="bundles_unused",
        what=lazy("Packages that were begun without an account and of which nothing was booked"),
        why=lazy("So that you can go on where you stopped, also some weeks later"),
        keep=timedelta(days=90),
        table="bundle",
        over="""changed_at < %(before)s AND organisation_id IS NULL AND person_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM bundle_item item WHERE item.bundle_id = bundle.id)""",
    ),
    Retention(
        key="bundles",
        what=lazy("Packages that were begun, who began them and left out which steps for which reason"),
        why=lazy("To show you how the package stands, as long as its requests are kept"),
        keep=timedelta(days=1096),
        table="bundle",
        over="changed_at < %(before)s",
    ),
)
