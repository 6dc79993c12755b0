"""Signing in: name and password, then the second factor of whoever has one, each step with a secret of its own.

Whether there is no such person, the password is wrong, the account is disabled or closed, or it never had a password:
the same statements are made, one hash is computed, and the answer is the same (`Refused`). Nothing is held open while
hashing: the person is read on a bare connection, and the session's transaction begins with what becomes of it.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import SecondFactorMissing, SecondFactorNeeded
from app.accounts.models import Person, SigninSession
from app.accounts.rules.rights import SECOND_FACTOR_REQUIRED
from app.accounts.service.locks import Attempt, Locks
from app.accounts.service.second_factor import Proved, prove
from app.accounts.service.sessions import Device, Opened, Proof, begin, end
from app.accounts.sessions import Timeouts
from app.audit.service import Actor, Object, record
from app.kit.db import Database
from app.kit.ids import hash_secret
from app.kit.passwords import Passwords
from app.kit.problems import Unavailable
from app.kit.sealing import Sealer

LONGEST_NAME = 255
"""One more than any name has, so that a longer one is nobody's."""
BY_NAME_KEY = "name:"
"""What names are counted under begins with this, so that nobody can type what else is counted."""
_UNSTORABLE = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")

_FOUND: LiteralString = """
SELECT id, coalesce(username, email, ''), password_hash, totp_confirmed_at IS NOT NULL,
    CASE WHEN closed_at IS NOT NULL THEN 'closed' WHEN disabled_at IS NOT NULL THEN 'disabled' ELSE '' END,
    EXISTS (SELECT FROM role_grant WHERE person_id = person.id AND role = ANY (%(strong)s)),
    EXISTS (SELECT FROM role_grant WHERE person_id = person.id),
    EXISTS (SELECT FROM membership WHERE person_id = person.id)
FROM person WHERE
"""
BY_NAME: LiteralString = _FOUND + "username = %(name)s OR email = %(name)s ORDER BY username = %(name)s DESC LIMIT 1"
BY_ID: LiteralString = _FOUND + "id = %(id)s"
_STRONG = [role.value for role in SECOND_FACTOR_REQUIRED]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody signs in from; `network` as `app.web.client.network_of` has it."""

    device: Device
    network: str


@dataclass(frozen=True, slots=True)
class Guess:
    """What was typed, and where."""

    name: str
    password: str = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody as far as signing in needs it. `barred` is "closed", "disabled" or ""."""

    id: UUID
    username: str
    password_hash: str | None = field(repr=False)
    has_factor: bool
    barred: str
    requires_factor: bool
    staff: bool
    member: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """Signed in, by a session that has just begun."""

    person: Known
    opened: Opened

    @property
    def must_enrol(self) -> bool:
        return self.person.requires_factor and not self.person.has_factor


@dataclass(frozen=True, slots=True)
class Pending:
    """The password was right; this session is good for giving the code, and for nothing else."""

    opened: Opened


@dataclass(frozen=True, slots=True)
class Refused:
    """For whatever reason. It is on record when the transaction commits, so don't raise before."""


def normalise_name(text: str) -> str:
    """A user name or a mail address in its one spelling: NFKC, without blanks around it, in lower case.

    What no database holds becomes what nobody is called; never raises.
    """
    return unicodedata.normalize("NFKC", text.translate(_UNSTORABLE)).strip().lower()[:LONGEST_NAME]


def names_of(person: Person) -> tuple[str, ...]:
    """Under what failures of this person are counted, for `Locks.lift`."""
    names = (normalise_name(name) for name in (person.username, person.email) if name)
    return (*(f"{BY_NAME_KEY}{name}" for name in names), f"again:{person.id}")


