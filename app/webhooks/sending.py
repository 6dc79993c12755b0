"""The job that sends: one lane a subscriber and process, so that one who hangs holds up nobody else.

Every event goes out at least once. What a worker takes it leases, so that of many only one sends it; when it dies
between the receiver's answer and the mark that it was taken, the lease ends and the event goes out again under the
same `webhook-id`, by which a receiver tells that it knows it. To one subscriber a few go out at a time, begun in the
order in which they happened; what failed comes later, so `n` in the data says the order within a request. A group of
people gets all that its lane has taken in one message, and sees twice what comes twice.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from uuid import UUID

import structlog

from app.kit.db import Database
from app.kit.outbound import Outbound, UnsentError
from app.kit.rounds import Rounds
from app.kit.sealing import SealBroken, Sealer
from app.notify.letters import Letterhead
from app.notify.relaying.relay import Relay
from app.webhooks.groups import Groups, Said
from app.webhooks.lanes import MOST_LANES, Begun, Key, Ledger, Outcome
from app.webhooks.rules.kinds import PING
from app.webhooks.rules.robots import WEBHOOK
from app.webhooks.rules.sending import GONE, body_of, headers_of, next_try
from app.webhooks.service.managing import PURPOSE

logger = structlog.get_logger(__name__)
AT_ONCE = 4
"""Requests to one subscriber at a time."""
AFTER_A_FAULT = timedelta(seconds=30)
"""How long what was taken along waits when a receiver can't be reached."""
FAREWELL_SECONDS = 5.0


