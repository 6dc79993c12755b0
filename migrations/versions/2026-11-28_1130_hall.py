"""The hall: tickets of a station's day with their steps, what was done at which desk, and who sits there."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "hall"
down_revision: str | None = "split_requests"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _days()
    _desk_sessions()
    _tickets()
    _ticket_indexes()
    _servings()
    _events()


def _days() -> None:
    op.create_table(
        "contingent",
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("per_day >= 0", name=op.f("contingent_per_day_check")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("contingent_service_id_fkey")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("contingent_station_id_fkey")),
        sa.PrimaryKeyConstraint("station_id", "service_id", name=op.f("contingent_pkey")),
    )
    op.create_table(
        "hall_day",
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("hall_day_station_id_fkey")),
        sa.PrimaryKeyConstraint("station_id", "day", name=op.f("hall_day_pkey")),
    )


def _desk_sessions() -> None:
    op.create_table(
        "desk_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("skills", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("break_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("desk_session_length_check")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("desk_session_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["station_id", "desk_id"], ["desk.station_id", "desk.id"], name=op.f("desk_session_station_id_desk_id_fkey")
        ),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("desk_session_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("desk_session_pkey")),
    )
    op.create_index(
        "desk_session_desk_key",
        "desk_session",
        ["station_id", "desk_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "desk_session_person_key",
        "desk_session",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _tickets() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(1), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("priority", sa.String(16), nullable=False),
        sa.Column("priority_reason", sa.String(200), nullable=True),
        sa.Column("service_ids", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("open_ids", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("wants", sa.Integer(), nullable=False),
        sa.Column("first_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rank_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("moved_from", sa.Uuid(), nullable=True),
        sa.Column("desk_id", sa.Integer(), nullable=True),
        sa.Column("for_desk_id", sa.Integer(), nullable=True),
        sa.Column("calls", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("events", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("(state IN ('called', 'serving')) = (desk_id IS NOT NULL)", name=op.f("ticket_desk_check")),
        sa.CheckConstraint("kind IN ('appointment', 'walk_in')", name=op.f("ticket_kind_check")),
        sa.CheckConstraint("priority <> 'urgent' OR priority_reason IS NOT NULL", name=op.f("ticket_reason_check")),
        sa.CheckConstraint("priority IN ('none', 'elderly', 'disabled', 'urgent')", name=op.f("ticket_priority_check")),
        sa.CheckConstraint(
            "state IN ('waiting', 'called', 'serving', 'parked', 'done', 'no_show', 'left', 'moved')",
            name=op.f("ticket_state_check"),
        ),
        sa.CheckConstraint(
            "open_ids <@ service_ids AND cardinality(service_ids) > 0", name=op.f("ticket_services_check")
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "day"], ["hall_day.station_id", "hall_day.day"], name=op.f("ticket_station_id_day_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "desk_id"], ["desk.station_id", "desk.id"], name=op.f("ticket_station_id_desk_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "for_desk_id"], ["desk.station_id", "desk.id"], name="ticket_for_desk_fkey"
        ),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("ticket_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", "station_id", name=op.f("ticket_pkey")),
        sa.UniqueConstraint("station_id", "day", "number", name=op.f("ticket_station_id_day_number_key")),
    )


def _ticket_indexes() -> None:
    op.create_index(
        "ticket_at_desk_key",
        "ticket",
        ["station_id", "desk_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('called', 'serving')"),
    )
    op.create_index(
        "ticket_here_idx",
        "ticket",
        ["station_id", "day"],
        postgresql_where=sa.text("state IN ('waiting', 'called', 'serving', 'parked')"),
    )
    op.create_index(
        "ticket_queue_idx",
        "ticket",
        ["station_id", "day", "rank_at", "number"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ticket_request_idx", "ticket", ["request_id", "day"])
    moved = sa.text("moved_from IS NOT NULL")
    op.create_index("ticket_continued_idx", "ticket", ["moved_from"], postgresql_where=moved)


def _servings() -> None:
    op.create_table(
        "serving",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("service_ids", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("serving_length_check")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("serving_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["station_id", "desk_id"], ["desk.station_id", "desk.id"], name=op.f("serving_station_id_desk_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id", "station_id"],
            ["ticket.id", "ticket.station_id"],
            name=op.f("serving_ticket_id_station_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("ticket_id", "station_id", "n", name=op.f("serving_pkey")),
    )
    op.create_index(
        "serving_learnt_idx", "serving", ["station_id", "ended_at"], postgresql_where=sa.text("NOT dropped")
    )


def _events() -> None:
    op.create_table(
        "ticket_event",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("data", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("ticket_event_n_check")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("ticket_event_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["ticket_id", "station_id"],
            ["ticket.id", "ticket.station_id"],
            name=op.f("ticket_event_ticket_id_station_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("ticket_id", "station_id", "n", name=op.f("ticket_event_pkey")),
    )


def downgrade() -> None:
    for table in ("ticket_event", "serving", "ticket", "desk_session", "hall_day", "contingent"):
        op.drop_table(table)
