"""Results, the documents issued of them, and the states of a request's life that lead there."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "results"
down_revision: str | None = "ratings"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WAITED = "status IN ('returned', 'accepted', 'no_show')"
WAITS = "status IN ('returned', 'consent_asked', 'accepted', 'no_show')"
OPENED = "(status NOT IN ('done', 'archived', 'item_rejected', 'declined', 'cancelled') OR complaint = 'open')"
OPEN = (
    "(status NOT IN ('done', 'issued', 'delivered', 'archived', 'item_rejected', 'declined', 'cancelled') "
    "OR complaint = 'open')"
)
# Before, work was done or was not. What happened stays in the timeline, told as far as it could be told then.
BACK = """
UPDATE {table} SET status = CASE WHEN status IN ('issued', 'delivered') THEN 'done' ELSE 'in_progress' END
WHERE status IN ('consent_asked', 'subcontracted', 'result_entered', 'verified', 'issued', 'delivered', 'invalidated')
"""
BEFORE = """
UPDATE request_item SET before = 'in_progress'
WHERE before IN ('consent_asked', 'subcontracted', 'result_entered', 'verified', 'invalidated')
"""
EVENTS = """
UPDATE request_event SET kind = CASE kind WHEN 'issued' THEN 'finished' ELSE 'resumed' END
WHERE kind IN ('consent_asked', 'consented', 'consent_refused', 'result_entered', 'result_refused', 'verified',
    'issued', 'delivered', 'result_corrected', 'invalidated')
"""


def upgrade() -> None:
    _index(WAITS, OPEN)
    _results()
    op.create_table(
        "document_number",
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("document_number_station_id_fkey")),
        sa.PrimaryKeyConstraint("station_id", "year", name=op.f("document_number_pkey")),
    )
    _documents()


def _results() -> None:
    op.create_table(
        "result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("measured", postgresql.JSONB(), nullable=True),
        sa.Column("notes", postgresql.JSONB(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("corrects", sa.String(500), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_by", sa.Uuid(), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_because", sa.String(500), nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"result_{name}_check"))
            for name, rule in (
                ("kind", "kind IN ('verification', 'calibration', 'report')"),
                ("verdict", "(kind = 'verification') = (passed IS NOT NULL)"),
                ("valid_until", "valid_until >= done_on"),
                ("failed", "passed IS NOT FALSE OR valid_until IS NULL"),
                ("four_eyes", "verified_by <> entered_by"),
                ("verified", "(verified_by IS NULL) = (verified_at IS NULL)"),
                ("refused", "(refused_by IS NULL) = (refused_at IS NULL)"),
                ("decided_once", "verified_by IS NULL OR refused_by IS NULL"),
                ("found", "measured IS NOT NULL OR file_id IS NOT NULL"),
            )
        ),
        sa.ForeignKeyConstraint(
            ["request_id", "station_id"],
            ["request.id", "request.station_id"],
            name=op.f("result_request_id_station_id_fkey"),
            onupdate="CASCADE",
        ),
        *(
            sa.ForeignKeyConstraint([column], [key], name=op.f(f"result_{column}_fkey"))
            for column, key in (
                ("service_id", "service.id"),
                ("file_id", "stored_file.id"),
                ("entered_by", "person.id"),
                ("verified_by", "person.id"),
                ("refused_by", "person.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("result_pkey")),
        sa.UniqueConstraint("request_id", "n", "attempt", name=op.f("result_request_id_n_attempt_key")),
    )


def _documents() -> None:
    op.create_table(
        "issued_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(48), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.String(16), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_because", sa.String(500), nullable=True),
        sa.CheckConstraint("version > 0 AND place > 0", name=op.f("issued_document_counted_check")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("issued_document_withdrawn_check")
        ),
        sa.CheckConstraint("superseded_at IS NULL OR withdrawn_at IS NULL", name=op.f("issued_document_one_end_check")),
        *(
            sa.ForeignKeyConstraint([column], [key], name=op.f(f"issued_document_{column}_fkey"))
            for column, key in (
                ("station_id", "station.id"),
                ("result_id", "result.id"),
                ("replaces", "issued_document.id"),
                ("issued_by", "person.id"),
                ("withdrawn_by", "person.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("issued_document_pkey")),
        sa.UniqueConstraint("number", "version", name=op.f("issued_document_number_version_key")),
        sa.UniqueConstraint(
            "station_id", "year", "place", "version", name=op.f("issued_document_station_id_year_place_version_key")
        ),
        sa.UniqueConstraint("result_id", name=op.f("issued_document_result_id_key")),
    )
    op.create_index(
        "issued_document_in_force_key",
        "issued_document",
        ["request_id", "n"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_index("issued_document_request_idx", "issued_document", ["request_id", "n"])


def downgrade() -> None:
    for table in ("issued_document", "document_number", "result"):
        op.drop_table(table)
    op.execute(BEFORE)
    op.execute(EVENTS)
    for table in ("request", "request_item"):
        op.execute(BACK.format(table=table))
    _index(WAITED, OPENED)


def _index(waits: str, opened: str) -> None:
    op.drop_index("request_waits_idx", "request")
    op.drop_index("request_due_idx", "request")
    op.create_index("request_waits_idx", "request", ["organisation_id", "created_at"], postgresql_where=sa.text(waits))
    due = ["station_id", "due_at", "created_at", "id"]
    op.create_index("request_due_idx", "request", due, postgresql_where=sa.text(opened))
