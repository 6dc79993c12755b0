"""How long this room keeps what it writes."""

from datetime import timedelta

from app.kit.i18n import lazy
from app.kit.retention import Retention

DAY = timedelta(days=1)
RULES = (
    Retention(
        key="instrument_files",
        what=lazy("Files of instruments that were looked at and not taken in"),
        why=lazy("So that you can look at what would be taken in"),
        keep=DAY,
        table="instrument_import",
        over="created_at < %(before)s AND taken_at IS NULL",
    ),
    Retention(
        key="instrument_files_taken",
        what=lazy("Files of instruments that were taken in: what stood in each row; the ledger stays"),
        why=lazy("So that what was left out can be mended"),
        keep=30 * DAY,
        table="instrument_import",
        over="created_at < %(before)s AND taken_at IS NOT NULL",
    ),
    Retention(
        key="ledgers_of_closed",
        what=lazy("Ledgers of organisations that are closed, with their history"),
        why=lazy("So that one closed by mistake loses nothing at once"),
        keep=30 * DAY,
        table="instrument",
        over="organisation_id IN (SELECT id FROM organisation WHERE closed_at < %(before)s)",
    ),
    Retention(
        key="instrument_reminders",
        what=lazy("Which due dates were told of by mail"),
        why=lazy("So that nobody is told twice"),
        keep=400 * DAY,
        table="instrument_reminder",
        over="at < %(before)s",
        rows="instrument_id, due_on, days",
    ),
    Retention(
        key="instrument_reminder_choices",
        what=lazy("That somebody who acts for an organisation no longer didn't want its reminders"),
        why=lazy("So that who comes back isn't written to against their will"),
        keep=30 * DAY,
        table="instrument_reminder_choice choice",
        over="""stopped_at < %(before)s AND NOT EXISTS (SELECT FROM membership
            WHERE membership.organisation_id = choice.organisation_id AND membership.person_id = choice.person_id)""",
        rows="organisation_id, person_id",
    ),
)
