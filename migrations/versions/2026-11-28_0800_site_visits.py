"""Visits at the applicant's site: the way there and back is taken too; where it is, and when somebody is there."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "site_visits"
down_revision: str | None = "outbox_schedule"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TRAVEL = "travel_before >= 0 AND travel_after >= 0 AND travel_before + travel_after < ticks"
VISIT: Sequence[tuple[str, type[sa.Integer], str]] = (
    ("visit_starts", sa.Integer, "starts + travel_before"),
    ("visit_ticks", sa.SmallInteger, "ticks - travel_before - travel_after"),
)


def upgrade() -> None:
    for name in ("travel_before", "travel_after"):
        op.add_column("reservation", sa.Column(name, sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint(op.f("reservation_travel_check"), "reservation", TRAVEL)
    for name, kind, computed in VISIT:
        column = sa.Column(name, kind(), sa.Computed(computed, persisted=True), nullable=False)
        op.add_column("reservation", column)
    op.add_column("request", sa.Column("site", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(op.f("request_site_check"), "request", "site IS NULL OR mode = 'onsite'")


def downgrade() -> None:
    op.drop_constraint(op.f("request_site_check"), "request")
    op.drop_column("request", "site")
    for name, _kind, _computed in VISIT:
        op.drop_column("reservation", name)
    op.drop_constraint(op.f("reservation_travel_check"), "reservation")
    for name in ("travel_after", "travel_before"):
        op.drop_column("reservation", name)
