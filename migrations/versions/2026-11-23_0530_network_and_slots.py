"""The network, the catalogue, the working calendar, and the one table of reservations.

Two rules live in triggers, so that no path goes around them:

- every booking takes its station's advisory lock shared and looks for closures; entering a closure, or closing a desk
  or a station, takes it exclusively. In READ COMMITTED each query of a volatile function sees what was committed when
  it began, thus after the lock was granted: neither can miss the other;
- every change to the network raises `network_state.version`, by which snapshots in memory know that they are old.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "network_and_slots"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


NETWORK_TABLES = (
    "category", "subcategory", "service", "division", "division_alias", "town", "station", "desk", "capability",
    "opening_hours", "closure", "calendar_year", "calendar_day",
)  # fmt: skip

# 715001 is the first key of the advisory locks of stations; the second is the station.
GUARD = """
CREATE FUNCTION reservation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(715001, NEW.station_id);
    IF EXISTS (
        SELECT FROM closure c
        WHERE c.station_id = NEW.station_id AND (c.desk_id IS NULL OR c.desk_id = NEW.desk_id)
          AND c.starts < to_timestamp((NEW.starts + NEW.ticks) * 300.0) AND c.ends > to_timestamp(NEW.starts * 300.0)
    ) THEN
        RAISE EXCEPTION 'closed at that time'
            USING ERRCODE = 'check_violation', TABLE = 'reservation', CONSTRAINT = 'reservation_not_closed';
    END IF;
    IF NOT EXISTS (
        SELECT FROM desk d JOIN station s ON s.id = d.station_id WHERE d.id = NEW.desk_id AND d.active AND s.active
    ) THEN
        RAISE EXCEPTION 'desk or station not in use'
            USING ERRCODE = 'check_violation', TABLE = 'reservation', CONSTRAINT = 'reservation_desk_in_use';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reservation_guard BEFORE INSERT OR UPDATE OF starts, ticks, desk_id, kind, active ON reservation
    FOR EACH ROW WHEN (NEW.active AND NEW.kind <> 'block') EXECUTE FUNCTION reservation_guard();

CREATE FUNCTION closing_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(715001, CASE TG_TABLE_NAME
        WHEN 'station' THEN (to_jsonb(NEW)->>'id')::int ELSE (to_jsonb(NEW)->>'station_id')::int END);
    RETURN NEW;
END $$;

CREATE TRIGGER closing_lock BEFORE INSERT OR UPDATE ON closure FOR EACH ROW EXECUTE FUNCTION closing_lock();
CREATE TRIGGER closing_lock BEFORE UPDATE OF active ON desk FOR EACH ROW
    WHEN (OLD.active AND NOT NEW.active) EXECUTE FUNCTION closing_lock();
CREATE TRIGGER closing_lock BEFORE UPDATE OF active ON station FOR EACH ROW
    WHEN (OLD.active AND NOT NEW.active) EXECUTE FUNCTION closing_lock();

