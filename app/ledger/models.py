"""Instruments of organisations, what became of them, files that are taken in, and what is booked for them."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

TEXT_LENGTH = 200
IN_USE = text("retired_at IS NULL")


class Instrument(Model):
    """One instrument (or `quantity` that are alike) of an organisation. Columns are named as the answers of forms.

    `use_region_code` is a division's code of today, `delivery` the mode in which it is verified. `due_on` follows from
    the dates of the last certificate (rules.dues), `due_from` says how; `last_cert_version` is known of those that were
    issued here. `failed_on`: the last time it was examined it did not pass. `identity_key` and `words` are folded for
    comparing and searching. `version` counts the changes.
    """

    __tablename__ = "instrument"
    __table_args__ = (
        CheckConstraint(
            "use_purpose IN ('trade_settlement', 'safety_protection', 'medical', 'environment', 'other')", name="use"
        ),
        CheckConstraint("delivery IN ('station', 'onsite')", name="delivery"),
        CheckConstraint("due_from IN ('certificate', 'own_interval', 'service')", name="due_from"),
        CheckConstraint("(due_on IS NULL) = (due_from IS NULL)", name="due"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("interval_months > 0", name="interval"),
        Index(
            "instrument_identity_key",
            "organisation_id",
            "identity_key",
            unique=True,
            postgresql_where=text("retired_at IS NULL AND identity_key IS NOT NULL"),
        ),
        Index("instrument_due_idx", "organisation_id", "due_on", "id", postgresql_where=IN_USE),
        Index("instrument_name_idx", "organisation_id", "instrument_name", "id"),
        Index("instrument_added_idx", "organisation_id", "id"),
        Index("instrument_serial_idx", "organisation_id", "serial_key"),
        Index("instrument_all_due_idx", "due_on", postgresql_where=IN_USE),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    instrument_name: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    model_spec: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    measuring_range: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    accuracy_class: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    serial_no: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    manufacturer: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    install_location: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    use_region_code: Mapped[str | None] = mapped_column(String(6))
    quantity: Mapped[int]
    use_purpose: Mapped[str | None] = mapped_column(String(32))
    delivery: Mapped[str | None] = mapped_column(String(16))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    interval_months: Mapped[int | None] = mapped_column(SmallInteger)
    ecqs_record_no: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    last_cert_no: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    last_cert_version: Mapped[int | None] = mapped_column(SmallInteger)
    last_cert_date: Mapped[date | None]
    valid_until: Mapped[date | None]
    due_on: Mapped[date | None]
    due_from: Mapped[str | None] = mapped_column(String(16))
    failed_on: Mapped[date | None]
    serial_key: Mapped[str | None]
    identity_key: Mapped[str | None]
    words: Mapped[str]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retired_reason: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))


class InstrumentEvent(Model):
    """A step of an instrument's history; ids are in the order of time. `data` is made to a sentence by `words`."""

    __tablename__ = "instrument_event"
    __table_args__ = (Index("instrument_event_of_idx", "instrument_id", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    instrument_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("instrument.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    kind: Mapped[str] = mapped_column(String(16))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)


class InstrumentBooking(Model):
    """That an item of a request is about an instrument.

    The key follows the item wherever it goes: to another station, or into a request of its own. An instrument has one
    that is `open`; whether the item is over says the item, and whoever books anew closes the link first.
    """

    __tablename__ = "instrument_booking"
    __table_args__ = (
        ForeignKeyConstraint(
            ["request_id", "station_id", "n"],
            ["request_item.request_id", "request_item.station_id", "request_item.n"],
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        Index("instrument_booking_open_key", "instrument_id", unique=True, postgresql_where=text("open")),
        Index("instrument_booking_instrument_idx", "instrument_id"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    instrument_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("instrument.id", ondelete="CASCADE"))
    open: Mapped[bool] = mapped_column(server_default=text("true"))


class InstrumentImport(Model):
    """A file that was looked at and waits to be taken in. `columns` are the columns it has, `told` its numbers."""

    __tablename__ = "instrument_import"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    columns: Mapped[list[str]] = mapped_column(JSONB)
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)
    taken_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class InstrumentImportRow(Model):
    """A row of such a file by its number there: clean values, or every fault of it."""

    __tablename__ = "instrument_import_row"
    __table_args__ = (Index("instrument_import_row_bad_idx", "import_id", "line", postgresql_where=text("bad")),)

    import_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("instrument_import.id", ondelete="CASCADE"), primary_key=True
    )
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bad: Mapped[bool]
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class InstrumentReminder(Model):
    """That an organisation was told of an instrument's due date so many days before; written along with the mail."""

    __tablename__ = "instrument_reminder"

    instrument_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("instrument.id", ondelete="CASCADE"), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ReminderDay(Model):
    """The last day on which an organisation was reminded: whoever moves it on writes the mails."""

    __tablename__ = "instrument_reminder_day"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    day: Mapped[date]


class ReminderChoice(Model):
    """That a person doesn't want to be reminded of an organisation's due dates; who has no row is."""

    __tablename__ = "instrument_reminder_choice"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    stopped_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
