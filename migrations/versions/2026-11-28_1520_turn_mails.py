"""Where somebody with a ticket wants to read that it is soon their turn; and steps found by their age."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "turn_mails"
down_revision: str | None = "closing"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "turn_mail",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("turn_mail_pkey")),
    )
    op.create_index("ticket_event_at_idx", "ticket_event", ["at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ticket_event_at_idx", table_name="ticket_event")
    op.drop_table("turn_mail")
