"""What a sender of webhooks writes down: what it takes, begins, settles and gives back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Organisation
from app.accounts.queries.people import grants_of
from app.accounts.rules.rights import TABLE, Permission, scope_of
from app.audit.service import Actor
from app.kit.db import Database, WriteSession
from app.kit.ids import new_id
from app.notify.letters import Letterhead
from app.stations.models import Station
from app.webhooks import statements
from app.webhooks.letters import tell_dead, tell_ended
from app.webhooks.models import Subscription
from app.webhooks.rules.sending import TRIED_FOR
from app.webhooks.service.managing import ended

LEASE = timedelta(minutes=5)
REST = timedelta(seconds=4)
"""How long a robot is left alone after a message: at most 15 a minute, where 20 are taken."""
MOST_LANES, MOST_EACH = 32, 20
UNTRIED_FOR = TRIED_FOR + timedelta(hours=2)
JOB = Actor("system", name="webhooks")


@dataclass(frozen=True, slots=True)
class Key:
    """A delivery that is ours until the lease ends."""

    subscription_id: UUID
    event_n: int
    lease: UUID

    @property
    def values(self) -> dict[str, object]:
        return {"subscription_id": self.subscription_id, "event_n": self.event_n, "lease": self.lease}


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt as it begins: which one it is, what is sent, and where to. The secrets are sealed.

    Where a robot tells it: in which language, and the name in it of the station.
    """

    event_id: UUID
    type: str
    at: datetime
    data: Mapping[str, Any]
    attempts: int
    begun_at: datetime
    url: str
    secret: bytes
    old_secret: bytes | None
    via: str
    language: str | None
    organisation_id: UUID | None
    station: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: its answer or fault, and the state then, due again at `due` where it waits."""

    began: datetime
    took: timedelta
    status: int | None
    fault: str | None
    state: str
    due: datetime | None = None


class Ledger:
    """The statements of senders, each of its own transaction."""

    def __init__(self, database: Database, head: Letterhead) -> None:
        self._database = database
        self._head = head

    async def claim(self, busy: Iterable[UUID], lanes: int, now: datetime) -> Mapping[UUID, list[Key]]:
        """What is due, by subscription in the order in which it happened; nobody else gets it while the lease lasts."""
        lease = new_id()
        limits = {"busy": list(busy), "lanes": lanes, "most": MOST_EACH}
        values = {"now": now, "until": now + LEASE, "rested": now + REST, "lease": lease, **limits}
        taken: dict[UUID, list[Key]] = {}
        for subscription_id, event_n in sorted(await self._database.fetch(statements.CLAIM, values)):
            taken.setdefault(subscription_id, []).append(Key(subscription_id, event_n, lease))
        return taken

    async def begin(self, key: Key, now: datetime) -> Begun | None:
        """The attempt, counted; None where the subscription has ended or the delivery is another one's by now."""
        rows = await self._database.fetch(statements.HOLD, {**key.values, "now": now, "until": now + LEASE})
        return Begun(*rows[0]) if rows else None

    async def release(self, keys: Sequence[Key], now: datetime, due: datetime) -> None:
        """Give back what was taken and not tried; it is due again at `due`."""
        if keys:
            events = [key.event_n for key in keys]
            await self._database.fetch(
                statements.RELEASED, {**keys[0].values, "events": events, "now": now, "due": due}
            )

    async def settle(self, key: Key, outcome: Outcome, now: datetime, *, tell: bool) -> None:
        """The attempt, what it changes and, with `tell`, the mail about one that was given up: all or nothing."""
        took = round(outcome.took / timedelta(milliseconds=1))
        attempt = {"at": outcome.began, "took_ms": took, "status": outcome.status, "fault": outcome.fault}
        values = {**key.values, "state": outcome.state, "due": outcome.due, "now": now}
        async with self._database.writer() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(statements.ATTEMPTED, {**key.values, **attempt})
            changed = (await connection.exec_driver_sql(statements.SETTLED, values)).first()
            if changed and tell and outcome.state == "dead":
                await self._tell_dead(session, [key.subscription_id], now)
            await session.commit()

    async def give_up(self, now: datetime) -> int:
        """What has waited for longer than anything is tried."""
        async with self._database.writer() as session:
            connection = await session.connection()
            values = {"now": now, "before": now - UNTRIED_FOR}
            given_up = (await connection.exec_driver_sql(statements.TOO_OLD, values)).scalars().all()
            await self._tell_dead(session, sorted(set(given_up)), now)
            await session.commit()
        return len(given_up)

    async def rest(self, subscription_id: UUID, until: datetime) -> None:
        """Leave a robot alone, also with what happens meanwhile."""
        await self._database.fetch(statements.RESTS, {"subscription_id": subscription_id, "until": until})

    async def rightful(self, subscription_id: UUID, now: datetime) -> str | None:
        """How it is told, if it lives and may go on; one whose person or organisation may no longer have it ends."""
        async with self._database.reader() as session:
            found = await session.get(Subscription, subscription_id)
            why = await _ends(session, found) if found and found.ended_at is None else ""
        if why:
            await self.end(subscription_id, why, now)
        return found.via if found and found.ended_at is None and not why else None

    async def end(self, subscription_id: UUID, why: str, now: datetime) -> None:
        """It ends by itself, and whoever answers for it is told."""
        async with self._database.writer() as session:
            found = await session.get(Subscription, subscription_id, with_for_update=True)
            if found and found.ended_at is None:
                await ended(session, found, why, JOB, now)
                await tell_ended(session, self._head, found, now)
            await session.commit()

    async def _tell_dead(self, session: WriteSession, subscription_ids: Iterable[UUID], now: datetime) -> None:
        for each in subscription_ids:
            if found := await session.get(Subscription, each):
                await tell_dead(session, self._head, found, now)


async def _ends(session: AsyncSession, found: Subscription) -> str:
    """Why it may not go on: the organisation's account is closed, the administrator is none any more; else nothing."""
    if found.organisation_id:
        closed_at = await session.scalar(select(Organisation.closed_at).where(Organisation.id == found.organisation_id))
        return "closed" if closed_at else ""
    grants = await grants_of(session, found.person_id)
    scope = scope_of(grant for grant in grants if Permission.WEBHOOKS_MANAGE in TABLE[grant.role])
    if scope.everything or found.county_adcode in scope.counties:
        return ""
    county = await session.scalar(select(Station.county_adcode).where(Station.id == found.station_id))
    return "" if county in scope.counties else "rights"
