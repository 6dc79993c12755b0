"""Questions whose figures somebody wants by mail."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model


class MailReport(Model):
    """A question (a page, as `View.kind`, and what stands in its address), and how often its figures go to a person.

    `next_on` is the day of the next one; whoever writes it moves that on.
    """

    __tablename__ = "mail_report"
    __table_args__ = (CheckConstraint("every IN ('day', 'week', 'month')", name="every"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    view: Mapped[str] = mapped_column(String(16))
    asked: Mapped[dict[str, str]] = mapped_column(JSONB)
    every: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8))
    next_on: Mapped[date] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
