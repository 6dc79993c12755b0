"""Who is told, what there is to tell, and what became of each attempt. Nothing in it names a person."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model
from app.kit.targets import URL_LENGTH

NAME_LENGTH, TYPE_LENGTH = 80, 48
LIVE = text("ended_at IS NULL")


class Subscription(Model):
    """An address that is told: of an organisation's own requests, or of those in a part of the network.

    Without an organisation it is one of administrators: of a county, of a station, or (with neither) of all. `types`
    are the kinds of events that are wanted; none means all. `person_id` answers for it: who made or last changed it.
    The secrets are sealed; the old one signs beside the new one until `old_until`.

    `via` is how it is told: "webhook", or who makes the group chat whose robot says it in `language`. Of a robot the
    secret is that of its address, and `url` only what may be shown of it. A robot that was given a message is left
    alone until `rests_until`, so that what happens meanwhile comes in one.
    """

    __tablename__ = "webhook_subscription"
    __table_args__ = (
        CheckConstraint("num_nonnulls(organisation_id, county_adcode, station_id) <= 1", name="scope"),
        CheckConstraint("(old_secret IS NULL) = (old_until IS NULL)", name="old"),
        CheckConstraint("via IN ('webhook', 'wecom', 'dingtalk', 'feishu', 'lark')", name="via"),
        CheckConstraint("(via = 'webhook') = (language IS NULL)", name="language"),
        CheckConstraint("ended_why IN ('person', 'gone', 'rights', 'closed')", name="why"),
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended"),
        Index("webhook_subscription_live_idx", "organisation_id", postgresql_where=LIVE),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    county_adcode: Mapped[str | None] = mapped_column(String(6))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    via: Mapped[str] = mapped_column(String(8), server_default=text("'webhook'"))
    language: Mapped[str | None] = mapped_column(String(8))
    url: Mapped[str] = mapped_column(String(URL_LENGTH))
    types: Mapped[list[str]] = mapped_column(ARRAY(String(TYPE_LENGTH)), server_default=text("'{}'"))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    old_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rests_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_why: Mapped[str | None] = mapped_column(String(8))


class HookEvent(Model):
    """Something that happened, as it is told to whoever subscribed: written by a trigger, in the transaction in which
    it happened. `n` is the order of writing, `id` the `webhook-id`, the same at every attempt."""

    __tablename__ = "webhook_event"

    n: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(unique=True)
    type: Mapped[str] = mapped_column(String(TYPE_LENGTH))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Delivery(Model):
    """An event on its way to one subscriber, since `begun_at`; due at `due_at`.

    Who takes it moves that time ahead and puts an id of its own into `lease`, so that another one takes over when the
    first dies. `attempts` are counted since `begun_at`; a replay begins anew. `state`: waiting; delivered; dead, when
    it was tried for long enough; dropped, when the subscription ended before.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'delivered', 'dead', 'dropped')", name="state"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("webhook_delivery_due_idx", "due_at", postgresql_where=text("state = 'waiting'")),
    )

    subscription_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("webhook_subscription.id", ondelete="CASCADE"), primary_key=True
    )
    event_n: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("webhook_event.n", ondelete="CASCADE"), primary_key=True, index=True
    )
    state: Mapped[str] = mapped_column(String(10))
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    lease: Mapped[uuid.UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Attempt(Model):
    """One try: what was answered, or the fault that let nothing be answered. What stood in the answer is not kept.

    A group chat that answers "200" and refuses all the same has a fault of its code: "code:93000".
    """

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        ForeignKeyConstraint(
            ["subscription_id", "event_n"],
            ["webhook_delivery.subscription_id", "webhook_delivery.event_n"],
            ondelete="CASCADE",
        ),
        CheckConstraint("num_nonnulls(status, fault) = 1", name="answer"),
        Index("webhook_attempt_of_idx", "subscription_id", "event_n"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    subscription_id: Mapped[uuid.UUID]
    event_n: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    took_ms: Mapped[int]
    status: Mapped[int | None] = mapped_column(SmallInteger)
    fault: Mapped[str | None] = mapped_column(String(16))
