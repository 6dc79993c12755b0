"""Things that are handed in, and their chains of custody."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "custody"
down_revision: str | None = "mail_reports"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
STANDINGS = "standing IN ('labelled', 'here', 'away', 'returned')"
ACTIONS = "action IN ('receive', 'move', 'note', 'send_on', 'take_in', 'return')"
ITEM = ["request_id", "station_id", "n"]


def upgrade() -> None:
    _things()
    _links()
    _photos()


def downgrade() -> None:
    for table in ("custody_photo", "custody_link", "thing"):
        op.drop_table(table)


def _things() -> None:
    op.create_table(
        "thing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("standing", sa.String(12), nullable=False),
        sa.Column("at_station_id", sa.Integer(), nullable=True),
        sa.Column("to_station_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(60), nullable=True),
        sa.Column("holder", sa.String(80), nullable=True),
        sa.Column("due_back", sa.Date(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("links", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("part > 0", name=op.f("thing_part_check")),
        sa.CheckConstraint(STANDINGS, name=op.f("thing_standing_check")),
        sa.CheckConstraint("(standing = 'here') = (at_station_id IS NOT NULL)", name=op.f("thing_at_station_check")),
        sa.CheckConstraint("to_station_id IS NULL OR standing = 'away'", name=op.f("thing_to_station_check")),
        sa.ForeignKeyConstraint(
            ITEM,
            [f"request_item.{name}" for name in ITEM],
            name=op.f("thing_request_id_station_id_n_fkey"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["at_station_id"], ["station.id"], name=op.f("thing_at_station_id_fkey")),
        sa.ForeignKeyConstraint(["to_station_id"], ["station.id"], name=op.f("thing_to_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("thing_pkey")),
        sa.UniqueConstraint("code", name=op.f("thing_code_key")),
        sa.UniqueConstraint("request_id", "n", "part", name=op.f("thing_request_id_n_part_key")),
    )
    here = sa.text("at_station_id IS NOT NULL")
    op.create_index("thing_here_idx", "thing", ["at_station_id", "since", "id"], postgresql_where=here)
    op.create_index("thing_station_idx", "thing", ["station_id", "standing", "since", "id"])
    on_the_way = sa.text("to_station_id IS NOT NULL")
    op.create_index("thing_on_the_way_idx", "thing", ["to_station_id"], postgresql_where=on_the_way)


def _links() -> None:
    op.create_table(
        "custody_link",
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("condition", sa.String(8), nullable=True),
        sa.Column("giver", sa.String(80), nullable=True),
        sa.Column("taker", sa.String(80), nullable=True),
        sa.Column("place", sa.String(60), nullable=True),
        sa.Column("words", sa.String(500), nullable=True),
        sa.Column("due_back", sa.Date(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("n > 0", name=op.f("custody_link_n_check")),
        sa.CheckConstraint(ACTIONS, name=op.f("custody_link_action_check")),
        sa.CheckConstraint("condition IN ('sound', 'marked')", name=op.f("custody_link_condition_check")),
        sa.ForeignKeyConstraint(["thing_id"], ["thing.id"], name=op.f("custody_link_thing_id_fkey")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("custody_link_station_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("custody_link_person_id_fkey")),
        sa.PrimaryKeyConstraint("thing_id", "n", name=op.f("custody_link_pkey")),
    )


def _photos() -> None:
    op.create_table(
        "custody_photo",
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("link_n", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("custody_photo_n_check")),
        sa.ForeignKeyConstraint(
            ["thing_id", "link_n"],
            ["custody_link.thing_id", "custody_link.n"],
            name=op.f("custody_photo_thing_id_link_n_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("custody_photo_file_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("thing_id", "link_n", "n", name=op.f("custody_photo_pkey")),
        sa.UniqueConstraint("file_id", name=op.f("custody_photo_file_id_key")),
    )
