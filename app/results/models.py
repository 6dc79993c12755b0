"""What was found, entered by one and verified by another, and the documents that were issued of it."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
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
from app.requests.models import OF_REQUEST, REASON_LENGTH

NUMBER_LENGTH = 48
IN_FORCE = text("superseded_at IS NULL AND withdrawn_at IS NULL")


class Result(Model):
    """What was found for an item, once for each attempt from 1 on. It is the last attempt that counts.

    `notes` is what was said in words (rules.NOTES), `measured` the table of values with its own heads, `file_id` the
    report that came instead or besides. `inputs` is what the item's form said then. Verified by somebody else than who
    entered it, or refused by somebody, never both. `corrects` is why a document that was issued is put right by it.
    """

    __tablename__ = "result"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "station_id"], OF_REQUEST, onupdate="CASCADE"),
        UniqueConstraint("request_id", "n", "attempt"),
        CheckConstraint("kind IN ('verification', 'calibration', 'report')", name="kind"),
        CheckConstraint("(kind = 'verification') = (passed IS NOT NULL)", name="verdict"),
        CheckConstraint("valid_until >= done_on", name="valid_until"),
        CheckConstraint("passed IS NOT FALSE OR valid_until IS NULL", name="failed"),
        CheckConstraint("verified_by <> entered_by", name="four_eyes"),
        CheckConstraint("(verified_by IS NULL) = (verified_at IS NULL)", name="verified"),
        CheckConstraint("(refused_by IS NULL) = (refused_at IS NULL)", name="refused"),
        CheckConstraint("verified_by IS NULL OR refused_by IS NULL", name="decided_once"),
        CheckConstraint("measured IS NOT NULL OR file_id IS NOT NULL", name="found"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID]
    station_id: Mapped[int]
    n: Mapped[int] = mapped_column(SmallInteger)
    attempt: Mapped[int] = mapped_column(SmallInteger)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    kind: Mapped[str] = mapped_column(String(16))
    passed: Mapped[bool | None]
    done_on: Mapped[date]
    valid_until: Mapped[date | None]
    measured: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    notes: Mapped[dict[str, str]] = mapped_column(JSONB)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    corrects: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    entered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    verified_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    refused_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    refused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    refused_because: Mapped[str | None] = mapped_column(String(REASON_LENGTH))


class DocumentNumber(Model):
    """The last number that a station has given in a year. Its row is locked while one is taken: none is left out."""

    __tablename__ = "document_number"

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True, autoincrement=False)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    last: Mapped[int]


class IssuedDocument(Model):
    """A version of a certificate, notice or report, by the station that issued it, wherever the request goes later.

    `facts` is all that it says; `digest` is SHA-256 of `rules.canonical(facts)`. The short code isn't stored, it is
    derived from the id; `code_hash` proves it. A correction makes a new version of the same number and supersedes the
    one before. What was withdrawn is done anew, under a new number whose document `replaces` it.
    """

    __tablename__ = "issued_document"
    __table_args__ = (
        UniqueConstraint("number", "version"),
        UniqueConstraint("station_id", "year", "place", "version"),
        UniqueConstraint("result_id"),
        CheckConstraint("version > 0 AND place > 0", name="counted"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
        CheckConstraint("superseded_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        Index("issued_document_in_force_key", "request_id", "n", unique=True, postgresql_where=IN_FORCE),
        Index("issued_document_request_idx", "request_id", "n"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    year: Mapped[int] = mapped_column(SmallInteger)
    place: Mapped[int]
    number: Mapped[str] = mapped_column(String(NUMBER_LENGTH))
    version: Mapped[int] = mapped_column(SmallInteger)
    request_id: Mapped[uuid.UUID]
    n: Mapped[int] = mapped_column(SmallInteger)
    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("result.id"))
    document: Mapped[str] = mapped_column(String(16))
    valid_until: Mapped[date | None]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    replaces: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("issued_document.id"))
    issued_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_because: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
