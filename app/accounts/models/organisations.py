"""An enterprise as an organisation, who acts for it, and credit codes that staff have to look at."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

ORGANISATION_LENGTH = 120
EVIDENCE_LENGTH = 500


class Organisation(Model):
    """An enterprise, told by its unified social credit code. One that is open has its code alone."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index("organisation_uscc_key", "uscc", unique=True, postgresql_where=text("closed_at IS NULL")),
        CheckConstraint("length(uscc) = 18", name="uscc"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(ORGANISATION_LENGTH))
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Membership(Model):
    """That a person acts for an organisation. An owner manages its people; there is always one."""

    __tablename__ = "membership"
    __table_args__ = (CheckConstraint("role IN ('owner', 'delegate')", name="role"),)

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CodeCase(Model):
    """A credit code whose check digits don't fit, put before the staff of a station with a picture of the licence.

    An accepted code counts as right from then on, everywhere. Decided once; on record.
    """

    __tablename__ = "code_case"
    __table_args__ = (
        CheckConstraint("length(uscc) = 18", name="uscc"),
        CheckConstraint("(decided_at IS NULL) = (accepted IS NULL)", name="decision"),
        Index("code_case_accepted_key", "uscc", unique=True, postgresql_where=text("accepted")),
        Index("code_case_open_idx", "station_id", postgresql_where=text("decided_at IS NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18))
    organisation_name: Mapped[str] = mapped_column(String(ORGANISATION_LENGTH))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    note: Mapped[str] = mapped_column(String(EVIDENCE_LENGTH))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    accepted: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(String(EVIDENCE_LENGTH))
