"""Mails that wait to be delivered, and what is known of uploaded files."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "outbox_and_files"
down_revision: str | None = "audit"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _messages()
    _files()


def downgrade() -> None:
    op.drop_table("stored_file")
    op.drop_table("message")


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("message_pkey")),
        sa.UniqueConstraint("key", name=op.f("message_key_key")),
        sa.CheckConstraint("sent_at IS NULL OR dead_at IS NULL", name=op.f("message_one_end_check")),
        sa.CheckConstraint("(body IS NULL) = (sent_at IS NOT NULL)", name=op.f("message_wiped_check")),
        sa.CheckConstraint("attempts >= 0", name=op.f("message_attempts_check")),
    )
    op.create_index(
        op.f("message_next_attempt_at_idx"),
        "message",
        ["next_attempt_at"],
        postgresql_where=sa.text("sent_at IS NULL AND dead_at IS NULL"),
    )


def _files() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("owner_kind", sa.String(24), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("stored_file_pkey")),
        sa.CheckConstraint("size > 0", name=op.f("stored_file_size_check")),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("stored_file_sha256_check")),
    )
    op.create_index(op.f("stored_file_owner_kind_owner_id_idx"), "stored_file", ["owner_kind", "owner_id"])
