"""Which version of the privacy notice a person has agreed to, and agreeing to the one in force."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.accounts.queries.notice import notice_in_force
from app.accounts.rules.rights import Caller
from app.accounts.service.organisations import person_of
from app.audit.service import Object, record
from app.kit.clock import local_date


@dataclass(frozen=True, slots=True)
class Consent:
    """What was agreed to and when, if ever; `in_force` is the version of today."""

    version: str | None
    at: datetime | None
    in_force: str

    @property
    def owed(self) -> bool:
        """Whether the version in force is another one than was agreed to."""
        return self.version != self.in_force


async def consent_of(session: AsyncSession, person_id: UUID, now: datetime) -> Consent:
    row = (
        await session.execute(select(Person.consent_version, Person.consented_at).where(Person.id == person_id))
    ).one()
    return Consent(row[0], row[1], notice_in_force(local_date(now)).version)


async def agree(session: AsyncSession, caller: Caller, version: str, now: datetime) -> bool:
    """Agree to a version; nothing is done, and False said, when it isn't the one in force."""
    person_id = person_of(caller)
    before = await consent_of(session, person_id, now)
    if version != before.in_force:
        return False
    if before.owed:
        await session.execute(
            update(Person).where(Person.id == person_id).values(consent_version=version, consented_at=now)
        )
        on = Object("person", str(person_id))
        changed = {"version": before.version}, {"version": version}
        await record(session, caller.actor, "consent.given", on, at=now, before=changed[0], after=changed[1])
    return True
