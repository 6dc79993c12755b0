"""Devices that stand in halls, and the numbers that they have leased ahead."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

NAME_LENGTH = 60


class HallDevice(Model):
    """A kiosk of a station. The secret in its address is kept as SHA-256 only; `last_seen_at` is good to the minute.

    One without a secret stands for the station's counter, whose browsers lease numbers too: see hall.offline.
    """

    __tablename__ = "hall_device"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("hall_device_in_use_idx", "station_id", postgresql_where=text("revoked_at IS NULL")),
        Index("hall_device_counter_key", "station_id", unique=True, postgresql_where=text("token_hash IS NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_seen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class NumberLease(Model):
    """Numbers of a station's day that only one device gives out: see rules.handing_in.

    `holder` is the browser that does it: an address that is open in two gets a range for each. No number is in two
    leases, by the lock of the day's row and by an exclusion constraint.
    """

    __tablename__ = "number_lease"
    __table_args__ = (
        ForeignKeyConstraint(["station_id", "day"], ["hall_day.station_id", "hall_day.day"]),
        ExcludeConstraint(
            (text("station_id"), "="),
            (text("day"), "="),
            (text("int4range(first, last, '[]')"), "&&"),
            using="gist",
            name="number_lease_no_overlap",
        ),
        CheckConstraint("first > 0 AND last >= first", name="range"),
    )

    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("hall_device.id"), index=True)
    holder: Mapped[uuid.UUID]
    leased_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
