"""What applicant and station have written to each other, and how far each side has read."""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.conversation.rules import TEXT_LENGTH
from app.kit.db import Model

# Named without importing the room of requests, which lies above this one. The station moves along with the request.
OF_REQUEST = ("request.id", "request.station_id")
SIDES = "side IN ('applicant', 'station')"


class Conversation(Model):
    """One per request that somebody has written about. `last_n` numbers the messages: whoever writes holds this row.

    `unread_n` is the newest message of the applicant's that the station has not read; None when it has read them all.
    `…_told_at` is when that side was last sent a mail about something new, `…_told_n` about which message.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "station_id"], OF_REQUEST, onupdate="CASCADE"),
        CheckConstraint("last_n > 0", name="last_n"),
        Index("conversation_unread_idx", "station_id", "request_id", postgresql_where=text("unread_n IS NOT NULL")),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_n: Mapped[int]
    unread_n: Mapped[int | None]
    applicant_told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    applicant_told_n: Mapped[int | None]
    station_told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    station_told_n: Mapped[int | None]


class ConversationMessage(Model):
    """A message, numbered from 1 without gaps. `inside`: a note of the station's that no applicant ever sees.

    `author_id` is None for a visitor who has shown the access code.
    """

    __tablename__ = "conversation_message"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "station_id"], OF_REQUEST, onupdate="CASCADE"),
        UniqueConstraint("request_id", "station_id", "n"),
        CheckConstraint("n > 0", name="n"),
        CheckConstraint(SIDES, name="side"),
        CheckConstraint("NOT inside OR side = 'station'", name="inside"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    request_id: Mapped[uuid.UUID]
    n: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    side: Mapped[str] = mapped_column(String(16))
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    inside: Mapped[bool] = mapped_column(server_default=text("false"))
    text: Mapped[str] = mapped_column(String(TEXT_LENGTH))


class ConversationFile(Model):
    """An attachment of a message, in its place from 1; name, kind and size stand with the file."""

    __tablename__ = "conversation_file"
    __table_args__ = (
        ForeignKeyConstraint(
            ["message_id", "station_id"],
            ["conversation_message.id", "conversation_message.station_id"],
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        CheckConstraint("n > 0", name="n"),
    )

    message_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), unique=True)


class ConversationRead(Model):
    """How far a side has read, and when it last read something new. Everybody of a side reads for all of it."""

    __tablename__ = "conversation_read"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "station_id"], OF_REQUEST, onupdate="CASCADE"),
        CheckConstraint(SIDES, name="side"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    side: Mapped[str] = mapped_column(String(16), primary_key=True)
    up_to: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
