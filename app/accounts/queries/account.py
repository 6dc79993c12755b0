"""What somebody sees of the own account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, String, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import SigninSession
from app.accounts.rules.rights import Grant, Role

# Named without importing the room of stations, which lies above this one.
STATION = table("station", column("id", Integer), column("name_zh", String), column("name_en", String))
DIVISION = table("division", column("adcode", String), column("name_zh", String), column("name_en", String))
LAST = 5


@dataclass(frozen=True, slots=True)
class Held:
    """A role with the name of where it holds, "" for the whole network."""

    role: Role
    place_zh: str
    place_en: str


async def held(session: AsyncSession, grants: Sequence[Grant]) -> list[Held]:
    """The roles of these grants, in the order of `Role`, with the names of stations and counties."""
    places: dict[int | str, tuple[str, str]] = {}
    if stations := {grant.station_id for grant in grants if grant.station_id is not None}:
        rows = await session.execute(select(STATION).where(STATION.c.id.in_(stations)))
        places |= {row.id: (row.name_zh, row.name_en) for row in rows}
    if counties := {grant.county for grant in grants if grant.county}:
        rows = await session.execute(select(DIVISION).where(DIVISION.c.adcode.in_(counties)))
        places |= {row.adcode: (row.name_zh, row.name_en) for row in rows}
    found = [Held(each.role, *places.get(each.station_id or each.county or "", ("", ""))) for each in grants]
    return sorted(found, key=lambda each: (list(Role).index(each.role), each.place_zh))


async def open_sessions(
    session: AsyncSession, person_id: UUID, now: datetime, idle_since: tuple[datetime, datetime]
) -> Sequence[SigninSession]:
    """Browser sessions and tokens that get in now, the one used last first.

    `idle_since`: browsers and tokens that were not used since then have ended by themselves.
    """
    browsers, tokens = idle_since
    alive = (SigninSession.kind == "browser") & (SigninSession.last_seen_at > browsers)
    alive |= (SigninSession.kind == "token") & (SigninSession.last_seen_at > tokens)
    mine = SigninSession.person_id == person_id, SigninSession.ended_at.is_(None), SigninSession.expires_at > now
    found = select(SigninSession).where(*mine, alive).order_by(SigninSession.last_seen_at.desc(), SigninSession.id)
    return (await session.scalars(found)).all()


async def last_sign_ins(session: AsyncSession, person_id: UUID) -> Sequence[SigninSession]:
    """The last few times that somebody came in with this account, also those that have ended; newest first."""
    mine = SigninSession.person_id == person_id, SigninSession.kind != "pending"
    found = select(SigninSession).where(*mine).order_by(SigninSession.created_at.desc()).limit(LAST)
    return (await session.scalars(found)).all()
