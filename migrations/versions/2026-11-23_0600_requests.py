"""Requests with their items and timeline, kept answers for repeated submissions, drafts of the wizard."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "requests"
down_revision: str | None = "network_and_slots"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "booking_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("booking_draft_pkey")),
    )
    op.create_index(op.f("booking_draft_expires_at_idx"), "booking_draft", ["expires_at"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("idempotency_pkey")),
    )
    op.create_index(op.f("idempotency_created_at_idx"), "idempotency", ["created_at"], unique=False)
    op.create_table(
        "request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("access_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("use", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("organisation_name", sa.String(length=120), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("mobile", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("given_lon", sa.Double(), nullable=True),
        sa.Column("given_lat", sa.Double(), nullable=True),
        sa.Column("crs", sa.String(length=8), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("consent_version", sa.String(length=16), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calendar_sequence", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("crs IN ('wgs84', 'gcj02', 'bd09')", name=op.f("request_crs_check")),
        sa.CheckConstraint(
            "use IN ('trade_settlement', 'safety_protection', 'medical', 'environment', 'other')",
            name=op.f("request_use_check"),
        ),
        sa.CheckConstraint(
            "(lon IS NULL) = (crs IS NULL) AND (lat IS NULL) = (crs IS NULL)", name=op.f("request_origin_check")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id", "station_id"],
            ["reservation.id", "reservation.station_id"],
            name=op.f("request_reservation_id_station_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", "station_id", name=op.f("request_pkey")),
        sa.UniqueConstraint("reference", name=op.f("request_reference_key")),
        sa.UniqueConstraint("reservation_id", name=op.f("request_reservation_id_key")),
    )
    op.create_table(
        "request_event",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("request_event_n_check")),
        sa.ForeignKeyConstraint(
            ["request_id", "station_id"],
            ["request.id", "request.station_id"],
            name=op.f("request_event_request_id_station_id_fkey"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "station_id", "n", name=op.f("request_event_pkey")),
    )
    op.create_table(
        "request_item",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("request_item_n_check")),
        sa.ForeignKeyConstraint(
            ["request_id", "station_id"],
            ["request.id", "request.station_id"],
            name=op.f("request_item_request_id_station_id_fkey"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("request_item_service_id_fkey")),
        sa.PrimaryKeyConstraint("request_id", "station_id", "n", name=op.f("request_item_pkey")),
    )


def downgrade() -> None:
    op.drop_table("request_item")
    op.drop_table("request_event")
    op.drop_table("request")
    op.drop_index(op.f("idempotency_created_at_idx"), table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_index(op.f("booking_draft_expires_at_idx"), table_name="booking_draft")
    op.drop_table("booking_draft")