class Sender(Rounds):
    """Looks every second or so; a look begins lanes and doesn't wait for them."""

    name = "webhooks_taken"
    every = timedelta(seconds=1)

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        outbound: Outbound,
        head: Letterhead,
        now: Callable[[], Awaitable[datetime]],
        *,
        relay: Relay,
    ) -> None:
        super().__init__()
        self._ledger = Ledger(database, head)
        self._sealer = sealer
        self._outbound = outbound
        self._address = head.address.rstrip("/")
        self._groups = Groups(sealer, relay, self._address)
        self._now = now
        self._lanes: dict[UUID, asyncio.Task[None]] = {}
        self._stopping = False

    async def start(self) -> None:
        self._stopping = False
        await super().start()

    async def stop(self) -> None:
        """Lets what is on its way be answered, and gives back the rest."""
        self._stopping = True
        await super().stop()
        if self._lanes:
            await asyncio.wait(self._lanes.values(), timeout=FAREWELL_SECONDS)
        for lane in list(self._lanes.values()):
            lane.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def look(self) -> int:
        """Begin with what is due; how many events that is."""
        now = await self._now()
        given_up = await self._ledger.give_up(now)
        free = MOST_LANES - len(self._lanes)
        taken = await self._ledger.claim(self._lanes, free, now) if free else {}
        for subscription_id, keys in taken.items():
            lane = asyncio.create_task(self._lane(subscription_id, deque(keys)))
            self._lanes[subscription_id] = lane
            lane.add_done_callback(partial(self._ended, subscription_id))
        return given_up + sum(map(len, taken.values()))

    async def deliver(self) -> int:
        """A look, and what it began to its end."""
        count = await self.look()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)
        return count

    def _ended(self, subscription_id: UUID, lane: asyncio.Task[None]) -> None:
        """Whatever went wrong, the next look goes on: what was taken is due again when its lease ends."""
        del self._lanes[subscription_id]
        if not lane.cancelled() and (error := lane.exception()):
            logger.error("webhook_lane_broke", webhook=str(subscription_id), error=type(error).__name__)

    async def _lane(self, subscription_id: UUID, waiting: deque[Key]) -> None:
        """One subscriber's share."""
        now = await self._now()
        via = await self._ledger.rightful(subscription_id, now)
        if via == WEBHOOK:
            await self._share(waiting)
        elif via and not self._stopping:
            await self._together(subscription_id, waiting)
        else:
            await self._ledger.release(list(waiting), now, now)

    async def _share(self, waiting: deque[Key]) -> None:
        """Each by itself; when nothing gets through, the rest comes later without having been tried."""
        workers = (self._work(waiting) for _ in range(min(AT_ONCE, len(waiting))))
        ends = await asyncio.gather(*workers, return_exceptions=True)
        now = await self._now()
        await self._ledger.release(list(waiting), now, now if all(end is True for end in ends) else now + AFTER_A_FAULT)
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def _together(self, subscription_id: UUID, waiting: deque[Key]) -> None:
        """All in one message, whose end is that of each of them."""
        began, clock = await self._now(), monotonic()
        begun = [(key, await self._ledger.begin(key, began)) for key in waiting]
        held = [(key, each) for key, each in begun if each]
        if held:
            said = await self._groups.say(subscription_id, [each for _key, each in held])
            took = timedelta(seconds=monotonic() - clock)
            for key, each in held:
                await self._settle(key, each, self._outcome(each, said, began, took), tell=not said.gone)
            if said.asked:
                await self._ledger.rest(subscription_id, began + said.asked)
            if said.gone:
                await self._ledger.end(subscription_id, "gone", await self._now())
        now = await self._now()
        await self._ledger.release([key for key, each in begun if each is None], now, now)

    def _outcome(self, begun: Begun, said: Said, began: datetime, took: timedelta) -> Outcome:
        if said.arrived or said.gone:
            return Outcome(began, took, said.status, said.fault, "delivered" if said.arrived else "dead")
        return self._failed(begun, began, took, status=said.status, fault=said.fault, asked=said.asked)

    async def _settle(self, key: Key, begun: Begun, outcome: Outcome, *, tell: bool) -> None:
        """With `tell`, whoever answers for it hears of what was given up, but for tests."""
        await self._ledger.settle(key, outcome, await self._now(), tell=tell and begun.type != PING)

    async def _work(self, waiting: deque[Key]) -> bool:
        """One after the other, until somebody can't be reached; whether all were answered."""
        while waiting and not self._stopping:
            key = waiting.popleft()
            begun = await self._ledger.begin(key, await self._now())
            if begun is None:
                waiting.appendleft(key)  # released, or dropped, with what else is left
                return True
            outcome = await self._attempt(key, begun)
            await self._settle(key, begun, outcome, tell=outcome.status != GONE)
            if outcome.status == GONE:
                await self._ledger.end(key.subscription_id, "gone", await self._now())
            if outcome.fault:
                return False
        return True

    async def _attempt(self, key: Key, begun: Begun) -> Outcome:
        began, clock = await self._now(), monotonic()
        try:
            body = body_of(begun.type, begun.at, begun.data, self._address)
            answer = await self._outbound.post(
                begun.url, body, headers_of(begun.event_id, body, self._secrets(key, begun), began)
            )
        except UnsentError as error:
            return self._failed(begun, began, timedelta(seconds=monotonic() - clock), fault=error.code)
        except SealBroken:
            return self._failed(begun, began, timedelta(), fault="secret")
        took = timedelta(seconds=monotonic() - clock)
        if answer.good or answer.status == GONE:
            return Outcome(began, took, answer.status, None, "delivered" if answer.good else "dead")
        asked = timedelta(seconds=answer.retry_after) if answer.retry_after else None
        return self._failed(begun, began, took, status=answer.status, asked=asked)

    def _failed(
        self,
        begun: Begun,
        began: datetime,
        took: timedelta,
        *,
        status: int | None = None,
        fault: str | None = None,
        asked: timedelta | None = None,
    ) -> Outcome:
        """A test isn't tried again; everything else for three days."""
        due = None if begun.type == PING else next_try(begun.attempts, begun.begun_at, began, asked=asked)
        return Outcome(began, took, status, fault, "waiting" if due else "dead", due)

    def _secrets(self, key: Key, begun: Begun) -> list[str]:
        """The one in force, then the one before while it is good. Raises SealBroken."""
        owner = str(key.subscription_id)
        sealed = filter(None, (begun.secret, begun.old_secret))
        return [self._sealer.open(PURPOSE, owner, each) for each in sealed]
