"""A thing that is handed in, and every hand that it went through."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model

PLACE_LENGTH = 60
NAME_LENGTH = 80
WORDS_LENGTH = 500
STANDINGS = "standing IN ('labelled', 'here', 'away', 'returned')"
ACTIONS = "action IN ('receive', 'move', 'note', 'send_on', 'take_in', 'return')"


class Thing(Model):
    """One piece of what an item of a request is about: the `part`th, from 1. It follows its item to another request.

    How it stands is what its last link says: `standing` since `since`; at a station (`at_station_id`) it lies at
    `place`, elsewhere `holder` has it: the institution, or who took it back (who is a person). `due_back` is when an
    institution wants to have sent it back; `to_station_id` is where it was sent to within the network. `links`
    counts the links of its chain.
    """

    __tablename__ = "thing"
    __table_args__ = (
        ForeignKeyConstraint(
            ["request_id", "station_id", "n"],
            ["request_item.request_id", "request_item.station_id", "request_item.n"],
            onupdate="CASCADE",
        ),
        UniqueConstraint("code"),
        UniqueConstraint("request_id", "n", "part"),
        CheckConstraint("part > 0", name="part"),
        CheckConstraint(STANDINGS, name="standing"),
        CheckConstraint("(standing = 'here') = (at_station_id IS NOT NULL)", name="at_station"),
        CheckConstraint("to_station_id IS NULL OR standing = 'away'", name="to_station"),
        Index("thing_here_idx", "at_station_id", "since", "id", postgresql_where=text("at_station_id IS NOT NULL")),
        Index("thing_station_idx", "station_id", "standing", "since", "id"),
        Index("thing_on_the_way_idx", "to_station_id", postgresql_where=text("to_station_id IS NOT NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16))
    request_id: Mapped[uuid.UUID]
    station_id: Mapped[int]
    n: Mapped[int] = mapped_column(SmallInteger)
    part: Mapped[int] = mapped_column(SmallInteger)
    standing: Mapped[str] = mapped_column(String(12))
    at_station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    to_station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    place: Mapped[str | None] = mapped_column(String(PLACE_LENGTH))
    holder: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    due_back: Mapped[date | None] = mapped_column(Date)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    links: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))


class CustodyLink(Model):
    """One link of a thing's chain, numbered from 1: what was done at which station, by whom of its staff.

    `giver` and `taker` are who handed it over and who took it, where that isn't the staff: of the enterprise a person,
    else an institution or a colleague. `due_back` as with the thing.
    """

    __tablename__ = "custody_link"
    __table_args__ = (
        CheckConstraint("n > 0", name="n"),
        CheckConstraint(ACTIONS, name="action"),
        CheckConstraint("condition IN ('sound', 'marked')", name="condition"),
    )

    thing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("thing.id"), primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    action: Mapped[str] = mapped_column(String(12))
    condition: Mapped[str | None] = mapped_column(String(8))
    giver: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    taker: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    place: Mapped[str | None] = mapped_column(String(PLACE_LENGTH))
    words: Mapped[str | None] = mapped_column(String(WORDS_LENGTH))
    due_back: Mapped[date | None] = mapped_column(Date)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))


class CustodyPhoto(Model):
    """A picture of a thing, taken with a link of its chain; in its place from 1."""

    __tablename__ = "custody_photo"
    __table_args__ = (
        ForeignKeyConstraint(["thing_id", "link_n"], ["custody_link.thing_id", "custody_link.n"]),
        CheckConstraint("n > 0", name="n"),
    )

    thing_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    link_n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), unique=True)
