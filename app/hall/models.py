"""Tickets of a station's day with every step, what was done at which desk, and who sits there."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    REAL,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Integer

from app.kit.db import Model

OF_TICKET = ("ticket.id", "ticket.station_id")
OF_DESK = ("desk.station_id", "desk.id")
WAITS = text("state = 'waiting'")
HERE = text("state IN ('waiting', 'called', 'serving', 'parked')")
AT_DESK = text("state IN ('called', 'serving')")
HALT_HAS_REASON = "(halted_at IS NULL) = (halt_reason IS NULL)"
HALT_REASONS = "halt_reason IN ('fire', 'medical', 'security', 'failure', 'weather', 'other')"
REASON_LENGTH = 200
EMAIL_LENGTH = 254


class HallDay(Model):
    """A station's day. Whoever issues a ticket raises `last_number` under this row's lock: no gap, none twice.

    From `closed_at` on nobody new gets one, from `halted_at` on nobody at all, and nobody is called.
    """

    __tablename__ = "hall_day"
    __table_args__ = (CheckConstraint(f"{HALT_HAS_REASON} AND ({HALT_REASONS})", name="reason"),)

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last_number: Mapped[int] = mapped_column(server_default=text("0"))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    halted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    halted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    halt_reason: Mapped[str | None] = mapped_column(String(16))
    halt_words: Mapped[str | None] = mapped_column(String(REASON_LENGTH))


class Contingent(Model):
    """How many walk-in tickets a day a station issues for a service at most."""

    __tablename__ = "contingent"
    __table_args__ = (CheckConstraint("per_day >= 0", name="per_day"),)

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    per_day: Mapped[int] = mapped_column(SmallInteger)


class Ticket(Model):
    """Somebody's turn at the counter of a station, on one day, for one or several services.

    Called out as `letter` and `number`, B017: the letter is that of the first service's category. `service_ids` is
    what they came for, `open_ids` what of it is still to do, `wants` the bits of its categories. `first_from` and
    `rank_at` are the place in the queue (rules.calling). `desk_id` is the desk that has called it, `for_desk_id` the
    only one that may. `calls` counts how often it was called at its desk.

    `request_id` is the booking behind an appointment, `booked_at` its time. `moved_from` is the ticket that this one
    continues: of another station, or the one that it was split from. `events` counts its steps.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        ForeignKeyConstraint(["station_id", "desk_id"], OF_DESK),
        ForeignKeyConstraint(["station_id", "for_desk_id"], OF_DESK, name="ticket_for_desk_fkey"),
        ForeignKeyConstraint(["station_id", "day"], ["hall_day.station_id", "hall_day.day"]),
        UniqueConstraint("station_id", "day", "number"),
        Index("ticket_queue_idx", "station_id", "day", "rank_at", "number", postgresql_where=WAITS),
        Index("ticket_here_idx", "station_id", "day", postgresql_where=HERE),
        Index("ticket_at_desk_key", "station_id", "desk_id", unique=True, postgresql_where=AT_DESK),
        Index("ticket_request_idx", "request_id", "day"),
        Index("ticket_continued_idx", "moved_from", postgresql_where=text("moved_from IS NOT NULL")),
        CheckConstraint(
            "state IN ('waiting', 'called', 'serving', 'parked', 'done', 'no_show', 'left', 'moved')", name="state"
        ),
        CheckConstraint("kind IN ('appointment', 'walk_in')", name="kind"),
        CheckConstraint("priority IN ('none', 'elderly', 'disabled', 'urgent')", name="priority"),
        CheckConstraint("priority <> 'urgent' OR priority_reason IS NOT NULL", name="reason"),
        CheckConstraint("(state IN ('called', 'serving')) = (desk_id IS NOT NULL)", name="desk"),
        CheckConstraint("open_ids <@ service_ids AND cardinality(service_ids) > 0", name="services"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True)
    day: Mapped[date]
    number: Mapped[int]
    letter: Mapped[str] = mapped_column(String(1))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    priority: Mapped[str] = mapped_column(String(16))
    priority_reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    service_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    open_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    wants: Mapped[int]
    first_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    rank_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    booked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    request_id: Mapped[uuid.UUID | None]
    moved_from: Mapped[uuid.UUID | None]
    desk_id: Mapped[int | None]
    for_desk_id: Mapped[int | None]
    calls: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    language: Mapped[str] = mapped_column(String(8))
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    announced_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    called_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    events: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))


class TicketEvent(Model):
    """A step of a ticket, numbered from 1: what, when, at which desk, by whom of the staff.

    `before` is what the step changed, as it was, so that the step can be taken back; NULL where it can't.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (
        ForeignKeyConstraint(["ticket_id", "station_id"], OF_TICKET),
        Index("ticket_event_at_idx", "at", postgresql_using="brin"),
        CheckConstraint("n > 0", name="n"),
    )

    ticket_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    action: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    desk_id: Mapped[int | None]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class Serving(Model):
    """A time at a desk, and what was really done in it; an open one has no `ended_at`, one of no use was `dropped`."""

    __tablename__ = "serving"
    __table_args__ = (
        ForeignKeyConstraint(["ticket_id", "station_id"], OF_TICKET),
        ForeignKeyConstraint(["station_id", "desk_id"], OF_DESK),
        Index("serving_learnt_idx", "station_id", "ended_at", postgresql_where=text("NOT dropped")),
        CheckConstraint("ended_at >= started_at", name="length"),
    )

    ticket_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    desk_id: Mapped[int]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    service_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dropped: Mapped[bool] = mapped_column(server_default=text("false"))


class DeskSession(Model):
    """Somebody at a desk, from `started_at` on, with skills (bits of categories) that may be fewer than the desk's.

    Nobody sits at two desks, no desk has two people. During a break it calls nobody; `rests` has the beginnings and
    ends of those that are over, one after the other. Nor does it while it is `halted`, as all of a station are whose
    day is: who calls locks this row, so whoever halts waits for calls that are under way.
    """

    __tablename__ = "desk_session"
    __table_args__ = (
        ForeignKeyConstraint(["station_id", "desk_id"], OF_DESK),
        Index("desk_session_desk_key", "station_id", "desk_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("desk_session_person_key", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index(None, "station_id", "started_at"),
        CheckConstraint("ended_at >= started_at", name="length"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    desk_id: Mapped[int]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    skills: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    break_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    halted: Mapped[bool] = mapped_column(server_default=text("false"))
    rests: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)), server_default=text("'{}'"))


class TurnMail(Model):
    """Where somebody with a ticket wants to read that it is soon their turn. Gone with the day of the ticket.

    No key of the ticket's row: to write this would lock that row for a moment, and a desk that calls would pass it by.
    """

    __tablename__ = "turn_mail"

    ticket_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Forecast(Model):
    """How many minutes more a ticket would wait, as it was first shown to anybody; never changed afterwards.

    Refers to no ticket by a key: that would lock the ticket, and whoever calls passes over what is locked.
    """

    __tablename__ = "forecast"
    __table_args__ = (
        Index(None, "station_id", "made_at"),
        CheckConstraint("0 <= p50_min AND p50_min <= p90_min", name="order"),
    )

    ticket_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    p50_min: Mapped[float] = mapped_column(REAL)
    p90_min: Mapped[float] = mapped_column(REAL)
