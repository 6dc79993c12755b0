"""Plans for new stations, capabilities and desks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "coverage_plans"
down_revision: str | None = "performance"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
STATUSES = "status IN ('queued', 'running', 'done', 'failed', 'cancelled')"
OPEN = "status IN ('queued', 'running')"


def upgrade() -> None:
    op.create_table(
        "coverage_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("question", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("progress", sa.REAL(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("error", sa.String(32), nullable=True),
        sa.CheckConstraint(STATUSES, name=op.f("coverage_plan_status_check")),
        sa.CheckConstraint("(status = 'running') = (leased_by IS NOT NULL)", name=op.f("coverage_plan_leased_check")),
        sa.CheckConstraint("(status = 'done') = (result IS NOT NULL)", name=op.f("coverage_plan_result_check")),
        sa.CheckConstraint(f"({OPEN}) = (ended_at IS NULL)", name=op.f("coverage_plan_ended_check")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("coverage_plan_created_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("coverage_plan_pkey")),
    )
    op.create_index(op.f("coverage_plan_created_by_idx"), "coverage_plan", ["created_by"])
    op.create_index(op.f("coverage_plan_created_at_id_idx"), "coverage_plan", ["created_at", "id"])
    op.create_index("coverage_plan_open_idx", "coverage_plan", ["created_at"], postgresql_where=sa.text(OPEN))


def downgrade() -> None:
    op.drop_table("coverage_plan")
