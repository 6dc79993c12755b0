"""Beginning and ending sessions. A secret is made here, handed over once, and kept as SHA-256 only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import SigninSession
from app.accounts.models.people import AGENT_LENGTH
from app.accounts.sessions import TOKEN_PREFIX, Timeouts
from app.kit.ids import hash_secret, new_id, new_secret

Proof = Literal["password", "sso", "recovery"]
Kind = Literal["browser", "token", "pending"]


@dataclass(frozen=True, slots=True)
class Device:
    """Where somebody signs in from: the address and what the browser calls itself."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has just begun; `secret` is shown to nobody again."""

    id: UUID
    secret: str
    expires_at: datetime


async def begin(
    session: AsyncSession,
    person_id: UUID,
    device: Device,
    timeouts: Timeouts,
    now: datetime,
    *,
    kind: Kind = "browser",
    proof: Proof = "password",
    strong: bool = False,
) -> Opened:
    """A new session with a new secret, so that one planted before signing in is worth nothing (fixation)."""
    secret = (TOKEN_PREFIX if kind == "token" else "") + new_secret()
    lasts = {"browser": timeouts.absolute, "token": timeouts.token, "pending": timeouts.pending}[kind]
    begun = SigninSession(
        id=new_id(),
        token_hash=hash_secret(secret),
        person_id=person_id,
        kind=kind,
        proof=proof,
        address=device.address,
        agent=device.agent[:AGENT_LENGTH],
        strong_at=now if strong else None,
        created_at=now,
        last_seen_at=now,
        expires_at=now + lasts,
    )
    session.add(begun)
    await session.flush()
    return Opened(begun.id, secret, begun.expires_at)


async def end(session: AsyncSession, person_id: UUID, session_id: UUID, now: datetime) -> bool:
    """End one session of this person; whether there was one to end."""
    mine = SigninSession.id == session_id, SigninSession.person_id == person_id, SigninSession.ended_at.is_(None)
    ended = await session.execute(update(SigninSession).where(*mine).values(ended_at=now).returning(SigninSession.id))
    return ended.first() is not None


async def end_all(session: AsyncSession, person_id: UUID, now: datetime, *, but: UUID | None = None) -> None:
    """End every session of this person, as after a new password; `but` is the one in use."""
    mine = [SigninSession.person_id == person_id, SigninSession.ended_at.is_(None)]
    if but is not None:
        mine.append(SigninSession.id != but)
    await session.execute(update(SigninSession).where(*mine).values(ended_at=now))
