"""Keeping views: under a name, for oneself or for a station; which of them the list opens with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller, Permission
from app.audit.service import Object, record
from app.inbox.errors import TooManyViews, ViewNameTaken, ViewUnknown
from app.inbox.models import FirstView, SavedView
from app.inbox.rules import MOST_OF_STATION, MOST_OWN, NAME_LENGTH, Filters
from app.kit.db import violated
from app.kit.ids import new_id
from app.kit.problems import FieldError, Forbidden, Invalid
from app.kit.text import MESSAGES, Line, TextError
from app.stations.snapshot import StationFacts

NAMES = frozenset({"saved_view_own_name_key", "saved_view_station_name_key"})
# Whoever adds a view of the same owner waits, so that no two pass the limit together.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:owner, 1))")


def seen_by(caller: Caller) -> ColumnElement[bool]:
    """One's own views, and those of the stations where one works."""
    stations = caller.scope(Permission.REQUESTS_READ).station_ids
    return or_(SavedView.person_id == caller.person_id, SavedView.station_id.in_(sorted(stations)))


async def save(
    session: AsyncSession, caller: Caller, name: str, filters: Filters, *, station: StationFacts | None, now: datetime
) -> SavedView:
    """Keep the filters under a name, for oneself or for a station.

    Raises Invalid (naming `name`), ViewNameTaken, TooManyViews; Forbidden for a station that one doesn't manage.
    """
    cleaned = checked(name)
    if station is not None and station.id not in managed(caller):
        raise Forbidden
    whose: dict[str, Any] = {"station_id": station.id} if station else {"person_id": caller.person_id}
    await _room_for_one(session, whose, MOST_OF_STATION if station else MOST_OWN)
    view = SavedView(id=new_id(), name=cleaned, query=[list(pair) for pair in filters.query()], created_at=now, **whose)
    await _named(session, view, cleaned)
    await _record(session, caller, "view.saved", view, now=now, after=cleaned)
    return view


async def rename(session: AsyncSession, caller: Caller, view_id: UUID, name: str, now: datetime) -> SavedView:
    """Raises ViewUnknown, Invalid (naming `name`), ViewNameTaken."""
    view = await changeable(session, caller, view_id)
    before = view.name
    await _named(session, view, checked(name))
    await _record(session, caller, "view.renamed", view, now=now, before=before, after=view.name)
    return view


async def remove(session: AsyncSession, caller: Caller, view_id: UUID, now: datetime) -> None:
    """Raises ViewUnknown."""
    view = await changeable(session, caller, view_id)
    await _record(session, caller, "view.deleted", view, now=now, before=view.name)
    await session.execute(delete(SavedView).where(SavedView.id == view.id))


async def open_with(session: AsyncSession, caller: Caller, view_id: UUID | None) -> None:
    """Let the list open with this view, or (None) with what is due first. Raises ViewUnknown."""
    if view_id is None:
        await session.execute(delete(FirstView).where(FirstView.person_id == caller.person_id))
        return
    if await session.scalar(select(SavedView.id).where(SavedView.id == view_id, seen_by(caller))) is None:
        raise ViewUnknown
    chosen = insert(FirstView).values(person_id=caller.person_id, view_id=view_id)
    await session.execute(chosen.on_conflict_do_update(index_elements=["person_id"], set_={"view_id": view_id}))


async def forget(session: AsyncSession, person_id: UUID) -> None:
    """Everything of somebody whose account is closed. The caller records it."""
    await session.execute(delete(FirstView).where(FirstView.person_id == person_id))
    await session.execute(delete(SavedView).where(SavedView.person_id == person_id))


def managed(caller: Caller) -> frozenset[int]:
    """The stations whose views the caller keeps, by a role at the station itself."""
    return caller.scope(Permission.REQUESTS_MANAGE).station_ids


async def changeable(session: AsyncSession, caller: Caller, view_id: UUID) -> SavedView:
    """A view that the caller may rename and delete. Raises ViewUnknown, also for another's."""
    mine = or_(
        SavedView.person_id == caller.person_id,
        SavedView.station_id.in_(sorted(managed(caller))),
    )
    view: SavedView | None = await session.scalar(
        select(SavedView).where(SavedView.id == view_id, mine).with_for_update()
    )
    if view is None:
        raise ViewUnknown
    return view


def checked(name: str) -> str:
    """The name as it is kept. Raises Invalid."""
    try:
        return Line(NAME_LENGTH).validate(name)
    except TextError as error:
        raise Invalid(errors=[FieldError("name", error.code, MESSAGES[error.code], error.context)]) from None


async def _room_for_one(session: AsyncSession, whose: dict[str, Any], most: int) -> None:
    await session.execute(ONE_AT_A_TIME, {"owner": f"saved_view {whose}"})
    if (await session.scalar(select(func.count()).select_from(SavedView).filter_by(**whose)) or 0) >= most:
        raise TooManyViews


async def _named(session: AsyncSession, view: SavedView, name: str) -> None:
    """Write the view under this name. Raises ViewNameTaken."""
    try:
        async with session.begin_nested():
            view.name = name
            session.add(view)
    except IntegrityError as error:
        if violated(error) in NAMES:
            raise ViewNameTaken from None
        raise


async def _record(
    session: AsyncSession,
    caller: Caller,
    action: str,
    view: SavedView,
    *,
    now: datetime,
    before: str = "",
    after: str = "",
) -> None:
    """On record for a station's views, which others rely on; one's own are nobody's business."""
    if view.station_id is not None:
        told = [{"name": name} if name else {} for name in (before, after)]
        on = Object("view", str(view.id), view.station_id)
        await record(session, caller.actor, action, on, at=now, before=told[0], after=told[1])
