"""Kiosks: devices with a secret address, the numbers that are leased ahead, and steps that were taken offline."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "kiosk"
down_revision: str | None = "turn_mails"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _devices()
    _leases()
    _steps()


def _devices() -> None:
    op.create_table(
        "hall_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("hall_device_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("hall_device_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("hall_device_token_hash_key")),
    )
    op.create_index(
        "hall_device_in_use_idx", "hall_device", ["station_id"], postgresql_where=sa.text("revoked_at IS NULL")
    )
    op.create_index(
        "hall_device_counter_key",
        "hall_device",
        ["station_id"],
        unique=True,
        postgresql_where=sa.text("token_hash IS NULL"),
    )


def _leases() -> None:
    op.create_table(
        "number_lease",
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("leased_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("station_id"), "="),
            (sa.text("day"), "="),
            (sa.text("int4range(first, last, '[]')"), "&&"),
            using="gist",
            name="number_lease_no_overlap",
        ),
        sa.CheckConstraint("first > 0 AND last >= first", name=op.f("number_lease_range_check")),
        sa.ForeignKeyConstraint(["device_id"], ["hall_device.id"], name=op.f("number_lease_device_id_fkey")),
        sa.ForeignKeyConstraint(
            ["station_id", "day"],
            ["hall_day.station_id", "hall_day.day"],
            name=op.f("number_lease_station_id_day_fkey"),
        ),
        sa.PrimaryKeyConstraint("station_id", "day", "first", name=op.f("number_lease_pkey")),
    )
    op.create_index(op.f("number_lease_device_id_idx"), "number_lease", ["device_id"])


def _steps() -> None:
    op.create_table(
        "offline_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("offline_step_person_id_fkey")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("offline_step_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("offline_step_pkey")),
    )


def downgrade() -> None:
    for table in ("offline_step", "number_lease", "hall_device"):
        op.drop_table(table)
