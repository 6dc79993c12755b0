"""Setting up webhooks, changing and ending them: by an organisation's owners, or by administrators in their scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Organisation
from app.accounts.rules.rights import Caller
from app.accounts.service.organisations import person_of
from app.audit.service import Actor, Object, record
from app.kit.ids import new_id
from app.kit.problems import Forbidden
from app.kit.sealing import Sealer
from app.stations.snapshot import Network, StationFacts
from app.webhooks.errors import TooManyWebhooks, WebhookEnded, WrongKind
from app.webhooks.models import Subscription
from app.webhooks.queries import Reach, covers, find, live
from app.webhooks.rules.robots import WEBHOOK, Robot
from app.webhooks.rules.sending import BOTH_SIGN, new_secret
from app.webhooks.statements import DROP_ALL

PURPOSE = "webhook"
MOST, MOST_OF_NETWORK = 10, 50
"""So many an organisation may have, and administrators within the reach of whoever makes one more."""
ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(715008, 0)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to be told, and where; the address was judged. Without types: everything.

    A group's robot is told in `language`, and needs no `url`.
    """

    name: str
    url: str
    types: Sequence[str]
    robot: Robot | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """For administrators: the part of the network; neither is all of it."""

    county: str | None = None
    station: StationFacts | None = None


@dataclass(frozen=True, slots=True)
class Managing:
    """Somebody at work on webhooks within their reach, in the session's transaction."""

    session: AsyncSession
    sealer: Sealer
    caller: Caller
    reach: Reach
    now: datetime

    async def make(self, network: Network, wanted: Wanted, place: Place) -> tuple[Subscription, str]:
        """A new one, with its secret, which nobody is shown again; a robot's is that of its address.

        Raises Forbidden where the reach doesn't cover the place, TooManyWebhooks. Of several at once the second waits.
        """
        person_id, own = _person(self.caller), self.reach.organisation_id
        if own is None and not covers(self.reach, network, place.county, place.station):
            raise Forbidden
        await self._one_by_one()
        most = MOST if own else MOST_OF_NETWORK
        if await live(self.session, self.reach) >= most:
            raise TooManyWebhooks(most=most)
        made_id, robot = new_id(), wanted.robot
        secret = robot.secrets if robot else new_secret()
        made = Subscription(
            id=made_id,
            organisation_id=own,
            county_adcode=None if place.station else place.county,
            station_id=place.station.id if place.station else None,
            person_id=person_id,
            name=wanted.name,
            via=robot.via if robot else WEBHOOK,
            language=wanted.language if robot else None,
            url=robot.shown if robot else wanted.url,
            types=list(wanted.types),
            secret=self.sealer.seal(PURPOSE, str(made_id), secret),
            created_at=self.now,
        )
        self.session.add(made)
        await self.session.flush()
        await self._record("webhook.made", made, after=_told(made))
        return made, secret

    async def change(self, subscription_id: UUID, wanted: Wanted) -> None:
        """Who changes it answers for it from now on. A robot keeps its address, and has a language.

        Raises WebhookUnknown, WebhookEnded, WrongKind.
        """
        found = await self._living(subscription_id)
        if (found.via == WEBHOOK) != (wanted.language is None) or wanted.robot:
            raise WrongKind
        before = _told(found)
        found.name, found.types = wanted.name, list(wanted.types)
        found.language = wanted.language
        if found.via == WEBHOOK:
            found.url = wanted.url
        found.person_id = _person(self.caller)
        await self.session.flush()
        await self._record("webhook.changed", found, before=before, after=_told(found))

    async def rotate(self, subscription_id: UUID) -> tuple[Subscription, str]:
        """Another secret, which is shown once; for BOTH_SIGN the one before signs as well.

        Raises WebhookUnknown, WebhookEnded, WrongKind.
        """
        found = await self._living(subscription_id)
        if found.via != WEBHOOK:
            raise WrongKind
        secret = new_secret()
        found.old_secret, found.old_until = found.secret, self.now + BOTH_SIGN
        found.secret = self.sealer.seal(PURPOSE, str(found.id), secret)
        await self.session.flush()
        await self._record("webhook.rotated", found)
        return found, secret

    async def readdress(self, subscription_id: UUID, robot: Robot) -> None:
        """Another robot for the group, maybe one of another maker; what waits goes there.

        Raises WebhookUnknown, WebhookEnded, WrongKind.
        """
        found = await self._living(subscription_id)
        if found.via == WEBHOOK:
            raise WrongKind
        before = _told(found)
        found.via, found.url = robot.via, robot.shown
        found.secret = self.sealer.seal(PURPOSE, str(found.id), robot.secrets)
        found.person_id = _person(self.caller)
        await self.session.flush()
        await self._record("webhook.readdressed", found, before=before, after=_told(found))

    async def end(self, subscription_id: UUID) -> None:
        """Nothing more is sent; one that has ended stays so. Raises WebhookUnknown."""
        found = await find(self.session, self.reach, subscription_id, lock=True)
        if found.ended_at is None:
            await ended(self.session, found, "person", self.caller.actor, self.now)

    async def _living(self, subscription_id: UUID) -> Subscription:
        """One to be changed, under its lock."""
        _person(self.caller)
        found = await find(self.session, self.reach, subscription_id, lock=True)
        if found.ended_at is not None:
            raise WebhookEnded
        return found

    async def _one_by_one(self) -> None:
        own = self.reach.organisation_id
        lock = select(Organisation.id).where(Organisation.id == own).with_for_update() if own else ONE_BY_ONE
        await self.session.execute(lock)

    async def _record(
        self,
        action: str,
        on: Subscription,
        *,
        before: dict[str, object] | None = None,
        after: dict[str, object] | None = None,
    ) -> None:
        await record(self.session, self.caller.actor, action, about(on), at=self.now, before=before, after=after)


async def ended(session: AsyncSession, found: Subscription, why: str, actor: Actor, now: datetime) -> None:
    """It ends, whoever ends it: nothing that waits is sent, and its secrets are forgotten but for the seal.

    Of a robot nothing is kept: others may still write to the group by its address.
    """
    found.ended_at, found.ended_why = now, why
    found.old_secret = found.old_until = None
    if found.via != WEBHOOK:
        found.secret = b""
    await session.flush()
    await session.execute(text(DROP_ALL), {"subscription_id": found.id, "now": now})
    await record(session, actor, "webhook.ended", about(found), at=now, after={"why": why})


def about(found: Subscription) -> Object:
    """It, for the record."""
    return Object("webhook", str(found.id), found.station_id, found.organisation_id)


def _told(found: Subscription) -> dict[str, object]:
    """What the record keeps: without the address's path and query, which may hold a secret of the receiver's."""
    return {"name": found.name, "host": found.url.split("/")[2], "types": list(found.types)}


def _person(caller: Caller) -> UUID:
    """Who answers for it. Raises Forbidden for a program with a key."""
    if caller.kind == "key":
        raise Forbidden
    return person_of(caller)