CREATE FUNCTION network_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE network_state SET version = version + 1;
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("workday_count", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("calendar_year_pkey")),
    )
    op.create_table(
        "category",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("has_subcategories", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("category_pkey")),
    )
    op.create_table(
        "division",
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("geometry", sa.JSON(), nullable=True),
        sa.Column("label_lon", sa.Double(), nullable=True),
        sa.Column("label_lat", sa.Double(), nullable=True),
        sa.Column("area_km2", sa.Numeric(precision=10, scale=1), nullable=True),
        sa.Column("population_2020", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("adcode", name=op.f("division_pkey")),
    )
    op.create_table(
        "network_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("documents", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("network_state_single_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("network_state_pkey")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=True),
        sa.Column("name_en", sa.String(), nullable=True),
        sa.CheckConstraint("kind IN ('holiday', 'makeup')", name=op.f("calendar_day_kind_check")),
        sa.ForeignKeyConstraint(["year"], ["calendar_year.year"], name=op.f("calendar_day_year_fkey")),
        sa.PrimaryKeyConstraint("day", name=op.f("calendar_day_pkey")),
    )
    op.create_table(
        "division_alias",
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("now", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(["now"], ["division.adcode"], name=op.f("division_alias_now_fkey")),
        sa.PrimaryKeyConstraint("adcode", name=op.f("division_alias_pkey")),
    )
    op.create_table(
        "service",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category_code", sa.String(length=32), nullable=False),
        sa.Column("subcategory_code", sa.String(length=32), nullable=True),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("keywords_zh", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("modes", postgresql.ARRAY(sa.String(length=16)), nullable=False),
        sa.Column("duration_min", sa.Integer(), nullable=False),
        sa.Column("deliverable_zh", sa.String(), nullable=False),
        sa.Column("deliverable_en", sa.String(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("validity_months", sa.Integer(), nullable=True),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("designation_required", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("confidence", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("notes", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("cardinality(modes) > 0", name=op.f("service_modes_check")),
        sa.CheckConstraint("duration_min > 0 AND mod(duration_min, 5) = 0", name=op.f("service_duration_check")),
        sa.ForeignKeyConstraint(["category_code"], ["category.code"], name=op.f("service_category_code_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("service_pkey")),
        sa.UniqueConstraint("code", name=op.f("service_code_key")),
    )
    op.create_table(
        "station",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("county_adcode", sa.String(length=6), nullable=False),
        sa.Column("division_code", sa.String(length=6), nullable=False),
        sa.Column("town_code", sa.String(length=12), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("coord_class", sa.String(length=32), nullable=False),
        sa.Column("coord_precision", sa.String(), nullable=False),
        sa.Column("address_zh", sa.String(), nullable=False),
        sa.Column("model", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("key_industry", sa.String(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("provenance", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name=op.f("station_point_check")),
        sa.ForeignKeyConstraint(["county_adcode"], ["division.adcode"], name=op.f("station_county_adcode_fkey")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["station.id"], name=op.f("station_parent_id_fkey"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("station_pkey")),
        sa.UniqueConstraint("code", name=op.f("station_code_key")),
    )
    op.create_index(op.f("station_county_adcode_idx"), "station", ["county_adcode"], unique=False)
    op.create_table(
        "subcategory",
        sa.Column("category_code", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["category_code"], ["category.code"], name=op.f("subcategory_category_code_fkey")),
        sa.PrimaryKeyConstraint("category_code", "code", name=op.f("subcategory_pkey")),
    )
    op.create_table(
        "town",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("county_adcode", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("unit_type", sa.String(length=32), nullable=False),
        sa.Column("nbs_division", sa.String(length=6), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("coord_class", sa.String(length=32), nullable=False),
        sa.Column("precision", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["county_adcode"], ["division.adcode"], name=op.f("town_county_adcode_fkey")),
        sa.PrimaryKeyConstraint("code", name=op.f("town_pkey")),
    )
    op.create_index(op.f("town_county_adcode_idx"), "town", ["county_adcode"], unique=False)
    op.create_table(
        "capability",
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("modes", postgresql.ARRAY(sa.String(length=16)), nullable=False),
        sa.Column("designated", sa.Boolean(), nullable=False),
        sa.Column("marks", postgresql.ARRAY(sa.String(length=16)), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("capability_service_id_fkey")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("capability_station_id_fkey")),
        sa.PrimaryKeyConstraint("station_id", "service_id", name=op.f("capability_pkey")),
    )
    op.create_index(op.f("capability_service_id_idx"), "capability", ["service_id"], unique=False)
    op.create_table(
        "desk",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("categories", postgresql.ARRAY(sa.String(length=32)), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("channel IN ('public', 'internal')", name=op.f("desk_channel_check")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("desk_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("desk_pkey")),
        sa.UniqueConstraint("station_id", "code", name=op.f("desk_station_id_code_key")),
        sa.UniqueConstraint("station_id", "id", name=op.f("desk_station_id_id_key")),
    )
    op.create_table(
        "opening_hours",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("iso_weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("iso_weekday BETWEEN 1 AND 7", name=op.f("opening_hours_weekday_check")),
        sa.CheckConstraint("opens < closes", name=op.f("opening_hours_window_check")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("opening_hours_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("opening_hours_pkey")),
    )
    op.create_index(op.f("opening_hours_station_id_idx"), "opening_hours", ["station_id"], unique=False)
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=True),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason_zh", sa.String(), nullable=False),
        sa.Column("reason_en", sa.String(), nullable=False),
        sa.CheckConstraint("starts < ends", name=op.f("closure_window_check")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("closure_desk_id_fkey")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("closure_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("closure_pkey")),
    )
    op.create_index(op.f("closure_station_id_starts_idx"), "closure", ["station_id", "starts"], unique=False)
    op.create_table(
        "reservation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ticks", sa.SmallInteger(), nullable=False),
        sa.Column(
            "during",
            postgresql.TSTZRANGE(),
            sa.Computed(
                "tstzrange(to_timestamp(starts * 300.0), to_timestamp((starts + ticks) * 300.0))", persisted=True
            ),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("mode", sa.String(length=16), server_default=sa.text("'station'"), nullable=False),
        sa.Column("service_ids", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=True),
        sa.Column("client_place", sa.SmallInteger(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("desk_id"), "="),
            (sa.text("during"), "&&"),
            where=sa.text("active"),
            using="gist",
            name="reservation_no_overlap",
        ),
        sa.CheckConstraint("(kind = 'hold') = (expires_at IS NOT NULL)", name=op.f("reservation_expiry_check")),
        sa.CheckConstraint("kind IN ('hold', 'appointment', 'block')", name=op.f("reservation_kind_check")),
        sa.CheckConstraint("ticks BETWEEN 1 AND 288", name=op.f("reservation_length_check")),
        sa.ForeignKeyConstraint(
            ["station_id", "desk_id"], ["desk.station_id", "desk.id"], name=op.f("reservation_station_id_desk_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", "station_id", name=op.f("reservation_pkey")),
    )
    op.create_index(
        "reservation_client_place_key",
        "reservation",
        ["client", "client_place"],
        unique=True,
        postgresql_where=sa.text("active AND kind = 'hold'"),
    )
    op.create_index(
        "reservation_free_time_idx",
        "reservation",
        ["station_id", "starts"],
        unique=False,
        postgresql_include=["desk_id", "ticks", "expires_at"],
        postgresql_where=sa.text("active"),
    )
    op.execute("INSERT INTO network_state (id, version) VALUES (1, 1)")
    op.execute(GUARD)
    for table in NETWORK_TABLES:
        op.execute(
            f"CREATE TRIGGER network_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION network_changed()"
        )


def downgrade() -> None:
    op.drop_index(
        "reservation_free_time_idx",
        table_name="reservation",
        postgresql_include=["desk_id", "ticks", "expires_at"],
        postgresql_where=sa.text("active"),
    )
    op.drop_index(
        "reservation_client_place_key", table_name="reservation", postgresql_where=sa.text("active AND kind = 'hold'")
    )
    op.drop_table("reservation")
    op.drop_index(op.f("closure_station_id_starts_idx"), table_name="closure")
    op.drop_table("closure")
    op.drop_index(op.f("opening_hours_station_id_idx"), table_name="opening_hours")
    op.drop_table("opening_hours")
    op.drop_table("desk")
    op.drop_index(op.f("capability_service_id_idx"), table_name="capability")
    op.drop_table("capability")
    op.drop_index(op.f("town_county_adcode_idx"), table_name="town")
    op.drop_table("town")
    op.drop_table("subcategory")
    op.drop_index(op.f("station_county_adcode_idx"), table_name="station")
    op.drop_table("station")
    op.drop_table("service")
    op.drop_table("division_alias")
    op.drop_table("calendar_day")
    op.drop_table("network_state")
    op.drop_table("division")
    op.drop_table("category")
    op.drop_table("calendar_year")
    for function in ("reservation_guard", "closing_lock", "network_changed"):
        op.execute(f"DROP FUNCTION {function}")
