"""Performance: how satisfied people were, and the figures of days that are over."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "performance"
down_revision: str | None = "demand"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COUNTS = (
    "requests", "appointments", "walk_ins", "served", "no_shows", "judged", "late", "returns", "reroutes", "busy_s",
    "ratings", "rating_sum",
)  # fmt: skip
MINUTES = "wait_min", "service_min", "answer_min"
# Whatever is written today costs a comparison of two times; what is about a day before unsettles that day, waiting
# for whoever is just counting it. The argument says where the row tells its time. Who writes a whole past at once
# (onestop.past) unsettles its days by hand.
ROW_BY_ROW = "current_setting('onestop.past', true) IS DISTINCT FROM 'on'"
TODAY = "date_trunc('day', now(), 'Asia/Shanghai')"
LATE = """
CREATE FUNCTION performance_late() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told text := to_jsonb(NEW) ->> TG_ARGV[0];
    late date := CASE TG_ARGV[0]
        WHEN 'day' THEN told::date
        WHEN 'visit_starts' THEN (to_timestamp(told::int * 300.0) AT TIME ZONE 'Asia/Shanghai')::date
        ELSE (told::timestamptz AT TIME ZONE 'Asia/Shanghai')::date END;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(715006, late - date '2000-01-01');
    DELETE FROM performance_settled WHERE day = late;
    RETURN NULL;
END $$;
"""
TRIGGERS = {
    "request_event": ("INSERT", "at", f"NEW.at < {TODAY}"),
    "rating": ("INSERT", "at", f"NEW.at < {TODAY}"),
    "ticket": (
        "INSERT OR UPDATE OF kind, service_ids, issued_at, booked_at, called_at, moved_from",
        "day",
        "NEW.day < (now() AT TIME ZONE 'Asia/Shanghai')::date",
    ),
    "serving": (
        "INSERT OR UPDATE OF service_ids, started_at, ended_at, dropped",
        "ended_at",
        f"NEW.ended_at < {TODAY}",
    ),
    "reservation": (
        "INSERT OR UPDATE OF kind, active, service_ids, ticks",
        "visit_starts",
        f"NEW.kind = 'appointment' AND NEW.visit_starts < extract(epoch FROM {TODAY}) / 300",
    ),
}
# Working minutes are counted by the calendar.
CALENDAR = """
CREATE FUNCTION performance_calendar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM performance_settled WHERE day >= coalesce(NEW.day, OLD.day);
    RETURN NULL;
END $$;

CREATE TRIGGER performance_calendar AFTER INSERT OR DELETE ON calendar_day
    FOR EACH ROW EXECUTE FUNCTION performance_calendar();
CREATE TRIGGER performance_calendar_kind AFTER UPDATE ON calendar_day
    FOR EACH ROW WHEN (NEW.kind <> OLD.kind) EXECUTE FUNCTION performance_calendar();
"""


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "rating",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.String(500), nullable=True),
        sa.Column("at", time, nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("rating_level_check")),
        sa.ForeignKeyConstraint(
            ["request_id", "station_id"],
            ["request.id", "request.station_id"],
            name=op.f("rating_request_id_station_id_fkey"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("rating_pkey")),
    )
    op.create_index(op.f("rating_at_idx"), "rating", ["at"])
    op.create_index(
        "request_event_at_idx",
        "request_event",
        ["at"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    moved = sa.text("data ? 'old_station'")
    op.create_index("request_event_moved_idx", "request_event", ["request_id", "n"], postgresql_where=moved)
    _create_kept(time)
    op.execute(LATE)
    for table, (when, where, late) in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER performance_late AFTER {when} ON {table} "
            f"FOR EACH ROW WHEN ({late} AND {ROW_BY_ROW}) EXECUTE FUNCTION performance_late('{where}')"
        )
    op.execute(CALENDAR)


def _create_kept(time: sa.DateTime) -> None:
    op.create_table(
        "performance_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        *(sa.Column(name, postgresql.ARRAY(sa.Integer()), nullable=False) for name in MINUTES),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("performance_day_station_id_fkey")),
        sa.PrimaryKeyConstraint("day", "station_id", "service_id", name=op.f("performance_day_pkey")),
    )
    op.create_table(
        "performance_capacity",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("performance_capacity_station_id_fkey")),
        sa.PrimaryKeyConstraint("day", "station_id", name=op.f("performance_capacity_pkey")),
    )
    op.create_table(
        "performance_settled",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("settled_at", time, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("performance_settled_pkey")),
    )
    op.create_table(
        "performance_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("mended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("examples", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("performance_check_pkey")),
    )
    op.create_index(op.f("performance_check_at_idx"), "performance_check", ["at"])


def downgrade() -> None:
    op.execute("DROP TRIGGER performance_calendar_kind ON calendar_day")
    op.execute("DROP TRIGGER performance_calendar ON calendar_day")
    for table in TRIGGERS:
        op.execute(f"DROP TRIGGER performance_late ON {table}")
    op.execute("DROP FUNCTION performance_calendar()")
    op.execute("DROP FUNCTION performance_late()")
    for table in ("performance_check", "performance_settled", "performance_capacity", "performance_day"):
        op.drop_table(table)
    op.drop_index("request_event_moved_idx", "request_event")
    op.drop_index("request_event_at_idx", "request_event")
    op.drop_table("rating")
