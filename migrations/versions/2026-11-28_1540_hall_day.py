"""The hall's day: closed for new tickets, halted in an emergency, and what waits were forecast."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "hall_day"
down_revision: str | None = "kiosk"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
COLUMNS: dict[str, sa.types.TypeEngine[object]] = {
    "closed_at": sa.DateTime(timezone=True),
    "closed_by": sa.Uuid(),
    "halted_at": sa.DateTime(timezone=True),
    "halted_by": sa.Uuid(),
    "halt_reason": sa.String(16),
    "halt_words": sa.String(200),
}
REASON = "(halted_at IS NULL) = (halt_reason IS NULL)"
REASONS = "halt_reason IN ('fire', 'medical', 'security', 'failure', 'weather', 'other')"


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("hall_day", sa.Column(name, kind, nullable=True))
    for name in ("closed_by", "halted_by"):
        op.create_foreign_key(op.f(f"hall_day_{name}_fkey"), "hall_day", "person", [name], ["id"])
    op.create_check_constraint(op.f("hall_day_reason_check"), "hall_day", f"{REASON} AND ({REASONS})")
    op.add_column("desk_session", sa.Column("halted", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    times = postgresql.ARRAY(sa.DateTime(timezone=True))
    op.add_column("desk_session", sa.Column("rests", times, server_default=sa.text("'{}'"), nullable=False))
    op.create_table(
        "forecast",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("p50_min", sa.REAL(), nullable=False),
        sa.Column("p90_min", sa.REAL(), nullable=False),
        sa.CheckConstraint("0 <= p50_min AND p50_min <= p90_min", name=op.f("forecast_order_check")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("forecast_pkey")),
    )
    op.create_index("forecast_station_id_made_at_idx", "forecast", ["station_id", "made_at"])
    op.create_index(op.f("desk_session_station_id_started_at_idx"), "desk_session", ["station_id", "started_at"])


def downgrade() -> None:
    op.drop_index(op.f("desk_session_station_id_started_at_idx"), "desk_session")
    op.drop_table("forecast")
    op.drop_column("desk_session", "rests")
    op.drop_column("desk_session", "halted")
    op.drop_constraint(op.f("hall_day_reason_check"), "hall_day")
    for name in COLUMNS:
        op.drop_column("hall_day", name)
