"""How often a caller did a thing in a minute: a counter that all processes share, and that a crash may forget."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "rates"
down_revision: str | None = "requests"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "rate",
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("thing", sa.String(16), nullable=False),
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "thing", "minute", name=op.f("rate_pkey")),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("rate")
