"""The first of the staff, made by whoever runs the machine: there is no default account and no default password."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import NameTaken
from app.accounts.models import Person, RecoveryCode, RoleGrant
from app.accounts.rules.rights import Grant
from app.accounts.service.sessions import end_all
from app.audit.service import Actor, Object, record
from app.kit.ids import new_id

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")
COMMAND = Actor("system", name="onestop user")


@dataclass(frozen=True, slots=True)
class NewStaff:
    """Somebody to be made: a user name as `USERNAME` has it, a name for people, the first role."""

    username: str
    name: str
    email: str | None
    grant: Grant


async def create(session: AsyncSession, new: NewStaff, password_hash: str, now: datetime) -> UUID:
    """Make one member of the staff. Raises NameTaken."""
    mine = or_(Person.username == new.username, Person.email == new.email if new.email else false())
    if await session.scalar(select(Person.id).where(mine)):
        raise NameTaken
    person = Person(
        id=new_id(),
        username=new.username,
        name=new.name,
        email=new.email,
        password_hash=password_hash,
        password_changed_at=now,
        created_at=now,
    )
    session.add(person)
    await session.flush()
    grant = new.grant
    where = {"station_id": grant.station_id, "county_adcode": grant.county}
    session.add(RoleGrant(person_id=person.id, role=grant.role, granted_at=now, **where))
    await session.flush()
    after = {"username": new.username, "role": grant.role, **where}
    await record(session, COMMAND, "person.created", Object("person", str(person.id)), at=now, after=after)
    return person.id


async def reset(session: AsyncSession, username: str, password_hash: str, now: datetime) -> bool:
    """Another password and no second factor, for who is locked out; whether there is such a person."""
    anew = {
        "password_hash": password_hash,
        "password_changed_at": now,
        "totp_sealed": None,
        "totp_confirmed_at": None,
        "disabled_at": None,
    }
    changed = update(Person).where(Person.username == username, Person.closed_at.is_(None)).values(anew)
    person_id = await session.scalar(changed.returning(Person.id))
    if person_id is None:
        return False
    await session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    await end_all(session, person_id, now)
    await record(session, COMMAND, "person.reset", Object("person", str(person_id)), at=now)
    return True
