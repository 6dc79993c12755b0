"""What is known of an uploaded file; its bytes are in the store, under the random id."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

NAME_LENGTH = 120
PURPOSE_LENGTH = 24


class StoredFile(Model):
    """A file as it was taken: cleaned name, kind as its content shows, bytes counted and hashed (SHA-256).

    `owner_kind` and `owner_id` name what it belongs to, as `audit` names objects; whoever opens a file checks them.
    A deleted row is kept as a trace; the sweep takes its bytes away.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        Index(None, "owner_kind", "owner_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    purpose: Mapped[str] = mapped_column(String(PURPOSE_LENGTH))
    owner_kind: Mapped[str] = mapped_column(String(24))
    owner_id: Mapped[str] = mapped_column(String(64))
    uploaded_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
