"""The second factor: codes of an authenticator by time (RFC 6238: SHA-1, 6 digits, 30 s), and ten recovery codes.

A code of the step before or after counts too (RFC 6238, 5.2), and each step once: the last one used is moved on by one
statement, so that of two who send the same code at the same time one gets in. Recovery codes are kept as HMAC under
the installation's key, and are used up by one statement likewise.

`person.totp_sealed` holds the seed in force (it is in force once `totp_confirmed_at` is set) and, beside it, the seed
of an authenticator that is being set up. So whoever moves to another phone keeps the old one until the new one works.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import CodeWrong, SecondFactorRequired
from app.accounts.models import Person, RecoveryCode, RoleGrant, SigninSession
from app.accounts.rules.rights import SECOND_FACTOR_REQUIRED
from app.accounts.service.sessions import end_all
from app.audit.service import Actor, Object, record
from app.kit.ids import ALPHABET, hash_secret, new_secret
from app.kit.sealing import Sealer
from app.kit.text import to_halfwidth

Proved = Literal["totp", "recovery"]
SEED, RECOVERY = "totp", "recovery code"
WINDOW = 1
CODES, CODE_LENGTH = 10, 10
SET_UP_WITHIN = timedelta(minutes=15)
_READ_AS = str.maketrans("OIL", "011")
_BESIDE = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Seeds:
    """What is sealed: the seed in force, and one that is being set up with the second (of Unix time) it was made."""

    current: str = ""
    candidate: str = ""
    since: int = 0

    def written(self) -> str:
        return f"{self.current}:{self.candidate}:{self.since}"

    def candidate_at(self, now: datetime) -> str:
        """The seed that is being set up, while it may be."""
        return self.candidate if now.timestamp() - self.since <= SET_UP_WITHIN.total_seconds() else ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Shown once: the recovery codes, and the renewed secret of the session in use."""

    codes: list[str]
    session_secret: str


async def prove(session: AsyncSession, sealer: Sealer, person: Person, code: str, now: datetime) -> Proved | None:
    """What the code is that somebody typed, when it is right and was not used before; it is used up with that.

    Blanks, hyphens, case and width don't matter. None also for a person without a second factor in force.
    """
    typed = read(code)
    if person.totp_sealed is None or person.totp_confirmed_at is None:
        return None
    if _DIGITS.fullmatch(typed):
        step = step_of(open_seeds(sealer, person).current, typed, now)
        return "totp" if step is not None and await _use_step(session, person, step) else None
    return "recovery" if await _use_recovery_code(session, sealer, person.id, typed, now) else None


def read(code: str) -> str:
    """A code in its one spelling; what is none matches none."""
    return _BESIDE.sub("", to_halfwidth(code)).upper().translate(_READ_AS)


def step_of(seed: str, digits: str, now: datetime) -> int | None:
    """The number of the 30 seconds since 1970 whose code this is, of the one now and those beside it."""
    try:
        return pyotp.TOTP(seed).verify_and_get_timecode(digits, for_time=now, valid_window=WINDOW)
    except OTPVerificationError:
        return None


async def _use_step(session: AsyncSession, person: Person, step: int) -> bool:
    """Move on to this step, if the seed is still the one that the code was compared with."""
    unused = or_(Person.totp_last_step.is_(None), Person.totp_last_step < step)
    moved = update(Person).where(Person.id == person.id, Person.totp_sealed == person.totp_sealed, unused)
    values = moved.values(totp_last_step=step).returning(Person.id)
    return (await session.execute(values, execution_options={"synchronize_session": False})).first() is not None


async def _use_recovery_code(session: AsyncSession, sealer: Sealer, person_id: UUID, typed: str, now: datetime) -> bool:
    mine = RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)
    known = RecoveryCode.code_hash.in_(sealer.digests(RECOVERY, str(person_id), typed))
    used = update(RecoveryCode).where(*mine, known).values(used_at=now).returning(RecoveryCode.n)
    return (await session.execute(used, execution_options={"synchronize_session": False})).first() is not None


# --- Setting up --------------------------------------------------------------------------------------------------


def open_seeds(sealer: Sealer, person: Person) -> Seeds:
    """The seeds of this person, none where nothing is kept. Raises SealBroken."""
    if person.totp_sealed is None:
        return Seeds()
    current, candidate, since = sealer.open(SEED, str(person.id), person.totp_sealed).split(":")
    return Seeds(current, candidate, int(since))


