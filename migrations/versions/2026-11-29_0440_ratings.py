"""Indicators of a rating; calls back, and answers to bad ones."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "ratings"
down_revision: str | None = "custody"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
REQUEST = ["request_id", "station_id"], ["request.id", "request.station_id"]


def upgrade() -> None:
    op.add_column("rating", sa.Column("indicators", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.create_table(
        "rating_call",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(500), nullable=True),
        sa.CheckConstraint("n > 0", name=op.f("rating_call_n_check")),
        sa.ForeignKeyConstraint(*REQUEST, name=op.f("rating_call_request_id_station_id_fkey"), onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("rating_call_person_id_fkey")),
        sa.PrimaryKeyConstraint("request_id", "n", name=op.f("rating_call_pkey")),
    )
    op.create_table(
        "rating_answer",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.String(500), nullable=True),
        sa.ForeignKeyConstraint(*REQUEST, name=op.f("rating_answer_request_id_station_id_fkey"), onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("rating_answer_person_id_fkey")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("rating_answer_pkey")),
    )
    op.create_index("rating_bad_idx", "rating", ["station_id", "at"], postgresql_where=sa.text("level <= 2"))


def downgrade() -> None:
    op.drop_index("rating_bad_idx", "rating")
    op.drop_table("rating_answer")
    op.drop_table("rating_call")
    op.drop_column("rating", "indicators")
