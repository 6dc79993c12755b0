"""Webhooks that tell a group chat's robot in plain words."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "group_robots"
down_revision: str | None = "webhooks"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLE = "webhook_subscription"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("via", sa.String(8), server_default=sa.text("'webhook'"), nullable=False))
    op.add_column(TABLE, sa.Column("language", sa.String(8), nullable=True))
    op.add_column(TABLE, sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True))
    vias = "via IN ('webhook', 'wecom', 'dingtalk', 'feishu', 'lark')"
    op.create_check_constraint(op.f("webhook_subscription_via_check"), TABLE, vias)
    languages = "(via = 'webhook') = (language IS NULL)"
    op.create_check_constraint(op.f("webhook_subscription_language_check"), TABLE, languages)


def downgrade() -> None:
    """Without the columns a robot can't be told from a system that takes events: they go."""
    op.execute("DELETE FROM webhook_subscription WHERE via <> 'webhook'")
    for column in ("rests_until", "language", "via"):
        op.drop_column(TABLE, column)
