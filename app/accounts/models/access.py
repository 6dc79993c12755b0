"""What lets somebody in: sessions, keys, links that were mailed; and how often it went wrong."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models.people import AGENT_LENGTH, EMAIL_LENGTH
from app.kit.db import Model


class SigninSession(Model):
    """Somebody signed in: `browser` by a cookie, `token` by a bearer token; `pending` owes the second factor still.

    The secret is kept as SHA-256 only, and is another one after every step of signing in. `strong_at` is when a
    second factor was given. Ended rows stay for the person to see, until retention takes them.
    """

    __tablename__ = "signin_session"
    __table_args__ = (CheckConstraint("kind IN ('browser', 'token', 'pending')", name="kind"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    proof: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(AGENT_LENGTH))
    strong_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ApiKey(Model):
    """A person's key for programs. `prefix` is its beginning, to tell keys apart; the rest was shown once."""

    __tablename__ = "api_key"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    prefix: Mapped[str] = mapped_column(String(12))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(32)))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class MailToken(Model):
    """A link that was mailed, good once: to register, to set a password anew, to join, to confirm another address.

    Kept as SHA-256 of its secret. `join` carries the organisation and the role that somebody was invited to.
    """

    __tablename__ = "mail_token"
    __table_args__ = (
        CheckConstraint("purpose IN ('register', 'password', 'join', 'address')", name="purpose"),
        CheckConstraint("(purpose = 'join') = (organisation_id IS NOT NULL)", name="join"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), index=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str | None] = mapped_column(String(16))
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SignInFailure(Model):
    """How often in a row signing in went wrong, by account or by address (`key` is a keyed hash of either)."""

    __tablename__ = "sign_in_failure"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
