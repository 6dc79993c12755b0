"""Deadlines, returns, complaints and who did it: what a request's life needs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "request_life"
down_revision: str | None = "policy"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPEN = "(status NOT IN ('done', 'archived', 'item_rejected', 'declined', 'cancelled') OR complaint = 'open')"
# What was sent before has the network's two days for a first answer; `due_at` follows when the portal next looks.
CLOCKS = """
UPDATE request_item SET clock = jsonb_build_object('clock', 'first_answer', 'days', 2, 'source', 'network',
    'started', request.created_at, 'runs_from', request.created_at, 'counted', 0, 'fixed', NULL)
FROM request WHERE request.id = request_item.request_id AND request.station_id = request_item.station_id
    AND request_item.status = 'submitted'
"""


def upgrade() -> None:
    for table in ("request", "request_item"):
        op.add_column(table, sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        op.add_column(
            table, sa.Column("due_provisional", sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )
    op.add_column("request", sa.Column("complaint", sa.String(length=8), nullable=True))
    op.add_column("request", sa.Column("complaint_clock", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(op.f("request_complaint_check"), "request", "complaint IN ('open', 'closed')")
    op.add_column("request_item", sa.Column("before", sa.String(length=16), nullable=True))
    op.add_column("request_item", sa.Column("clock", postgresql.JSONB(), nullable=True))
    op.add_column("request_item", sa.Column("returns", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("request_item", sa.Column("faults", postgresql.JSONB(), nullable=True))
    op.add_column("request_event", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("request_event_person_id_fkey"), "request_event", "person", ["person_id"], ["id"])
    op.create_index(
        "request_due_idx",
        "request",
        ["station_id", "due_at", "created_at", "id"],
        postgresql_where=sa.text(OPEN),
    )
    op.execute(CLOCKS)


def downgrade() -> None:
    op.drop_index("request_due_idx", table_name="request")
    op.drop_column("request_event", "person_id")
    for column in ("faults", "returns", "clock", "before"):
        op.drop_column("request_item", column)
    for column in ("complaint_clock", "complaint"):
        op.drop_column("request", column)
    for table in ("request", "request_item"):
        op.drop_column(table, "due_provisional")
        op.drop_column(table, "due_at")
