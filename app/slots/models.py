"""The one thing that can run out: a desk's time. Every use of it is a row of this table, so no path goes around it."""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

DURING = "tstzrange(to_timestamp(starts * 300.0), to_timestamp((starts + ticks) * 300.0))"


class Reservation(Model):
    """A desk of a station, taken for some ticks of five minutes; `starts` counts ticks since the Unix epoch.

    Nobody is longer than a day at a desk, so a look at a time needs to look back one day and no further.

    Of a visit at the applicant's site the first `travel_before` and the last `travel_after` ticks are on the way; what
    people call the appointment is what lies between, `visit_starts` and `visit_ticks`. Whether a desk is free is always
    asked of the whole.

    `kind` is `hold` (until `expires_at`, after which it counts as free and is deleted by whoever wants the place),
    `appointment`, or `block`. Only `active` rows take their place; a cancelled appointment is kept, inactive. A hold
    belongs to a `client` and has one of its places 1..n in `client_place`, which a unique index makes impossible to
    exceed. `token_hash` is the SHA-256 of the secret that its holder was given,
    `hours_version` says by which hours of the station the place was found to fit.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        ForeignKeyConstraint(["station_id", "desk_id"], ["desk.station_id", "desk.id"]),
        ExcludeConstraint(
            (text("desk_id"), "="),
            (text("during"), "&&"),
            where=text("active"),
            using="gist",
            name="reservation_no_overlap",
        ),
        Index(
            "reservation_free_time_idx",
            "station_id",
            "starts",
            postgresql_include=["desk_id", "ticks", "expires_at"],
            postgresql_where=text("active"),
        ),
        Index(
            "reservation_cancelled_idx",
            "station_id",
            "starts",
            postgresql_where=text("NOT active AND kind = 'appointment'"),
        ),
        Index(
            "reservation_client_place_key",
            "client",
            "client_place",
            unique=True,
            postgresql_where=text("active AND kind = 'hold'"),
        ),
        CheckConstraint("ticks BETWEEN 1 AND 288", name="length"),
        CheckConstraint(
            "travel_before >= 0 AND travel_after >= 0 AND travel_before + travel_after < ticks", name="travel"
        ),
        CheckConstraint("kind IN ('hold', 'appointment', 'block')", name="kind"),
        CheckConstraint("(kind = 'hold') = (expires_at IS NOT NULL)", name="expiry"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[int]
    starts: Mapped[int]
    ticks: Mapped[int] = mapped_column(SmallInteger)
    travel_before: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    travel_after: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    visit_starts: Mapped[int] = mapped_column(Integer, Computed("starts + travel_before", persisted=True))
    visit_ticks: Mapped[int] = mapped_column(
        SmallInteger, Computed("ticks - travel_before - travel_after", persisted=True)
    )
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE, Computed(DURING, persisted=True))
    kind: Mapped[str] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    mode: Mapped[str] = mapped_column(String(16), server_default=text("'station'"))
    service_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    client: Mapped[str | None] = mapped_column(String(64))
    client_place: Mapped[int | None] = mapped_column(SmallInteger)
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    hours_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
