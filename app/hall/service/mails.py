"""Where whoever holds a ticket wants to read that it is soon their turn: left, changed, deleted by the page of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.hall.live import topic_of
from app.hall.models import TurnMail
from app.hall.queries import Line
from app.kit.live import tell


async def leave_address(session: AsyncSession, line: Line, email: str, language: str, now: datetime) -> None:
    """Write there when two are left; another address takes its place. Whether it is so already is looked at at once."""
    values = {"email": email, "language": language, "created_at": now}
    statement = insert(TurnMail).values(ticket_id=line.id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["ticket_id"], set_=values))
    await tell(session, topic_of(line.station_id))


async def delete_address(session: AsyncSession, ticket_id: UUID) -> None:
    await session.execute(delete(TurnMail).where(TurnMail.ticket_id == ticket_id))
