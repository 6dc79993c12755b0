"""What applicant and station write to each other about a request."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "conversation"
down_revision: str | None = "request_life"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SIDES = "side IN ('applicant', 'station')"


def upgrade() -> None:
    _conversation()
    _message()
    _file()
    _read()


def downgrade() -> None:
    for table in ("conversation_read", "conversation_file", "conversation_message", "conversation"):
        op.drop_table(table)


def _of_request(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["request_id", "station_id"],
        ["request.id", "request.station_id"],
        name=op.f(f"{table}_request_id_station_id_fkey"),
        onupdate="CASCADE",
    )


def _conversation() -> None:
    op.create_table(
        "conversation",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_n", sa.Integer(), nullable=False),
        sa.Column("applicant_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applicant_told_n", sa.Integer(), nullable=True),
        sa.Column("station_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("station_told_n", sa.Integer(), nullable=True),
        sa.CheckConstraint("last_n > 0", name=op.f("conversation_last_n_check")),
        _of_request("conversation"),
        sa.PrimaryKeyConstraint("request_id", "station_id", name=op.f("conversation_pkey")),
    )


def _message() -> None:
    op.create_table(
        "conversation_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("inside", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("conversation_message_n_check")),
        sa.CheckConstraint(SIDES, name=op.f("conversation_message_side_check")),
        sa.CheckConstraint("NOT inside OR side = 'station'", name=op.f("conversation_message_inside_check")),
        _of_request("conversation_message"),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("conversation_message_author_id_fkey")),
        sa.PrimaryKeyConstraint("id", "station_id", name=op.f("conversation_message_pkey")),
        sa.UniqueConstraint(
            "request_id", "station_id", "n", name=op.f("conversation_message_request_id_station_id_n_key")
        ),
    )
    op.create_index(op.f("conversation_message_author_id_idx"), "conversation_message", ["author_id"])


def _file() -> None:
    op.create_table(
        "conversation_file",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("conversation_file_n_check")),
        sa.ForeignKeyConstraint(
            ["message_id", "station_id"],
            ["conversation_message.id", "conversation_message.station_id"],
            name=op.f("conversation_file_message_id_station_id_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("conversation_file_file_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "station_id", "n", name=op.f("conversation_file_pkey")),
        sa.UniqueConstraint("file_id", name=op.f("conversation_file_file_id_key")),
    )


def _read() -> None:
    op.create_table(
        "conversation_read",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(SIDES, name=op.f("conversation_read_side_check")),
        _of_request("conversation_read"),
        sa.PrimaryKeyConstraint("request_id", "station_id", "side", name=op.f("conversation_read_pkey")),
    )
