"""Which version of the privacy notice a person has agreed to, and agreeing to the one in force."""

from dataclasses import dataclass
from datetime import datetime

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
    """What was agreed to and when, if ever; `in_force` is the version of today.

    `owed`: the person is to be asked again. Staff aren't: what is kept of them is kept for their work.
    """

    version: str | None
    at: datetime | None
    in_force: str
    owed: bool


async def consent_of(session: AsyncSession, caller: Caller, now: datetime) -> Consent:
    of_caller = select(Person.consent_version, Person.consented_at).where(Person.id == person_of(caller))
    version, at = (await session.execute(of_caller)).one()
    in_force = notice_in_force(local_date(now)).version
    return Consent(version, at, in_force, version != in_force and not caller.staff)


async def agree(session: AsyncSession, caller: Caller, version: str, now: datetime) -> bool:
    """Agree to a version; nothing is done, and False said, when it isn't the one in force."""
    person_id = person_of(caller)
    before = await consent_of(session, caller, now)
    if version != before.in_force:
        return False
    if before.version != version:
        await session.execute(
            update(Person).where(Person.id == person_id).values(consent_version=version, consented_at=now)
        )
        on = Object("person", str(person_id))
        changed = {"version": before.version}, {"version": version}
        await record(session, caller.actor, "consent.given", on, at=now, before=changed[0], after=changed[1])
    return True
