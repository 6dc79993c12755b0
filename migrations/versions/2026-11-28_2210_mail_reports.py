"""Reports by mail of any page with figures, also every day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "mail_reports"
down_revision: str | None = "coverage_plans"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEXES = ("person_id_idx", "next_on_idx")
KEYS = ("pkey", "person_id_fkey")


def upgrade() -> None:
    _rename("coverage_report", "mail_report")
    op.add_column("mail_report", sa.Column("view", sa.String(16), nullable=False, server_default="coverage"))
    op.alter_column("mail_report", "view", server_default=None)
    op.drop_constraint(op.f("coverage_report_every_check"), "mail_report")
    op.create_check_constraint(op.f("mail_report_every_check"), "mail_report", "every IN ('day', 'week', 'month')")


def downgrade() -> None:
    op.execute("DELETE FROM mail_report WHERE view <> 'coverage' OR every = 'day'")
    op.drop_constraint(op.f("mail_report_every_check"), "mail_report")
    op.create_check_constraint(op.f("coverage_report_every_check"), "mail_report", "every IN ('week', 'month')")
    op.drop_column("mail_report", "view")
    _rename("mail_report", "coverage_report")


def _rename(old: str, new: str) -> None:
    op.rename_table(old, new)
    for end in INDEXES:
        op.execute(f"ALTER INDEX {old}_{end} RENAME TO {new}_{end}")
    for end in KEYS:
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {old}_{end} TO {new}_{end}")
