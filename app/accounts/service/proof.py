"""A fresh proof before something sensitive: that whoever sits there is still the person who signed in.

(OWASP ASVS 5.0, 7.5.1 and 7.5.2.) Asked is the password. Who has none, because single sign-on lets them in, gives a
code of the second factor; without either the session has to be young.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import CodeWrong
from app.accounts.models import Person, SigninSession
from app.accounts.service.second_factor import prove
from app.kit.passwords import Passwords
from app.kit.sealing import Sealer

YOUNG = timedelta(minutes=10)
Asked = Literal["password", "code", "nothing", "sign-in"]


async def asked(session: AsyncSession, person: Person, session_id: UUID, now: datetime) -> Asked:
    """What this person has to give; `sign-in`: only signing in again helps."""
    if person.password_hash:
        return "password"
    if person.totp_confirmed_at:
        return "code"
    since = await session.scalar(select(SigninSession.created_at).where(SigninSession.id == session_id))
    return "nothing" if since and now - since <= YOUNG else "sign-in"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a proof is compared with."""

    passwords: Passwords
    sealer: Sealer

    async def demand(self, session: AsyncSession, person: Person, what: Asked, typed: str, now: datetime) -> None:
        """Raises CodeWrong unless what was typed is what was asked, Unavailable when too many wait for a comparison."""
        right = what == "nothing"
        if what == "password":
            right, newer = await self.passwords.verify(typed, person.password_hash)
            person.password_hash = newer or person.password_hash
        elif what == "code":
            right = await prove(session, self.sealer, person, typed, now) is not None
        if not right:
            raise CodeWrong
