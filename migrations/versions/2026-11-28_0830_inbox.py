"""Saved views of the inbox, what the station has not read yet, and the order of a history over many stations."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "inbox"
down_revision: str | None = "site_visits"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UNREAD = """
UPDATE conversation SET unread_n = written.n FROM (
    SELECT message.request_id, max(message.n) AS n FROM conversation_message message
    LEFT JOIN conversation_read seen ON seen.request_id = message.request_id AND seen.side = 'station'
    WHERE message.side = 'applicant' AND message.n > coalesce(seen.up_to, 0) GROUP BY message.request_id
) written WHERE written.request_id = conversation.request_id
"""
WAITS = "status IN ('returned', 'accepted', 'no_show')"


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("query", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (station_id IS NULL)", name=op.f("saved_view_whose_check")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("saved_view_person_id_fkey")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("saved_view_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("saved_view_pkey")),
    )
    for name, owner in (("saved_view_own_name_key", "person_id"), ("saved_view_station_name_key", "station_id")):
        own = sa.text(f"{owner} IS NOT NULL")
        op.create_index(name, "saved_view", [owner, sa.text("lower(name)")], unique=True, postgresql_where=own)
    op.create_table(
        "first_view",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("first_view_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_view.id"], name=op.f("first_view_view_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("first_view_pkey")),
    )
    op.create_index(op.f("first_view_view_id_idx"), "first_view", ["view_id"])
    op.add_column("conversation", sa.Column("unread_n", sa.Integer(), nullable=True))
    op.execute(UNREAD)
    unread = sa.text("unread_n IS NOT NULL")
    op.create_index("conversation_unread_idx", "conversation", ["station_id", "request_id"], postgresql_where=unread)
    op.create_index("request_created_idx", "request", ["created_at", "id"])
    op.create_index("request_waits_idx", "request", ["organisation_id", "created_at"], postgresql_where=sa.text(WAITS))


def downgrade() -> None:
    op.drop_index("request_waits_idx", "request")
    op.drop_index("request_created_idx", "request")
    op.drop_index("conversation_unread_idx", "conversation")
    op.drop_column("conversation", "unread_n")
    op.drop_table("first_view")
    op.drop_table("saved_view")
