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
PENDING = text("sent_at IS NULL AND dead_at IS NULL")


class Message(Model):
    """A mail on its way. `key` says what it is about, so that the same thing is never written to anybody twice.

    It is due at `next_attempt_at`; who attempts it moves that time ahead first (a lease), so that another one takes
    over when the first dies. Once sent, the body, which holds links, is wiped and the recipient masked. A dead one
    keeps both: somebody may want to send it again. `last_error` names the fault without personal data.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("sent_at IS NULL OR dead_at IS NULL", name="one_end"),
        CheckConstraint("(body IS NULL) = (sent_at IS NOT NULL)", name="wiped"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(None, "next_attempt_at", postgresql_where=PENDING),
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
