"""Reading the history of settings: what is in force, one setting with all that it was, and what was changed lately."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.models import Person
from app.policy.models import PolicyChange
from app.policy.rules import Kind, Place, Setting, place_of

_Next = aliased(PolicyChange)
_Before = aliased(PolicyChange)


@dataclass(frozen=True, slots=True)
class Entry:
    """A change: from which value to which (None: no such setting), by whom (empty: came with the product), why."""

    id: int
    setting: Setting
    before: Mapping[str, Any] | None
    value: Mapping[str, Any] | None
    reason: str
    changed_by: str
    changed_at: datetime
    previous_id: int | None

    @property
    def place(self) -> Place:
        return self.setting.place


def _entries() -> Select[Any]:
    return (
        select(PolicyChange, _Before.value, Person.name)
        .outerjoin(_Before, _Before.id == PolicyChange.previous_id)
        .outerjoin(Person, Person.id == PolicyChange.changed_by)
    )


def _entry(row: Sequence[Any]) -> Entry:
    change, before, name = row
    setting = Setting(place_of(change.scope), Kind(change.kind), change.key)
    return Entry(
        change.id,
        setting,
        before,
        change.value,
        change.reason,
        name or "",
        change.changed_at,
        change.previous_id,
    )


def _same(setting: Setting) -> tuple[ColumnElement[bool], ...]:
    return (
        PolicyChange.scope == setting.place.scope,
        PolicyChange.kind == setting.kind,
        PolicyChange.key == setting.key,
    )


def _in_scopes(scopes: Collection[str] | None) -> ColumnElement[bool]:
    return true() if scopes is None else PolicyChange.scope.in_(scopes)


def _newest() -> ColumnElement[bool]:
    """Whether nothing follows the change: then it is in force."""
    same = (_Next.scope == PolicyChange.scope, _Next.kind == PolicyChange.kind, _Next.key == PolicyChange.key)
    return ~exists().where(*same, _Next.previous_id == PolicyChange.id)


async def find(session: AsyncSession, change_id: int) -> Entry | None:
    """A change by its id."""
    row = (await session.execute(_entries().where(PolicyChange.id == change_id))).one_or_none()
    return _entry(row) if row else None


async def newest(session: AsyncSession, setting: Setting) -> Entry | None:
    """The change that is in force, also one that took the setting away; None where there was never one."""
    wanted = _entries().where(*_same(setting)).order_by(PolicyChange.id.desc()).limit(1)
    row = (await session.execute(wanted)).one_or_none()
    return _entry(row) if row else None


async def history_of(session: AsyncSession, setting: Setting) -> Sequence[Entry]:
    """All that a setting was, newest first."""
    found = await session.execute(_entries().where(*_same(setting)).order_by(PolicyChange.id.desc()))
    return [_entry(row) for row in found]


async def in_force(session: AsyncSession, kind: Kind, scopes: Collection[str] | None) -> Sequence[Entry]:
    """The settings of a kind that have a value now, within scopes."""
    wanted = _entries().where(PolicyChange.kind == kind, PolicyChange.value.is_not(None), _in_scopes(scopes), _newest())
    return [_entry(row) for row in await session.execute(wanted.order_by(PolicyChange.key, PolicyChange.id))]


async def latest(
    session: AsyncSession, scopes: Collection[str] | None, *, before: int | None, limit: int
) -> tuple[Sequence[Entry], int | None]:
    """What was changed within scopes, newest first, below an id; and the id below which the next page begins."""
    wanted = _entries().where(_in_scopes(scopes)).order_by(PolicyChange.id.desc()).limit(limit + 1)
    if before is not None:
        wanted = wanted.where(PolicyChange.id < before)
    found = [_entry(row) for row in await session.execute(wanted)]
    return found[:limit], found[limit - 1].id if len(found) > limit else None
