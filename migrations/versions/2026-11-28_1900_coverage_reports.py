"""Questions about coverage whose figures go to somebody by mail."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "coverage_reports"
down_revision: str | None = "hall_day"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "coverage_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("every", sa.String(8), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("every IN ('week', 'month')", name=op.f("coverage_report_every_check")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("coverage_report_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("coverage_report_pkey")),
    )
    for column in ("person_id", "next_on"):
        op.create_index(op.f(f"coverage_report_{column}_idx"), "coverage_report", [column])


def downgrade() -> None:
    op.drop_table("coverage_report")
