"""What was asked for and where, in numbers; registers of enterprises, as points without names."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

NAME_LENGTH, SOURCE_LENGTH, INDUSTRY_LENGTH = 80, 200, 40


class QuestionCount(Model):
    """How many questions to routing were alike on a day; `x` and `y` are a cell as `rules.cell_of` has it.

    `county_adcode` is the county in which the middle of the cell lies, none beyond all boundaries. No key leads to
    `service`: a count that is written late must not fail because a service is gone.
    """

    __tablename__ = "question_count"
    __table_args__ = (CheckConstraint("n > 0", name="n"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    service_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mode: Mapped[str] = mapped_column(String(8), primary_key=True)
    x: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    y: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(20), primary_key=True)
    county_adcode: Mapped[str | None] = mapped_column(String(6))
    n: Mapped[int]


class SearchCount(Model):
    """How many searches of the catalogue have found something on a day, and how many nothing. What was typed isn't
    kept."""

    __tablename__ = "search_count"
    __table_args__ = (CheckConstraint("n > 0", name="n"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    found: Mapped[bool] = mapped_column(primary_key=True)
    n: Mapped[int]


class Register(Model):
    """A list of enterprises that was handed in. Until `taken_at` it is only looked at and counts nowhere.

    `as_of` is the day whose state it has. `told` says what its file came to, for who looks at it: rows by kind.
    """

    __tablename__ = "register"
    __table_args__ = (Index("register_looked_at_idx", "created_at", postgresql_where=text("taken_at IS NULL")),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    source: Mapped[str] = mapped_column(String(SOURCE_LENGTH))
    as_of: Mapped[date] = mapped_column(Date)
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("register.id", ondelete="SET NULL"), index=True)
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    taken_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))


class RegisterPoint(Model):
    """One enterprise of a register, numbered by its row: a point (WGS-84, to a thousandth of a degree) and a weight.

    `code_hash` is a keyed hash of its credit code, so that who stands in two registers counts once. Its name and its
    address are never kept: of a sole trader they are personal.
    """

    __tablename__ = "register_point"
    __table_args__ = (CheckConstraint("weight > 0", name="weight"), CheckConstraint("line > 0", name="line"))

    register_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("register.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lon: Mapped[float]
    lat: Mapped[float]
    weight: Mapped[float]
    county_adcode: Mapped[str | None] = mapped_column(String(6))
    approximate: Mapped[bool]
    industry: Mapped[str] = mapped_column(String(INDUSTRY_LENGTH))
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16))


class RegisterFault(Model):
    """What was wrong with a row of a file: where, and a code of `words.FAULTS`. What stood there is not kept."""

    __tablename__ = "register_fault"

    register_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("register.id", ondelete="CASCADE"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int]
    column: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(24))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