class SignIns:
    """Raises SignInLocked, before anything is looked at, and Unavailable when too many are waiting."""

    def __init__(
        self, database: Database, passwords: Passwords, sealer: Sealer, locks: Locks, timeouts: Timeouts
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._sealer = sealer
        self._locks = locks
        self._timeouts = timeouts

    async def enter(self, session: AsyncSession, guess: Guess, now: datetime) -> Entered | Pending | Refused:
        """Sign in by a browser."""
        person = await self._compare(session, guess, now)
        if person is None:
            return Refused()
        if person.has_factor:
            return Pending(await begin(session, person.id, guess.origin.device, self._timeouts, now, kind="pending"))
        return await self._open(session, person, guess.origin.device, now)

    async def token(self, session: AsyncSession, guess: Guess, code: str | None, now: datetime) -> Entered | Refused:
        """Sign in by a program, in one step.

        Only after the right password: raises SecondFactorNeeded for somebody who has one and gave no code, and
        SecondFactorMissing for somebody whose role requires one that isn't set up.
        """
        person = await self._compare(session, guess, now)
        if person is None:
            return Refused()
        if not person.has_factor:
            if person.requires_factor:
                raise SecondFactorMissing
            return await self._open(session, person, guess.origin.device, now, kind="token")
        if not code:
            raise SecondFactorNeeded
        proved = await self._prove(session, person.id, code, guess.origin, now)
        if proved is None:
            return Refused()
        return await self._open(
            session, person, guess.origin.device, now, kind="token", proof="password", proved=proved
        )

    async def welcome(self, session: AsyncSession, email: str, origin: Origin, now: datetime) -> Entered:
        """Sign in somebody whose account was made a moment ago, in the same transaction."""
        person = (await session.scalars(select(Person).where(Person.email == email))).one()
        known = Known(person.id, email, None, False, "", False, False, False)
        return await self._open(session, known, origin.device, now)

    async def whose(self, session: AsyncSession, secret: str, now: datetime) -> SigninSession | None:
        """The pending session with this secret, if it is still good."""
        good = (
            SigninSession.token_hash == hash_secret(secret),
            SigninSession.kind == "pending",
            SigninSession.ended_at.is_(None),
            SigninSession.expires_at > now,
        )
        open_account = Person.disabled_at.is_(None), Person.closed_at.is_(None)
        asked = select(SigninSession).join(Person, Person.id == SigninSession.person_id).where(*good, *open_account)
        return (await session.scalars(asked)).first()

    async def give_code(
        self, session: AsyncSession, pending: SigninSession, code: str, origin: Origin, now: datetime
    ) -> Entered | Refused:
        """The second step by a browser; the pending session ends with it."""
        proved = await self._prove(session, pending.person_id, code, origin, now)
        rows = await self._database.fetch(BY_ID, {"id": pending.person_id, "strong": _STRONG})
        if proved is None or not await end(session, pending.person_id, pending.id, now):
            return Refused()
        proof: Proof = "sso" if pending.proof == "sso" else "password"
        return await self._open(session, Known(*rows[0]), origin.device, now, proof=proof, proved=proved)

    async def _compare(self, session: AsyncSession, guess: Guess, now: datetime) -> Known | None:
        """Whoever it is, when the password is right; else a refusal on record."""
        name = normalise_name(guess.name)
        attempt = await self._locks.attempt(f"{BY_NAME_KEY}{name}", guess.origin.network, now)
        rows: list[tuple[Any, ...]] = await self._database.fetch(BY_NAME, {"name": name, "strong": _STRONG})
        person = Known(*rows[0]) if rows else None
        kept = person.password_hash if person and not person.barred else None
        right, renewed = await self._verify(guess.password, kept, attempt)
        if person is None or not right:
            await self._refuse(session, person, _reason(person), now, attempt=attempt, device=guess.origin.device)
            return None
        await self._locks.right(attempt)
        if renewed:
            same = Person.id == person.id, Person.password_hash == person.password_hash
            await session.execute(update(Person).where(*same).values(password_hash=renewed))
        return person

    async def _verify(self, password: str, kept: str | None, attempt: Attempt) -> tuple[bool, str | None]:
        try:
            return await self._passwords.verify(password, kept)
        except Unavailable:
            await self._locks.untried(attempt)
            raise

    async def _prove(
        self, session: AsyncSession, person_id: UUID, code: str, origin: Origin, now: datetime
    ) -> Proved | None:
        """Codes have a count of their own: six digits are guessed sooner than a password."""
        attempt = await self._locks.attempt(f"code:{person_id}", origin.network, now)
        person = await session.get_one(Person, person_id)
        proved = await prove(session, self._sealer, person, code, now)
        if proved is None:
            await self._refuse(session, person, "code", now, attempt=attempt, device=origin.device)
            return None
        await self._locks.right(attempt)
        return proved

    async def _open(
        self,
        session: AsyncSession,
        person: Known,
        device: Device,
        now: datetime,
        *,
        kind: Literal["browser", "token"] = "browser",
        proof: Proof = "password",
        proved: Proved | None = None,
    ) -> Entered:
        shown: Proof = "recovery" if proved == "recovery" else proof
        strong = proved is not None
        opened = await begin(session, person.id, device, self._timeouts, now, kind=kind, proof=shown, strong=strong)
        actor = Actor("person", person.id, person.username, device.address, str(opened.id))
        after = {"by": kind, "proof": shown, "second_factor": strong}
        await record(session, actor, "person.signed_in", Object("person", str(person.id)), at=now, after=after)
        return Entered(person, opened)

    async def _refuse(
        self,
        session: AsyncSession,
        person: Known | Person | None,
        reason: str,
        now: datetime,
        *,
        attempt: Attempt,
        device: Device,
    ) -> None:
        """On record: whose account, and what kind of reason; never what was typed."""
        on = Object("person", str(person.id) if person else "unknown")
        after = {"locked_until": attempt.locks_until} if attempt.locks_until else None
        actor = Actor("visitor", address=device.address)
        await record(session, actor, "person.sign_in_refused", on, at=now, after=after, reason=reason)


def _reason(person: Known | None) -> str:
    if person is None:
        return "unknown"
    return person.barred or ("password" if person.password_hash else "no_password")
