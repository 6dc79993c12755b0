"""Credit codes that enterprises have put before the staff of a station, within the scope that is given."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.models import CodeCase, Person
from app.accounts.rules.rights import Scope
from app.accounts.scoping import within
from app.files.models import StoredFile

ASKER, DECIDER = aliased(Person), aliased(Person)
State = Literal["open", "decided"]


@dataclass(frozen=True, slots=True)
class Case:
    """A code with what speaks for it. `file_name` is None where the picture is gone or was never there."""

    id: UUID
    uscc: str
    organisation_name: str
    station_id: int
    note: str
    created_at: datetime
    person_id: UUID
    asker: str
    asker_email: str | None
    language: str
    decided_at: datetime | None
    decider: str | None
    accepted: bool | None
    reason: str | None
    file_name: str | None
    file_type: str | None
    file_size: int | None


async def listed(
    session: AsyncSession, scope: Scope, state: State, after: tuple[str, UUID] | None, limit: int
) -> tuple[list[Case], tuple[str, UUID] | None]:
    """A page of cases: those that wait longest first, or the decided ones, the newest first. And the next place."""
    place = _place()
    asked = _cases(scope).where(CodeCase.decided_at.is_(None) if state == "open" else CodeCase.decided_at.is_not(None))
    if state == "open":
        asked = asked.order_by(place, CodeCase.id)
        asked = asked.where(tuple_(place, CodeCase.id) > tuple_(*after)) if after else asked
    else:
        asked = asked.order_by(place.desc(), CodeCase.id.desc())
        asked = asked.where(tuple_(place, CodeCase.id) < tuple_(*after)) if after else asked
    rows = (await session.execute(asked.add_columns(place).limit(limit + 1))).all()
    cases = [Case(*row[:-1]) for row in rows[:limit]]
    return cases, (rows[limit - 1][-1], cases[-1].id) if len(rows) > limit else None


async def find(session: AsyncSession, scope: Scope, case_id: UUID) -> Case | None:
    """One case; None also for one out of the scope."""
    row = (await session.execute(_cases(scope).where(CodeCase.id == case_id))).first()
    return Case(*row) if row else None


async def evidence(session: AsyncSession, scope: Scope, case_id: UUID) -> StoredFile | None:
    """The picture that was handed in with a case within the scope."""
    asked = select(StoredFile).join(CodeCase, CodeCase.file_id == StoredFile.id)
    there = CodeCase.id == case_id, within(scope, CodeCase.station_id), StoredFile.deleted_at.is_(None)
    found: StoredFile | None = await session.scalar(asked.where(*there))
    return found


async def waiting(session: AsyncSession, scope: Scope) -> int:
    """How many wait for a decision."""
    asked = select(func.count()).select_from(CodeCase)
    return await session.scalar(asked.where(CodeCase.decided_at.is_(None), within(scope, CodeCase.station_id))) or 0


def _place() -> ColumnElement[str]:
    """When a case came or was decided, as text that sorts."""
    moment = func.coalesce(CodeCase.decided_at, CodeCase.created_at)
    return cast(func.to_char(func.timezone("UTC", moment), 'YYYY-MM-DD"T"HH24:MI:SS.US'), String)


def _cases(scope: Scope) -> Select[*tuple[Any, ...]]:
    own = (
        CodeCase.id,
        CodeCase.uscc,
        CodeCase.organisation_name,
        CodeCase.station_id,
        CodeCase.note,
        CodeCase.created_at,
        CodeCase.person_id,
        ASKER.name,
        ASKER.email,
        ASKER.language,
        CodeCase.decided_at,
        DECIDER.name,
        CodeCase.accepted,
        CodeCase.reason,
        StoredFile.name,
        StoredFile.media_type,
        StoredFile.size,
    )
    there = (StoredFile.id == CodeCase.file_id) & StoredFile.deleted_at.is_(None)
    return (
        select(*own)
        .join(ASKER, ASKER.id == CodeCase.person_id)
        .outerjoin(DECIDER, DECIDER.id == CodeCase.decided_by)
        .outerjoin(StoredFile, there)
        .where(within(scope, CodeCase.station_id))
    )
