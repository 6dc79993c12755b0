"""Telling a group of people by its robot: all that a lane has taken in one message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.kit.i18n import use_locale
from app.kit.outbound import UnsentError
from app.kit.sealing import SealBroken, Sealer
from app.notify.relaying.relay import Relay, Relayed
from app.webhooks.lanes import Begun
from app.webhooks.rules.kinds import PING
from app.webhooks.rules.robots import Robot, is_gone, is_too_often, opened
from app.webhooks.rules.telling import News, message
from app.webhooks.service.managing import PURPOSE

LEFT_ALONE = timedelta(minutes=10)
"""Who was sent too much to wants no more for so long (DingTalk; the others for less)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a message: an answer or a fault; whether it arrived; whether there is no such robot any more."""

    status: int | None = None
    fault: str | None = None
    arrived: bool = False
    gone: bool = False
    asked: timedelta | None = None


class Groups:
    """Says what happened to groups; `address` is the portal's own, without a slash at its end."""

    def __init__(self, sealer: Sealer, relay: Relay, address: str) -> None:
        self._sealer = sealer
        self._relay = relay
        self._address = address

    async def say(self, subscription_id: UUID, events: Sequence[Begun]) -> Said:
        """One message about all of them, in the order given."""
        first = events[0]
        try:
            robot = opened(first.via, self._sealer.open(PURPOSE, str(subscription_id), first.secret))
            answer = await self._relay.to_robot(robot.via, robot.token, robot.sign, self._text(events))
        except UnsentError as error:
            return Said(fault=error.code)
        except SealBroken:
            return Said(fault="secret")
        return self._judged(robot, answer, only_a_test=all(each.type == PING for each in events))

    def _judged(self, robot: Robot, answer: Relayed, *, only_a_test: bool) -> Said:
        """200 is not enough: it is taken when the answer says so itself. A test ends nothing, however it ends."""
        asked = LEFT_ALONE if is_too_often(robot.via, answer.status, answer.code) else None
        if answer.code:
            gone = is_gone(robot.via, answer.code) and not only_a_test
            return Said(fault=f"code:{answer.code}"[:16], gone=gone, asked=asked)
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - RFC 9110, 15.3
            return Said(status=answer.status, asked=asked)
        if answer.code is None or not answer.good:
            return Said(fault="protocol")
        return Said(status=answer.status, arrived=True)

    def _text(self, events: Sequence[Begun]) -> str:
        """People of an organisation open the page of its request, those of the network the one in the office."""
        own = events[0].organisation_id
        pages = f"{self._address}/r/" if own else f"{self._address}/office/requests/"
        everything = f"{self._address}/organisation/{own}/requests" if own else f"{self._address}/office/requests"
        with use_locale(events[0].language or "zh-CN"):
            news = [News(each.type, each.data, each.station or "") for each in events]
            return message(news, pages, everything)
