"""Taking a bundle that belongs to no organisation into one's own.

The requests of its steps stay whose they are: the bundle's code doesn't open them, so it can't give them away either.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller
from app.audit.service import Object, record
from app.bundles.errors import BundleClaimed
from app.bundles.models import Bundle
from app.kit.problems import NotFound
from app.requests.claims import acts_for


async def claim(session: AsyncSession, bundle: Bundle, caller: Caller, organisation_id: UUID, now: datetime) -> None:
    """The bundle, which the caller may open and which is locked, becomes the organisation's.

    Claiming it again changes nothing. Raises NotFound when the caller doesn't act for the organisation; BundleClaimed.
    """
    if caller.must_enrol or not await session.scalar(select(acts_for(caller, organisation_id))):
        raise NotFound
    if bundle.organisation_id == organisation_id:
        return
    taken = await session.scalar(
        update(Bundle)
        .where(Bundle.id == bundle.id, Bundle.organisation_id.is_(None), acts_for(caller, organisation_id))
        .values(
            organisation_id=organisation_id,
            person_id=func.coalesce(Bundle.person_id, caller.person_id),
            changed_at=now,
        )
        .returning(Bundle.id),
        execution_options={"synchronize_session": False},
    )
    if taken is None:
        raise BundleClaimed
    await session.refresh(bundle)
    on = Object("bundle", bundle.reference, organisation_id=organisation_id)
    await record(session, caller.actor, "bundle.claimed", on, at=now, after={"organisation": organisation_id})
