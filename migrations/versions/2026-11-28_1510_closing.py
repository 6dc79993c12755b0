"""Closing: no place is taken by hours that have just been changed, and no appointment outlasts its desk unseen."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "closing"
down_revision: str | None = "hall"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# A hold says by which hours it was found to fit. Whoever changes them holds the station's lock, so a hold is either
# there before, and looked at with everything else that is booked, or sees here that the hours are others.
GUARD = """
CREATE FUNCTION reservation_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(715001, NEW.station_id);
    IF NEW.hours_version <> (SELECT hours_version FROM station WHERE id = NEW.station_id) THEN
        RAISE EXCEPTION 'the hours have been changed'
            USING ERRCODE = 'check_violation', TABLE = 'reservation', CONSTRAINT = 'reservation_hours_changed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reservation_hours BEFORE INSERT ON reservation
    FOR EACH ROW WHEN (NEW.hours_version IS NOT NULL) EXECUTE FUNCTION reservation_hours();

CREATE TRIGGER hours_lock BEFORE UPDATE OF hours_version ON station FOR EACH ROW EXECUTE FUNCTION closing_lock();
"""


def upgrade() -> None:
    op.add_column("station", sa.Column("hours_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("reservation", sa.Column("hours_version", sa.Integer(), nullable=True))
    op.execute(GUARD)


def downgrade() -> None:
    op.execute("DROP TRIGGER hours_lock ON station")
    op.execute("DROP TRIGGER reservation_hours ON reservation")
    op.execute("DROP FUNCTION reservation_hours()")
    op.drop_column("reservation", "hours_version")
    op.drop_column("station", "hours_version")
