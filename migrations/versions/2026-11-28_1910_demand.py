"""What was asked for and where, in numbers; registers of enterprises as points."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "demand"
down_revision: str | None = "coverage_reports"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _counts()
    _registers()


def _counts() -> None:
    op.create_table(
        "question_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("x", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("y", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("county_adcode", sa.String(6), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("question_count_n_check")),
        sa.PrimaryKeyConstraint("day", "service_id", "mode", "x", "y", "outcome", name=op.f("question_count_pkey")),
    )
    op.create_table(
        "search_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("search_count_n_check")),
        sa.PrimaryKeyConstraint("day", "found", name=op.f("search_count_pkey")),
    )


def _registers() -> None:
    op.create_table(
        "register",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("taken_at", AT, nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["register.id"], name=op.f("register_replaces_id_fkey"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("register_created_by_fkey")),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name=op.f("register_taken_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("register_pkey")),
    )
    op.create_index(op.f("register_replaces_id_idx"), "register", ["replaces_id"])
    op.create_index("register_looked_at_idx", "register", ["created_at"], postgresql_where=sa.text("taken_at IS NULL"))
    of_register = ["register_id"], ["register.id"]
    op.create_table(
        "register_point",
        sa.Column("register_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("county_adcode", sa.String(6), nullable=True),
        sa.Column("approximate", sa.Boolean(), nullable=False),
        sa.Column("industry", sa.String(40), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("line > 0", name=op.f("register_point_line_check")),
        sa.CheckConstraint("weight > 0", name=op.f("register_point_weight_check")),
        sa.ForeignKeyConstraint(*of_register, name=op.f("register_point_register_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("register_id", "line", name=op.f("register_point_pkey")),
    )
    op.create_table(
        "register_fault",
        sa.Column("register_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(16), nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(*of_register, name=op.f("register_fault_register_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("register_id", "n", name=op.f("register_fault_pkey")),
    )


def downgrade() -> None:
    for table in ("register_fault", "register_point", "register", "search_count", "question_count"):
        op.drop_table(table)
