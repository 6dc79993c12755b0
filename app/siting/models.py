"""Plans: what was asked, how far the answer is, and the answer."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import REAL, CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model
from app.siting.rules.states import NAME_LENGTH


class CoveragePlan(Model):
    """A plan. `question` is a `PlanAsked`; `result` is there when it is done, `error` says why it has failed.

    Whoever works at it has it under `leased_by` until `leased_until`, and renews that; after it, it is anybody's.
    """

    __tablename__ = "coverage_plan"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"),
        CheckConstraint("(status = 'running') = (leased_by IS NOT NULL)", name="leased"),
        CheckConstraint("(status = 'done') = (result IS NOT NULL)", name="result"),
        CheckConstraint("(status IN ('queued', 'running')) = (ended_at IS NULL)", name="ended"),
        Index("coverage_plan_open_idx", "created_at", postgresql_where=text("status IN ('queued', 'running')")),
        Index(None, "created_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    question: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String(16))
    progress: Mapped[float] = mapped_column(REAL)
    attempts: Mapped[int]
    leased_by: Mapped[uuid.UUID | None]
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str | None] = mapped_column(String(32))
