"""The record: entries in chains of hashes, and the head of each chain."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    FetchedValue,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

HASH_BYTES = 32


class AuditEntry(Model):
    """Who did what, on which object, from where, when, why; what changed is in `before` and `after`.

    Only ever inserted. `chain`, `n` and the hashes are given by a trigger (see the migration), whatever is inserted
    there. There are no foreign keys: an entry outlives what it tells of.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("actor_kind IN ('person', 'key', 'visitor', 'system')", name="actor_kind"),
        Index(None, "at", "chain", "n"),
        Index(None, "object_id", "object_kind"),
        Index(None, "actor_id", "at", postgresql_where=text("actor_id IS NOT NULL")),
        Index(None, "station_id", "at", postgresql_where=text("station_id IS NOT NULL")),
    )

    chain: Mapped[int] = mapped_column(SmallInteger, FetchedValue(), primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigInteger, FetchedValue(), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str] = mapped_column(String(120))
    actor_via: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(128))
    station_id: Mapped[int | None]
    organisation_id: Mapped[uuid.UUID | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str] = mapped_column(String(2000))
    trace: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES), FetchedValue())
    hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES), FetchedValue())


class AuditChain(Model):
    """The newest entry of a chain, and where the chain begins since older entries were removed after their time."""

    __tablename__ = "audit_chain"
    __table_args__ = ({"postgresql_with": {"fillfactor": 20}},)

    chain: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES))
    first_n: Mapped[int] = mapped_column(BigInteger)
    first_previous: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES))
