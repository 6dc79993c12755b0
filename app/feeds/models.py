"""The addresses that were given out. What a feed shows is read from requests and reservations at every call."""

import uuid
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model


class CalendarFeed(Model):
    """A feed of a person: of this person's own appointments, or of all of a station.

    The secret in its address is kept as SHA-256 only. A person has one feed in use for each of both; `last_used_at` is
    good to the hour. Revoked rows stay for the person to see, until retention takes them.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        Index(
            "calendar_feed_in_use_key",
            "person_id",
            "station_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
