"""What the calls of this room share: who asks, whose webhooks are within reach, how one is written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import GUARDED, SignedIn
from app.accounts.rules.rights import Caller, Permission
from app.kit import clock
from app.kit.clock import LOCAL
from app.kit.db import Reading, Writing
from app.kit.outbound import Outbound
from app.kit.problems import Forbidden, Invalid, NotFound
from app.kit.sealing import Sealer
from app.stations.directory import CurrentDirectory, Directory
from app.web.ids import identified
from app.webhooks.errors import WebhookUnknown
from app.webhooks.models import Subscription
from app.webhooks.queries import Reach, Row, listed
from app.webhooks.service.managing import Managing

HERE, ONE, OF_ORGANISATION = "/webhooks", "/webhooks/{webhook}", "/organisations/{organisation}/webhooks"
PLAIN = ("id", "name", "via", "language", "url", "types", "organisation_id", "county_adcode")
NOT_TO_KEEP = {"Cache-Control": "private, no-store"}
MAY = (*GUARDED, Invalid)
OF_ONE = (*MAY, WebhookUnknown)
Now = Annotated[datetime, Depends(clock.now)]


@dataclass(frozen=True, slots=True)
class Asking:
    """One call of somebody, and the session that it works in."""

    request: Request
    caller: Caller
    session: AsyncSession
    directory: Directory
    now: datetime

    @property
    def outbound(self) -> Outbound:
        outbound: Outbound = self.request.app.state.outbound
        return outbound

    def managing(self, reach: Reach) -> Managing:
        sealer: Sealer = self.request.app.state.sealer
        return Managing(self.session, sealer, self.caller, reach, self.now)

    @property
    def office(self) -> Reach:
        """Those of administrators, as far as the caller is one."""
        return Reach(scope=self.caller.scope(Permission.WEBHOOKS_MANAGE))

    def of_organisation(self, organisation_id: UUID) -> Reach:
        """An organisation's, for its owners. Raises NotFound, Forbidden."""
        if organisation_id not in self.caller.organisation_ids:
            raise NotFound
        if organisation_id not in self.caller.owned:
            raise Forbidden
        return Reach(organisation_id)

    async def reach_of(self, webhook: UUID) -> Reach:
        """The reach by which the caller manages this one, if by any. Raises WebhookUnknown."""
        asked = select(Subscription.organisation_id).where(Subscription.id == webhook)
        owner = await self.session.scalar(asked)
        if owner is None:
            return self.office
        if owner not in self.caller.owned:
            raise WebhookUnknown
        return Reach(owner)

    async def whole(self, reach: Reach, webhook: UUID) -> dict[str, Any]:
        """One of them as it is told. Raises WebhookUnknown."""
        for row in await listed(self.session, reach, webhook):
            return told(row, self.directory)
        raise WebhookUnknown


async def _asking(request: Request, caller: Caller, session: AsyncSession, directory: Directory, now: Now) -> Asking:
    """A program with a key manages no webhooks: where data goes is for a person to say. Raises Forbidden."""
    if caller.kind == "key":
        raise Forbidden
    return Asking(request, caller, session, directory, now)


async def looking(
    request: Request, caller: SignedIn, session: Reading, directory: CurrentDirectory, now: Now
) -> Asking:
    return await _asking(request, caller, session, directory, now)


async def acting(request: Request, caller: SignedIn, session: Writing, directory: CurrentDirectory, now: Now) -> Asking:
    return await _asking(request, caller, session, directory, now)


async def webhook_id(webhook: str, _caller: SignedIn) -> UUID:
    return identified(webhook)


Looking = Annotated[Asking, Depends(looking)]
Acting = Annotated[Asking, Depends(acting)]
WebhookId = Annotated[UUID, Depends(webhook_id)]


def told(row: Row, directory: Directory) -> dict[str, Any]:
    """A webhook as JSON has it."""
    found, station = row.subscription, directory.network.station_by_id.get(row.subscription.station_id or 0)
    return {
        **{name: getattr(found, name) for name in PLAIN},
        "station_code": station.code if station else None,
        "created_by": row.person,
        "created_at": found.created_at.astimezone(LOCAL),
        "old_secret_until": found.old_until and found.old_until.astimezone(LOCAL),
        "ended_at": found.ended_at and found.ended_at.astimezone(LOCAL),
        "ended_why": found.ended_why,
        "latest": row.latest,
        "waiting": row.waiting,
    }


def as_json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, NOT_TO_KEEP, media_type="application/json")
