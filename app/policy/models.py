"""What was decided when, by whom and why: a history to which is only added, and whose newest rows are in force."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model


class PolicyChange(Model):
    """A setting got this value; without one the setting was taken away. The newest row of a setting is in force.

    `scope` is "network", "county:<adcode>" or "station:<id>". `previous_id` is the row that was in force before: no
    two rows can follow the same one, so that who changes what somebody else has just changed is refused.
    `changed_by` is empty for what came with the product.
    """

    __tablename__ = "policy_change"
    __table_args__ = (
        UniqueConstraint("scope", "kind", "key", "previous_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("kind IN ('deadline', 'booking', 'text', 'calendar')", name="kind"),
        CheckConstraint("scope ~ '^(network|county:[0-9]{6}|station:[0-9]+)$'", name="scope"),
        Index(None, "scope", "kind", "key", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    scope: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(160))
    value: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str] = mapped_column(String(500))
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("policy_change.id"))
