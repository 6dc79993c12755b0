"""Due dates that follow from a service's interval move with it, in the transaction that changes the catalogue."""

from collections.abc import Sequence

from alembic import op

revision: str = "service_intervals"
down_revision: str | None = "group_robots"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The same rule as app.ledger.rules.dues: PostgreSQL, too, ends a month that is shorter on its last day. The lock is
# that of app.ledger.intervals: whoever derives a date holds it shared until the end of the transaction, so nobody
# writes one by the old interval that isn't seen here. Ids of version 7, since those of a history are in its order.
MOVE = """
CREATE FUNCTION instrument_intervals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM before JOIN after USING (id)
        WHERE before.validity_months IS DISTINCT FROM after.validity_months) THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('ledger:intervals', 0));
    WITH moved AS (
        UPDATE instrument
        SET due_on = last_cert_date + make_interval(months => service.validity_months) - interval '1 day',
            due_from = CASE WHEN service.validity_months IS NOT NULL THEN 'service' END,
            version = version + 1, changed_at = now()
        FROM (SELECT id, after.validity_months FROM before JOIN after USING (id)
            WHERE before.validity_months IS DISTINCT FROM after.validity_months) service
        WHERE instrument.service_id = service.id AND last_cert_date IS NOT NULL AND valid_until IS NULL
            AND interval_months IS NULL
        RETURNING instrument.id, due_on, due_from, service.validity_months
    )
    INSERT INTO instrument_event (id, instrument_id, at, kind, data)
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
            PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
            FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid,
        id, now(), 'interval', jsonb_build_object('until', due_on, 'due_from', due_from, 'months', validity_months)
    FROM moved;
    RETURN NULL;
END $$;
CREATE TRIGGER instrument_intervals AFTER UPDATE ON service REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION instrument_intervals();
"""


def upgrade() -> None:
    op.execute(MOVE)


def downgrade() -> None:
    op.execute("DROP TRIGGER instrument_intervals ON service")
    op.execute("DROP FUNCTION instrument_intervals()")
