"""A request with its items and timeline, the answers kept for repeated submissions, and drafts of the wizard."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

OF_REQUEST = ("request.id", "request.station_id")
ORGANISATION_LENGTH = 120
NAME_LENGTH = 60
ADDRESS_LENGTH = 200
PHONE_LENGTH = 32
EMAIL_LENGTH = 254
NOTE_LENGTH = 1000
OPEN = text(
    "(status NOT IN ('done', 'issued', 'delivered', 'archived', 'item_rejected', 'declined', 'cancelled') "
    "OR complaint = 'open')"
)
"""What somebody still has to do something about; said just like this, the index of the inbox answers it."""
WAITS = text("status IN ('returned', 'consent_asked', 'accepted', 'no_show')")
"""What the applicant has to do something about; said just like this, an index answers it."""
MOVED = text("data ? 'old_station'")
"""The step says at which station the request was until then."""
REASON_LENGTH = 500


class Request(Model):
    """What one organisation asks of one station, with the desk's time that is taken for it.

    The station is part of the key; it changes with the reservation when the request moves to another station, and
    items and timeline follow by cascade. `lon` and `lat` are WGS-84, `given_*` what was given in the system `crs`.
    The access code isn't stored: it is derived from the id, `access_hash` (HMAC-SHA-256) proves it. `status` rolls up
    the items (rules.roll_up). `calendar_sequence` counts the changes of the appointment, as RFC 5545 wants it.

    `organisation_id` is the enterprise account whose people may see it, `person_id` who sent or claimed it; neither is
    there when it was asked for without an account. `site` is where a visit on site is and when somebody is there, as
    `sites.Site` writes it. At `anonymised_at` what names a person was taken out of it.

    `due_at` is the first of what its items, and a complaint, are due by: derived from their clocks and the calendar,
    and made anew when these change. `complaint` is open or closed, if there ever was one. `split_from` is the request
    that its items were passed on from, alone.
    """

    __tablename__ = "request"
    __table_args__ = (
        ForeignKeyConstraint(["reservation_id", "station_id"], ["reservation.id", "reservation.station_id"]),
        UniqueConstraint("reference"),
        UniqueConstraint("reservation_id"),
        CheckConstraint("(lon IS NULL) = (crs IS NULL) AND (lat IS NULL) = (crs IS NULL)", name="origin"),
        CheckConstraint(
            "use IN ('trade_settlement', 'safety_protection', 'medical', 'environment', 'other')", name="use"
        ),
        CheckConstraint("crs IN ('wgs84', 'gcj02', 'bd09')", name="crs"),
        Index("request_organisation_idx", "organisation_id", "created_at"),
        Index("request_station_idx", "station_id", "created_at"),
        Index("request_created_idx", "created_at", "id"),
        Index("request_waits_idx", "organisation_id", "created_at", postgresql_where=WAITS),
        Index("request_due_idx", "station_id", "due_at", "created_at", "id", postgresql_where=OPEN),
        Index("request_split_from_idx", "split_from", postgresql_where=text("split_from IS NOT NULL")),
        CheckConstraint("complaint IN ('open', 'closed')", name="complaint"),
        CheckConstraint("site IS NULL OR mode = 'onsite'", name="site"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reference: Mapped[str] = mapped_column(String(16))
    access_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[str] = mapped_column(String(16))
    reservation_id: Mapped[uuid.UUID]
    mode: Mapped[str] = mapped_column(String(16))
    use: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))
    organisation_name: Mapped[str] = mapped_column(String(ORGANISATION_LENGTH))
    uscc: Mapped[str] = mapped_column(String(18))
    contact_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    mobile: Mapped[str] = mapped_column(String(PHONE_LENGTH))
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    given_lon: Mapped[float | None]
    given_lat: Mapped[float | None]
    crs: Mapped[str | None] = mapped_column(String(8))
    note: Mapped[str | None] = mapped_column(String(NOTE_LENGTH))
    site: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    consent_version: Mapped[str] = mapped_column(String(16))
    consented_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    anonymised_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    calendar_sequence: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    due_provisional: Mapped[bool] = mapped_column(server_default=text("false"))
    complaint: Mapped[str | None] = mapped_column(String(8))
    complaint_clock: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    split_from: Mapped[str | None] = mapped_column(String(16), ForeignKey("request.reference"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RequestItem(Model):
    """One service of a request, numbered from 1, with what its form was filled in with.

    `clock` is its deadline (rules.Deadline), `due_at` what follows from it. `faults` is what the applicant was asked
    to correct and hasn't yet, `returns` how often. `before` is the state in which it was cancelled.
    """

    __tablename__ = "request_item"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "station_id"], OF_REQUEST, onupdate="CASCADE"),
        CheckConstraint("n > 0", name="n"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String(16))
    before: Mapped[str | None] = mapped_column(String(16))
    clock: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    due_provisional: Mapped[bool] = mapped_column(server_default=text("false"))
    returns: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    faults: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB)


class RequestEvent(Model):
    """A step of the timeline, numbered from 1. The sentence is made from `kind` and `data` in the reader's language.

    `person_id` is who of the staff did it: for staff to see, not for the applicant.
    """

    __tablename__ = "request_event"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "station_id"], OF_REQUEST, onupdate="CASCADE"),
        Index("request_event_at_idx", "at", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
        Index("request_event_moved_idx", "request_id", "n", postgresql_where=MOVED),
        CheckConstraint("n > 0", name="n"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    kind: Mapped[str] = mapped_column(String(24))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))


class Rating(Model):
    """How satisfied somebody was with what was done, once a request: from 5, very satisfied, to 1, very dissatisfied.

    `words` are their own, if they wrote any. `indicators` are the same levels for single sides of it, as far as they
    were given (rating_words.INDICATORS).
    """

    __tablename__ = "rating"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "station_id"], OF_REQUEST, onupdate="CASCADE"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        Index(None, "at"),
        Index("rating_bad_idx", "station_id", "at", postgresql_where=text("level <= 2")),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int]
    level: Mapped[int] = mapped_column(SmallInteger)
    words: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    indicators: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Idempotency(Model):
    """The answer to a write that carried an Idempotency-Key, kept for a day. Holds no secret and no personal data.

    The answer is JSON as text, not JSONB, so that its members come back in their order.
    """

    __tablename__ = "idempotency"

    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    request_id: Mapped[uuid.UUID]
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class BookingDraft(Model):
    """A booking as far as its pages have been filled in; belongs to the browser whose signed cookie is `client`."""

    __tablename__ = "booking_draft"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
