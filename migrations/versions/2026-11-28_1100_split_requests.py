"""Which request an item of another one became when it was passed on alone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "split_requests"
down_revision: str | None = "inbox"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("request", sa.Column("split_from", sa.String(16), nullable=True))
    op.create_foreign_key(op.f("request_split_from_fkey"), "request", "request", ["split_from"], ["reference"])
    split = sa.text("split_from IS NOT NULL")
    op.create_index(op.f("request_split_from_idx"), "request", ["split_from"], postgresql_where=split)


def downgrade() -> None:
    op.drop_column("request", "split_from")
