"""The views that people keep: filters of the list under a name."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.inbox.rules import NAME_LENGTH
from app.kit.db import Model


class SavedView(Model):
    """Filters under a name, which no two have alike: of a person alone, or of a station for everybody who works there.

    `query` is the address of the list as pairs of name and value (rules.Filters.query).
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (station_id IS NULL)", name="whose"),
        Index(
            "saved_view_own_name_key",
            "person_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index(
            "saved_view_station_name_key",
            "station_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("station_id IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    query: Mapped[list[list[str]]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class FirstView(Model):
    """The view with which the list opens for a person; without one it opens with what is due first."""

    __tablename__ = "first_view"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    view_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("saved_view.id", ondelete="CASCADE"), index=True)