def seal_seeds(sealer: Sealer, person: Person, seeds: Seeds) -> None:
    person.totp_sealed = sealer.seal(SEED, str(person.id), seeds.written())


async def begin_enrolment(session: AsyncSession, sealer: Sealer, person: Person, now: datetime) -> str:
    """A new seed (160 bits, base 32), kept beside the one in force until its first code is confirmed."""
    seed = pyotp.random_base32()
    current = open_seeds(sealer, person).current if person.totp_confirmed_at else ""
    seal_seeds(sealer, person, Seeds(current, seed, int(now.timestamp())))
    await session.flush()
    return seed


async def confirm(
    session: AsyncSession, sealer: Sealer, person: Person, code: str, *, actor: Actor, now: datetime
) -> Confirmed:
    """The seed that is being set up comes into force by its first right code; all other sessions end.

    `person` is locked by the caller; `actor.via` is the session in use, which is strong from now on under a new
    secret. Raises CodeWrong, also when nothing is being set up.
    """
    seed = open_seeds(sealer, person).candidate_at(now)
    step = step_of(seed, read(code), now) if seed else None
    if step is None:
        raise CodeWrong
    replaced = person.totp_confirmed_at is not None
    seal_seeds(sealer, person, Seeds(seed))
    person.totp_confirmed_at, person.totp_last_step = now, step
    codes = await _replace_codes(session, sealer, person.id)
    await end_all(session, person.id, now, but=UUID(actor.via))
    secret = await strengthen(session, UUID(actor.via), now)
    action = "person.second_factor_replaced" if replaced else "person.second_factor_set"
    await record(session, actor, action, Object("person", str(person.id)), at=now)
    return Confirmed(codes, secret)


async def strengthen(session: AsyncSession, session_id: UUID, now: datetime) -> str:
    """The session has given a second factor; its new secret."""
    secret = new_secret()
    values = {"token_hash": hash_secret(secret), "strong_at": now}
    await session.execute(update(SigninSession).where(SigninSession.id == session_id).values(values))
    return secret


async def remove(
    session: AsyncSession, sealer: Sealer, person: Person, code: str, *, actor: Actor, now: datetime
) -> None:
    """Do without from now on; all other sessions end. Raises SecondFactorRequired, CodeWrong."""
    if await required(session, person.id):
        raise SecondFactorRequired
    if await prove(session, sealer, person, code, now) is None:
        raise CodeWrong
    await forget(session, person)
    await end_all(session, person.id, now, but=UUID(actor.via))
    await record(session, actor, "person.second_factor_removed", Object("person", str(person.id)), at=now)


async def forget(session: AsyncSession, person: Person) -> None:
    """Take the second factor off a person, without asking: for `remove`, and for an administrator who helps."""
    person.totp_sealed = person.totp_confirmed_at = person.totp_last_step = None
    await session.flush()
    await session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


async def new_recovery_codes(
    session: AsyncSession, sealer: Sealer, person: Person, code: str, *, actor: Actor, now: datetime
) -> list[str]:
    """Ten others; the ones before are worth nothing from now on. Raises CodeWrong."""
    if await prove(session, sealer, person, code, now) is None:
        raise CodeWrong
    codes = await _replace_codes(session, sealer, person.id)
    await record(session, actor, "person.recovery_codes_made", Object("person", str(person.id)), at=now)
    return codes


async def _replace_codes(session: AsyncSession, sealer: Sealer, person_id: UUID) -> list[str]:
    """Fifty random bits each, as "7K3M9-QXDJ2"."""
    made = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    await session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    rows = [
        {"person_id": person_id, "n": n, "code_hash": sealer.digests(RECOVERY, str(person_id), code)[0]}
        for n, code in enumerate(made, start=1)
    ]
    await session.execute(insert(RecoveryCode), rows)
    return [f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}" for code in made]


async def recovery_codes_left(session: AsyncSession, person_id: UUID) -> int:
    unused = RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)
    found: int = await session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0
    return found


async def required(session: AsyncSession, person_id: UUID) -> bool:
    """Whether a role of this person requires a second factor."""
    demanding = select(RoleGrant.id).where(RoleGrant.person_id == person_id, RoleGrant.role.in_(SECOND_FACTOR_REQUIRED))
    return await session.scalar(demanding.limit(1)) is not None
