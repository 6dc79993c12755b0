"""Calendar feeds, and an index that finds a station's cancelled appointments by their time."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "calendar_feeds"
down_revision: str | None = "conversation"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("calendar_feed_person_id_fkey")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("calendar_feed_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("calendar_feed_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("calendar_feed_token_hash_key")),
    )
    op.create_index(op.f("calendar_feed_person_id_idx"), "calendar_feed", ["person_id"])
    op.create_index(
        "calendar_feed_in_use_key",
        "calendar_feed",
        ["person_id", "station_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index(
        "reservation_cancelled_idx",
        "reservation",
        ["station_id", "starts"],
        postgresql_where=sa.text("NOT active AND kind = 'appointment'"),
    )


def downgrade() -> None:
    op.drop_index("reservation_cancelled_idx", "reservation")
    op.drop_table("calendar_feed")
