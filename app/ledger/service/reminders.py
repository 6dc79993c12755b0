"""Whether somebody wants to be reminded of an organisation's due dates: who says nothing does."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller
from app.accounts.service.organisations import joined, person_of
from app.ledger.models import ReminderChoice

UNSEEN = {"synchronize_session": False}


async def wanted(session: AsyncSession, caller: Caller, organisation_id: UUID) -> bool:
    own = ReminderChoice.organisation_id == organisation_id, ReminderChoice.person_id == caller.person_id
    return await session.scalar(select(ReminderChoice.stopped_at).where(*own)) is None


async def choose(session: AsyncSession, caller: Caller, organisation_id: UUID, now: datetime, *, want: bool) -> None:
    """From now on, for oneself. Raises NotFound who isn't of the organisation."""
    await joined(session, caller, organisation_id)
    person_id = person_of(caller)
    if want:
        own = ReminderChoice.organisation_id == organisation_id, ReminderChoice.person_id == person_id
        await session.execute(delete(ReminderChoice).where(*own), execution_options=UNSEEN)
        return
    row = {"organisation_id": organisation_id, "person_id": person_id, "stopped_at": now}
    await session.execute(insert(ReminderChoice).values(row).on_conflict_do_nothing())
