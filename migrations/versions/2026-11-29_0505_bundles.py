"""Bundles: packages that were begun, their steps, what was done with each, and the items that were booked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision: str = "bundles"
down_revision: str | None = "ledger"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _bundle()
    _step()
    _move()
    _item()


def _bundle() -> None:
    op.create_table(
        "bundle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("access_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("package", sa.String(32), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("town", sa.String(12), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("bundle_organisation_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("bundle_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("bundle_pkey")),
        sa.UniqueConstraint("reference", name=op.f("bundle_reference_key")),
    )
    for column in ("organisation_id", "person_id", "changed_at"):
        op.create_index(op.f(f"bundle_{column}_idx"), "bundle", [column])


def _step() -> None:
    op.create_table(
        "bundle_step",
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("comes_after", ARRAY(sa.String(32)), nullable=False),
        sa.Column("order", sa.String(8), nullable=False),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.CheckConstraint("\"order\" IN ('must', 'advised')", name=op.f("bundle_step_order_check")),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["bundle.id"], name=op.f("bundle_step_bundle_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("bundle_step_service_id_fkey")),
        sa.PrimaryKeyConstraint("bundle_id", "step", name=op.f("bundle_step_pkey")),
    )


def _move() -> None:
    op.create_table(
        "bundle_move",
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('booked', 'left_out', 'taken_up')", name=op.f("bundle_move_kind_check")),
        sa.CheckConstraint("n > 0", name=op.f("bundle_move_n_check")),
        sa.ForeignKeyConstraint(
            ["bundle_id", "step"],
            ["bundle_step.bundle_id", "bundle_step.step"],
            name=op.f("bundle_move_bundle_id_step_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("bundle_move_person_id_fkey")),
        sa.PrimaryKeyConstraint("bundle_id", "step", "n", name=op.f("bundle_move_pkey")),
    )
    op.create_index(op.f("bundle_move_person_id_idx"), "bundle_move", ["person_id"])


def _item() -> None:
    op.create_table(
        "bundle_item",
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_id", "step", "n"],
            ["bundle_move.bundle_id", "bundle_move.step", "bundle_move.n"],
            name=op.f("bundle_item_bundle_id_step_n_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["request_id", "station_id", "item"],
            ["request_item.request_id", "request_item.station_id", "request_item.n"],
            name=op.f("bundle_item_request_id_station_id_item_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bundle_id", "step", "n", "place", name=op.f("bundle_item_pkey")),
        sa.UniqueConstraint(
            "request_id", "station_id", "item", name=op.f("bundle_item_request_id_station_id_item_key")
        ),
    )


def downgrade() -> None:
    for name in ("bundle_item", "bundle_move", "bundle_step", "bundle"):
        op.drop_table(name)
