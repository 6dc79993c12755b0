"""Where and when: divisions, stations with their desks, capabilities, hours and closures, and the working calendar."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model


class Division(Model):
    """A county-level division with its boundary (GeoJSON geometry, WGS-84) and what is known of its size."""

    __tablename__ = "division"

    adcode: Mapped[str] = mapped_column(String(6), primary_key=True)
    position: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    geometry: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    label_lon: Mapped[float | None]
    label_lat: Mapped[float | None]
    area_km2: Mapped[Decimal | None] = mapped_column(Numeric(10, 1))
    population_2020: Mapped[int | None]
    facts: Mapped[dict[str, str]] = mapped_column(JSON, server_default=text("'{}'"))


class DivisionAlias(Model):
    """An abolished code and name, such as 340221 芜湖县, and the division that it is now."""

    __tablename__ = "division_alias"

    adcode: Mapped[str] = mapped_column(String(6), primary_key=True)
    name_zh: Mapped[str]
    now: Mapped[str] = mapped_column(ForeignKey("division.adcode"))


class Town(Model):
    """A township-level unit with a point: what a person picks who shares no location."""

    __tablename__ = "town"

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    position: Mapped[int]
    county_adcode: Mapped[str] = mapped_column(ForeignKey("division.adcode"), index=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    unit_type: Mapped[str] = mapped_column(String(32))
    nbs_division: Mapped[str] = mapped_column(String(6))
    lon: Mapped[float]
    lat: Mapped[float]
    coord_class: Mapped[str] = mapped_column(String(32))
    precision: Mapped[str]


class Station(Model):
    """A service station. The point is WGS-84; anything but `coord_class` geonames is shown as approximate.

    `hours_version` is raised when the weekly hours change, under the station's lock, so that no place is taken by old
    ones.
    """

    __tablename__ = "station"
    __table_args__ = (CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="point"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    position: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    county_adcode: Mapped[str] = mapped_column(ForeignKey("division.adcode"), index=True)
    division_code: Mapped[str] = mapped_column(String(6))
    town_code: Mapped[str] = mapped_column(String(12))
    lon: Mapped[float]
    lat: Mapped[float]
    coord_class: Mapped[str] = mapped_column(String(32))
    coord_precision: Mapped[str]
    address_zh: Mapped[str]
    model: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(32))
    key_industry: Mapped[str | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("station.id", deferrable=True, initially="DEFERRED"))
    provenance: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    hours_version: Mapped[int] = mapped_column(server_default=text("1"))


class Desk(Model):
    """A counter. `categories` are its skills; an `internal` desk is kept back for walk-ins and never offered online."""

    __tablename__ = "desk"
    __table_args__ = (
        UniqueConstraint("station_id", "code"),
        UniqueConstraint("station_id", "id"),
        CheckConstraint("channel IN ('public', 'internal')", name="channel"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    code: Mapped[str] = mapped_column(String(16))
    name_zh: Mapped[str]
    name_en: Mapped[str]
    categories: Mapped[list[str]] = mapped_column(ARRAY(String(32)))
    channel: Mapped[str] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class Capability(Model):
    """That a station may and can do a service: in which modes, whether designated, until when (inclusive)."""

    __tablename__ = "capability"

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True, index=True)
    modes: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    designated: Mapped[bool]
    marks: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class OpeningHours(Model):
    """A weekly window in local time, `iso_weekday` 1 to 7; with dates, in force from first to last inclusive."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("iso_weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("opens < closes", name="window"),
        Index(None, "station_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    iso_weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class Closure(Model):
    """A time in which a station, or one of its desks, takes nobody, from `starts` to before `ends`.

    Entering one takes the station's lock exclusively and every booking takes it shared (see the migration), so no
    booking can slip in unseen while a closure is being entered.
    """

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("starts < ends", name="window"),
        Index(None, "station_id", "starts"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    desk_id: Mapped[int | None] = mapped_column(ForeignKey("desk.id"))
    starts: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason_zh: Mapped[str]
    reason_en: Mapped[str]


class CalendarYear(Model):
    """A year whose public holidays have been announced. Without a row the year is provisional."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    workday_count: Mapped[int | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, server_default=text("'{}'"))


class CalendarDay(Model):
    """A day that is not what its weekday says: a `holiday`, or a weekend day worked as `makeup`."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("kind IN ('holiday', 'makeup')", name="kind"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("calendar_year.year"))
    kind: Mapped[str] = mapped_column(String(16))
    name_zh: Mapped[str | None]
    name_en: Mapped[str | None]


class NetworkState(Model):
    """One row: what the loaded network is, and a version that triggers raise with every change to it.

    Snapshots in memory carry the version that they were made from; a reader that sees another one makes a new one.
    `documents` keeps what the imported files say of themselves (titles, sources, notes), to be exported again.
    """

    __tablename__ = "network_state"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    documents: Mapped[dict[str, Any]] = mapped_column(JSON, server_default=text("'{}'"))
