"""An enterprise's instruments, their history, files that are taken in, and what is booked for them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "ledger"
down_revision: str | None = "results"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
USES = "use_purpose IN ('trade_settlement', 'safety_protection', 'medical', 'environment', 'other')"
IN_USE = "retired_at IS NULL"
TEXT = 200


def upgrade() -> None:
    _instruments()
    _history()
    _bookings()
    _imports()
    _reminders()


def _instruments() -> None:
    texts = "model_spec", "measuring_range", "accuracy_class", "serial_no", "manufacturer", "install_location"
    op.create_table(
        "instrument",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("instrument_name", sa.String(TEXT), nullable=False),
        *(sa.Column(name, sa.String(TEXT), nullable=True) for name in texts),
        sa.Column("use_region_code", sa.String(6), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("use_purpose", sa.String(32), nullable=True),
        sa.Column("delivery", sa.String(16), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("interval_months", sa.SmallInteger(), nullable=True),
        sa.Column("ecqs_record_no", sa.String(TEXT), nullable=True),
        sa.Column("last_cert_no", sa.String(TEXT), nullable=True),
        sa.Column("last_cert_version", sa.SmallInteger(), nullable=True),
        sa.Column("last_cert_date", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_from", sa.String(16), nullable=True),
        sa.Column("failed_on", sa.Date(), nullable=True),
        sa.Column("serial_key", sa.String(), nullable=True),
        sa.Column("identity_key", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_reason", sa.String(TEXT), nullable=True),
        sa.CheckConstraint(USES, name=op.f("instrument_use_check")),
        sa.CheckConstraint("delivery IN ('station', 'onsite')", name=op.f("instrument_delivery_check")),
        sa.CheckConstraint(
            "due_from IN ('certificate', 'own_interval', 'service')", name=op.f("instrument_due_from_check")
        ),
        sa.CheckConstraint("(due_on IS NULL) = (due_from IS NULL)", name=op.f("instrument_due_check")),
        sa.CheckConstraint("quantity > 0", name=op.f("instrument_quantity_check")),
        sa.CheckConstraint("interval_months > 0", name=op.f("instrument_interval_check")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("instrument_organisation_id_fkey")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("instrument_service_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("instrument_pkey")),
    )
    op.create_index(
        "instrument_identity_key",
        "instrument",
        ["organisation_id", "identity_key"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL AND identity_key IS NOT NULL"),
    )
    columns = ["organisation_id", "due_on", "id"]
    op.create_index("instrument_due_idx", "instrument", columns, postgresql_where=sa.text(IN_USE))
    op.create_index("instrument_name_idx", "instrument", ["organisation_id", "instrument_name", "id"])
    op.create_index("instrument_added_idx", "instrument", ["organisation_id", "id"])
    op.create_index("instrument_serial_idx", "instrument", ["organisation_id", "serial_key"])
    op.create_index("instrument_all_due_idx", "instrument", ["due_on"], postgresql_where=sa.text(IN_USE))


def _history() -> None:
    op.create_table(
        "instrument_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instrument_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("data", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        _of_instrument("instrument_event"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("instrument_event_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("instrument_event_pkey")),
    )
    op.create_index("instrument_event_of_idx", "instrument_event", ["instrument_id", "id"])
    op.create_index(op.f("instrument_event_person_id_idx"), "instrument_event", ["person_id"])


def _of_instrument(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"{table}_instrument_id_fkey")
    return sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=name, ondelete="CASCADE")


def _bookings() -> None:
    op.create_table(
        "instrument_booking",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("instrument_id", sa.Uuid(), nullable=False),
        sa.Column("open", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        _of_instrument("instrument_booking"),
        sa.ForeignKeyConstraint(
            ["request_id", "station_id", "n"],
            ["request_item.request_id", "request_item.station_id", "request_item.n"],
            name=op.f("instrument_booking_request_id_station_id_n_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "station_id", "n", name=op.f("instrument_booking_pkey")),
    )
    op.create_index(
        "instrument_booking_open_key",
        "instrument_booking",
        ["instrument_id"],
        unique=True,
        postgresql_where=sa.text("open"),
    )
    op.create_index("instrument_booking_instrument_idx", "instrument_booking", ["instrument_id"])


def _imports() -> None:
    op.create_table(
        "instrument_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("instrument_import_organisation_id_fkey")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("instrument_import_created_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("instrument_import_pkey")),
    )
    for column in ("organisation_id", "created_by", "created_at"):
        op.create_index(op.f(f"instrument_import_{column}_idx"), "instrument_import", [column])
    op.create_table(
        "instrument_import_row",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Boolean(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("faults", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["instrument_import.id"],
            name=op.f("instrument_import_row_import_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("instrument_import_row_pkey")),
    )
    columns = ["import_id", "line"]
    op.create_index("instrument_import_row_bad_idx", "instrument_import_row", columns, postgresql_where=sa.text("bad"))


def _reminders() -> None:
    op.create_table(
        "instrument_reminder",
        sa.Column("instrument_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _of_instrument("instrument_reminder"),
        sa.PrimaryKeyConstraint("instrument_id", "due_on", "days", name=op.f("instrument_reminder_pkey")),
    )
    table = "instrument_reminder_day"
    op.create_table(
        table,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f(f"{table}_organisation_id_fkey")),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f(f"{table}_pkey")),
    )
    table = "instrument_reminder_choice"
    op.create_table(
        table,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f(f"{table}_organisation_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"{table}_person_id_fkey")),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name=op.f(f"{table}_pkey")),
    )
    op.create_index(op.f(f"{table}_person_id_idx"), table, ["person_id"])


def downgrade() -> None:
    tables = "reminder_choice", "reminder_day", "reminder", "import_row", "import", "booking", "event"
    for table in tables:
        op.drop_table(f"instrument_{table}")
    op.drop_table("instrument")
