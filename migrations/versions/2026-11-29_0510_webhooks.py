"""Webhooks: who is told, and a trigger that writes down what there is to tell where it happens."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "webhooks"
down_revision: str | None = "bundles"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Fires when the statement has ended, so it sees the request as the step left it, also where one statement does all.
# A step to another place is told to those of the old one as well. Who writes a whole past at once (onestop.past)
# tells nobody.
TELL = """
CREATE FUNCTION webhook_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told text := 'request.' || NEW.kind;
    takers uuid[];
    event bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM webhook_subscription WHERE ended_at IS NULL) THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(taker.id) INTO takers FROM webhook_subscription taker
    WHERE taker.ended_at IS NULL AND (taker.types = '{}' OR told = ANY (taker.types))
        AND (taker.organisation_id IS NULL
            OR taker.organisation_id = (SELECT organisation_id FROM request WHERE id = NEW.request_id))
        AND (taker.station_id IS NULL AND taker.county_adcode IS NULL OR EXISTS (
            SELECT FROM station
            WHERE (station.id = NEW.station_id OR station.code = NEW.data ->> 'old_station')
                AND (station.id = taker.station_id OR station.county_adcode = taker.county_adcode)));
    IF takers IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO webhook_event (id, type, at, data)
    SELECT gen_random_uuid(), told, NEW.at, jsonb_build_object(
        'reference', request.reference, 'n', NEW.n, 'status', request.status, 'station_code', station.code,
        'items', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'n', item.n, 'service_code', service.code, 'status', item.status) ORDER BY item.n), '[]')
            FROM request_item item JOIN service ON service.id = item.service_id
            WHERE item.request_id = request.id))
    FROM request JOIN station ON station.id = request.station_id
    WHERE request.id = NEW.request_id
    RETURNING n INTO event;
    INSERT INTO webhook_delivery (subscription_id, event_n, state, begun_at, due_at)
    SELECT taker, event, 'waiting', NEW.at, NEW.at FROM unnest(takers) taker;
    RETURN NULL;
END $$;

CREATE TRIGGER webhook_tell AFTER INSERT ON request_event
    FOR EACH ROW WHEN (current_setting('onestop.past', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION webhook_tell();
"""
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _subscriptions()
    op.create_table(
        "webhook_event",
        sa.Column("n", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(48), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("webhook_event_pkey")),
        sa.UniqueConstraint("id", name=op.f("webhook_event_id_key")),
    )
    op.create_index(op.f("webhook_event_at_idx"), "webhook_event", ["at"])
    _deliveries()
    op.execute(TELL)


def _subscriptions() -> None:
    op.create_table(
        "webhook_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("county_adcode", sa.String(6), nullable=True),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("types", postgresql.ARRAY(sa.String(48)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_until", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_why", sa.String(8), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(organisation_id, county_adcode, station_id) <= 1",
            name=op.f("webhook_subscription_scope_check"),
        ),
        sa.CheckConstraint("(old_secret IS NULL) = (old_until IS NULL)", name=op.f("webhook_subscription_old_check")),
        sa.CheckConstraint(
            "ended_why IN ('person', 'gone', 'rights', 'closed')", name=op.f("webhook_subscription_why_check")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("webhook_subscription_ended_check")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("webhook_subscription_organisation_id_fkey")
        ),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("webhook_subscription_station_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("webhook_subscription_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_subscription_pkey")),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index("webhook_subscription_live_idx", "webhook_subscription", ["organisation_id"], postgresql_where=live)
    op.create_index(op.f("webhook_subscription_person_id_idx"), "webhook_subscription", ["person_id"])


def _deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("event_n", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'dead', 'dropped')", name=op.f("webhook_delivery_state_check")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("webhook_delivery_attempts_check")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["webhook_subscription.id"],
            name=op.f("webhook_delivery_subscription_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_n"], ["webhook_event.n"], name=op.f("webhook_delivery_event_n_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscription_id", "event_n", name=op.f("webhook_delivery_pkey")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("webhook_delivery_due_idx", "webhook_delivery", ["due_at"], postgresql_where=waiting)
    op.create_index(op.f("webhook_delivery_event_n_idx"), "webhook_delivery", ["event_n"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("event_n", sa.BigInteger(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("fault", sa.String(16), nullable=True),
        sa.CheckConstraint("num_nonnulls(status, fault) = 1", name=op.f("webhook_attempt_answer_check")),
        sa.ForeignKeyConstraint(
            ["subscription_id", "event_n"],
            ["webhook_delivery.subscription_id", "webhook_delivery.event_n"],
            name=op.f("webhook_attempt_subscription_id_event_n_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_attempt_pkey")),
    )
    op.create_index("webhook_attempt_of_idx", "webhook_attempt", ["subscription_id", "event_n"])


def downgrade() -> None:
    op.execute("DROP TRIGGER webhook_tell ON request_event")
    op.execute("DROP FUNCTION webhook_tell()")
    for table in ("webhook_attempt", "webhook_delivery", "webhook_event", "webhook_subscription"):
        op.drop_table(table)
