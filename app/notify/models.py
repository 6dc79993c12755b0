"""The outbox: mails written in the transaction that causes them, delivered afterwards, and visible until forgotten."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

KEY_LENGTH = 200
KIND_LENGTH = 48
RECIPIENT_LENGTH = 254
SUBJECT_LENGTH = 200
ERROR_LENGTH = 300
ABOUT_LENGTH = 64
CHANNEL_LENGTH = 16
PENDING = text("sent_at IS NULL AND dead_at IS NULL AND withdrawn_at IS NULL")
ENDS = "num_nonnulls(sent_at, dead_at, withdrawn_at) <= 1"


class Message(Model):
    """A mail on its way. `key` says what it is about, so that the same thing is never written to anybody twice.

    It is due at `next_attempt_at`; who takes it to send moves that time ahead first and puts an id of its own into
    `lease`, so that another one takes over when the first dies. Once sent or withdrawn, the body, which holds links,
    is wiped and the recipient masked. A dead one keeps both: somebody may want to send it again. `last_error` names
    the fault without personal data. `about` names the thing that it tells of ("request:ZT-…"), by which it can be
    withdrawn; after `expires_at` it isn't worth sending any more. `station_id` says whose it is; NULL for accounts.
    `channel` is the way it goes, "mail" or "sms"; another is one more entry in `app.jobs.CARRIERS`.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint(ENDS, name="one_end"),
        CheckConstraint("(body IS NULL) = (sent_at IS NOT NULL OR withdrawn_at IS NOT NULL)", name="wiped"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(None, "next_attempt_at", postgresql_where=PENDING),
        Index(None, "about", postgresql_where=text("sent_at IS NULL AND withdrawn_at IS NULL")),
        Index(None, "dead_at", postgresql_where=text("dead_at IS NOT NULL")),
        Index("message_created_idx", "created_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    recipient: Mapped[str] = mapped_column(String(RECIPIENT_LENGTH))
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    next_attempt_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dead_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_error: Mapped[str | None] = mapped_column(String(ERROR_LENGTH))
    channel: Mapped[str] = mapped_column(String(CHANNEL_LENGTH), server_default=text("'mail'"))
    about: Mapped[str | None] = mapped_column(String(ABOUT_LENGTH))
    station_id: Mapped[int | None]
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lease: Mapped[uuid.UUID | None]
