"""That somebody takes the record out of the house is itself on record, with what was asked for."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller
from app.audit.queries import Filters
from app.audit.service import Object, record


async def take_out(session: AsyncSession, caller: Caller, filters: Filters, form: str, now: datetime) -> None:
    """Looks at pages of the record are not written down, only what leaves as a file."""
    asked = {name: value for name, value in asdict(filters).items() if value not in {"", None}}
    on = Object("audit", "export", station_id=filters.station_id, organisation_id=filters.organisation_id)
    await record(session, caller.actor, "audit.exported", on, at=now, after={"format": form, "filter": asked})
