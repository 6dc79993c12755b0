"""Reading things back: one with its chain, those of a request, and what lies at a station."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.files.models import StoredFile
from app.reception.errors import ThingUnknown
from app.reception.models import CustodyLink, CustodyPhoto, Thing
from app.requests.models import Request


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a chain with its pictures; `by` is who of the staff wrote it, for staff to see."""

    link: CustodyLink
    photos: tuple[StoredFile, ...]
    by: str


def concerns(station_id: int) -> ColumnElement[bool]:
    """The things with which a station has to do: of its requests, that lie there, or are on the way to it."""
    return or_(Thing.station_id == station_id, Thing.at_station_id == station_id, Thing.to_station_id == station_id)


async def thing_of(session: AsyncSession, code: str, *conditions: ColumnElement[bool], lock: bool = False) -> Thing:
    """The thing with this code, in its one spelling. Raises ThingUnknown."""
    statement = select(Thing).where(Thing.code == code, *conditions)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    thing: Thing | None = await session.scalar(statement)
    if thing is None:
        raise ThingUnknown
    return thing


async def things_of(session: AsyncSession, request_id: UUID) -> Sequence[Thing]:
    """What belongs to a request, in the order of its items."""
    found = await session.scalars(select(Thing).where(Thing.request_id == request_id).order_by(Thing.n, Thing.part))
    return found.all()


async def chains(session: AsyncSession, thing_ids: Sequence[UUID]) -> Mapping[UUID, list[Link]]:
    """The chains of these things, first link first."""
    if not thing_ids:
        return {}
    photos = await _photos(session, thing_ids)
    found = await session.execute(
        select(CustodyLink, Person.name)
        .outerjoin(Person, Person.id == CustodyLink.person_id)
        .where(CustodyLink.thing_id.in_(thing_ids))
        .order_by(CustodyLink.thing_id, CustodyLink.n)
    )
    by_thing: dict[UUID, list[Link]] = {thing_id: [] for thing_id in thing_ids}
    for link, name in found:
        by_thing[link.thing_id].append(Link(link, tuple(photos.get((link.thing_id, link.n), ())), name or ""))
    return by_thing


async def _photos(session: AsyncSession, thing_ids: Sequence[UUID]) -> dict[tuple[UUID, int], list[StoredFile]]:
    found = await session.execute(
        select(CustodyPhoto.thing_id, CustodyPhoto.link_n, StoredFile)
        .join(StoredFile, StoredFile.id == CustodyPhoto.file_id)
        .where(CustodyPhoto.thing_id.in_(thing_ids), StoredFile.deleted_at.is_(None))
        .order_by(CustodyPhoto.thing_id, CustodyPhoto.link_n, CustodyPhoto.n)
    )
    by_link: dict[tuple[UUID, int], list[StoredFile]] = {}
    for thing_id, link_n, file in found:
        by_link.setdefault((thing_id, link_n), []).append(file)
    return by_link


async def photo_of(session: AsyncSession, thing: Thing, file_id: UUID) -> StoredFile | None:
    """A picture of this thing; a guessed id of another's finds nothing."""
    file: StoredFile | None = await session.scalar(
        select(StoredFile)
        .join(CustodyPhoto, CustodyPhoto.file_id == StoredFile.id)
        .where(CustodyPhoto.thing_id == thing.id, StoredFile.id == file_id, StoredFile.deleted_at.is_(None))
    )
    return file


async def places_at(session: AsyncSession, station_id: int) -> list[str]:
    """Where things lie at a station just now, to choose from."""
    found = await session.scalars(
        select(Thing.place).where(Thing.at_station_id == station_id, Thing.place.is_not(None)).distinct().limit(100)
    )
    return sorted(place for place in found if place)


def of_person(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """What happened to the things of a person's own requests, for whoever takes their own data along."""
    links = (getattr(CustodyLink, name) for name in ("at", "action", "condition", "giver", "taker", "place", "words"))
    return (
        select(Request.reference, Thing.n.label("item"), Thing.code, *links)
        .join(Thing, Thing.request_id == Request.id)
        .join(CustodyLink, CustodyLink.thing_id == Thing.id)
        .where(Request.person_id == person_id)
        .order_by(Request.created_at, Thing.n, Thing.part, CustodyLink.n)
    )
