"""Mails that are scheduled, may be withdrawn or become too late, belong to a station; a lease of its own a claim."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "outbox_schedule"
down_revision: str | None = "calendar_feeds"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BEFORE = "sent_at IS NULL AND dead_at IS NULL"
PENDING = f"{BEFORE} AND withdrawn_at IS NULL"
DUE, ABOUT, DEAD = "message_next_attempt_at_idx", "message_about_idx", "message_dead_at_idx"


def upgrade() -> None:
    op.add_column("message", sa.Column("channel", sa.String(16), server_default=sa.text("'mail'"), nullable=False))
    op.add_column("message", sa.Column("about", sa.String(64), nullable=True))
    op.add_column("message", sa.Column("station_id", sa.Integer(), nullable=True))
    op.add_column("message", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("lease", sa.Uuid(), nullable=True))
    _checks(
        "num_nonnulls(sent_at, dead_at, withdrawn_at) <= 1",
        "(body IS NULL) = (sent_at IS NOT NULL OR withdrawn_at IS NOT NULL)",
    )
    _due(PENDING)
    unsent = sa.text("sent_at IS NULL AND withdrawn_at IS NULL")
    op.create_index(op.f(ABOUT), "message", ["about"], postgresql_where=unsent)
    op.create_index(op.f(DEAD), "message", ["dead_at"], postgresql_where=sa.text("dead_at IS NOT NULL"))
    op.create_index("message_created_idx", "message", ["created_at", "id"])


def downgrade() -> None:
    """Withdrawn mails can't be told from waiting ones without their column, so they go."""
    op.execute("DELETE FROM message WHERE withdrawn_at IS NOT NULL")
    op.drop_index("message_created_idx", "message")
    op.drop_index(op.f(DEAD), "message")
    op.drop_index(op.f(ABOUT), "message")
    _due(BEFORE)
    _checks("sent_at IS NULL OR dead_at IS NULL", "(body IS NULL) = (sent_at IS NOT NULL)")
    for column in ("lease", "withdrawn_at", "expires_at", "station_id", "about", "channel"):
        op.drop_column("message", column)


def _checks(one_end: str, wiped: str) -> None:
    for name, condition in (("message_one_end_check", one_end), ("message_wiped_check", wiped)):
        op.drop_constraint(op.f(name), "message")
        op.create_check_constraint(op.f(name), "message", condition)


def _due(pending: str) -> None:
    op.drop_index(op.f(DUE), "message")
    op.create_index(op.f(DUE), "message", ["next_attempt_at"], postgresql_where=sa.text(pending))
