"""A person, what proves that it is this person, and the roles that it has as staff."""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy import (
    Identity as Numbered,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

USERNAME_LENGTH = 64
NAME_LENGTH = 60
EMAIL_LENGTH = 254
AGENT_LENGTH = 200


class Person(Model):
    """Somebody with an account: staff sign in by `username`, enterprises by `email`; both are kept in lower case.

    Without `password_hash` (Argon2id) a person comes in by single sign-on or by a link that was mailed. The secret of
    the second factor is sealed with the installation's key; `totp_last_step` is the last 30 seconds whose code was
    used, which no code of the past gets by. A closed account keeps its row, without anything that names the person.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("username = lower(username)", name="username"),
        CheckConstraint("email = lower(email)", name="email"),
        CheckConstraint("closed_at IS NOT NULL OR username IS NOT NULL OR email IS NOT NULL", name="reachable"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    username: Mapped[str | None] = mapped_column(String(USERNAME_LENGTH), unique=True)
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    mobile: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8), server_default=text("'zh-CN'"))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    totp_last_step: Mapped[int | None]
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    consent_version: Mapped[str | None] = mapped_column(String(16))
    consented_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Identity(Model):
    """Who a person is to an OpenID provider."""

    __tablename__ = "identity"

    issuer: Mapped[str] = mapped_column(String(200), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    linked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RecoveryCode(Model):
    """One of ten codes that stand in for a lost second factor, each once. Kept as HMAC-SHA-256."""

    __tablename__ = "recovery_code"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RoleGrant(Model):
    """A role of staff, where it holds: see `rules.rights.Grant`."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "station_id", "county_adcode", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "role IN ('window', 'officer', 'manager', 'county_admin', 'city_admin', 'auditor')", name="role"
        ),
        CheckConstraint(
            "(role IN ('window', 'officer', 'manager')) = (station_id IS NOT NULL)"
            " AND (role = 'county_admin') = (county_adcode IS NOT NULL)",
            name="scope",
        ),
    )

    id: Mapped[int] = mapped_column(Numbered(), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(16))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"), index=True)
    county_adcode: Mapped[str | None] = mapped_column(ForeignKey("division.adcode"))
    granted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
