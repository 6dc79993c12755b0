"""Steps that were taken without a network, as they were handed in: each once."""

import uuid
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model


class OfflineStep(Model):
    """A step as somebody took it at a desk, and what became of it: one that was overtaken is nowhere else."""

    __tablename__ = "offline_step"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    ticket_id: Mapped[uuid.UUID]
    action: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    desk_id: Mapped[int]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(String(16))
    handed_in_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
