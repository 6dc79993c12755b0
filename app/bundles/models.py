"""Bundles that were begun: their steps, what was done with each, and the items that were booked.

How a step stands isn't stored: see `rules/standing.py`.
"""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model
from app.requests.models import REASON_LENGTH

KEY_LENGTH = 32


class Bundle(Model):
    """A package that somebody has begun, as it was at that time: `version` is the file's.

    Whose it is, is as with requests: the organisation's, else the person's, else of whoever knows the access code,
    which is derived from the id and proven by `access_hash`. `town` (or division) is where it is for.
    """

    __tablename__ = "bundle"
    __table_args__ = (UniqueConstraint("reference"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16))
    access_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    package: Mapped[str] = mapped_column(String(KEY_LENGTH))
    version: Mapped[str] = mapped_column(String(16))
    town: Mapped[str] = mapped_column(String(12))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class BundleStep(Model):
    """A step of a bundle. `position` orders them so that each comes after those it waits for; `comes` is their keys."""

    __tablename__ = "bundle_step"
    __table_args__ = (
        ForeignKeyConstraint(["bundle_id"], ["bundle.id"], ondelete="CASCADE"),
        CheckConstraint("\"order\" IN ('must', 'advised')", name="order"),
    )

    bundle_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    comes_after: Mapped[list[str]] = mapped_column(ARRAY(String(KEY_LENGTH)))
    order: Mapped[str] = mapped_column(String(8))
    optional: Mapped[bool]


class BundleMove(Model):
    """What was done with a step, numbered from 1: booked, left out, taken up again.

    Whoever writes number n has seen all before it, so of two at once one is refused by the key.
    """

    __tablename__ = "bundle_move"
    __table_args__ = (
        ForeignKeyConstraint(["bundle_id", "step"], ["bundle_step.bundle_id", "bundle_step.step"], ondelete="CASCADE"),
        CheckConstraint("kind IN ('booked', 'left_out', 'taken_up')", name="kind"),
        CheckConstraint("n > 0", name="n"),
    )

    bundle_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)


class BundleItem(Model):
    """An item of a request that was booked for a step; one step at most.

    It follows the item by cascade to whichever request and station that is passed on to.
    """

    __tablename__ = "bundle_item"
    __table_args__ = (
        ForeignKeyConstraint(
            ["bundle_id", "step", "n"],
            ["bundle_move.bundle_id", "bundle_move.step", "bundle_move.n"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["request_id", "station_id", "item"],
            ["request_item.request_id", "request_item.station_id", "request_item.n"],
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        UniqueConstraint("request_id", "station_id", "item"),
    )

    bundle_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    request_id: Mapped[uuid.UUID]
    station_id: Mapped[int]
    item: Mapped[int] = mapped_column(SmallInteger)
