"""What a station does about a bad rating: calls, and the answer that the rater reads."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

OF_REQUEST = ("request.id", "request.station_id")
WORDS_LENGTH = 500


class RatingCall(Model):
    """A call back, numbered from 1: whether somebody was reached, and what was said. Stays inside."""

    __tablename__ = "rating_call"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "station_id"], OF_REQUEST, onupdate="CASCADE"),
        CheckConstraint("n > 0", name="n"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int]
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    reached: Mapped[bool]
    words: Mapped[str | None] = mapped_column(String(WORDS_LENGTH))


class RatingAnswer(Model):
    """What the station answers, once a rating; the rater reads it on the page of the request."""

    __tablename__ = "rating_answer"
    __table_args__ = (ForeignKeyConstraint(["request_id", "station_id"], OF_REQUEST, onupdate="CASCADE"),)

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    words: Mapped[str | None] = mapped_column(String(WORDS_LENGTH))
