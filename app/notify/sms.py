"""Text messages, by a gateway that the operator names as an address of apprise's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from app.config import Settings
from app.kit.outbound import UnsentError
from app.kit.text import is_mobile
from app.notify.carriers import Carrier, PostponedError, Send, UndeliverableError
from app.notify.mail import Outgoing
from app.notify.relaying.relay import Relay

PLACE = "{to}"
FOR_GOOD = frozenset({400, 413, 422})
"""What a gateway answers about the message itself; by any other refusal it may be about our account there."""


def sms_carrier_of(settings: Settings, relay: Relay) -> Carrier | None:
    """None where the operator has set no gateway."""
    url = settings.mail.sms_url
    return SmsCarrier(url.get_secret_value(), relay) if url else None


class SmsCarrier:
    """Sends the body of a message to a mobile number, which stands in the address where it says ``{to}``.

    A gateway that can't be reached is a broken way for all that wait. apprise tells what was answered by its status
    alone: a gateway that answers 200 to what it refuses has what it answers 200 to counted as sent.
    """

    def __init__(self, url: str, relay: Relay) -> None:
        self._url = url
        self._relay = relay

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Send]:
        yield self._send

    async def _send(self, outgoing: Outgoing, _at: datetime) -> None:
        if not is_mobile(outgoing.recipient):
            raise UndeliverableError("no mobile number")
        try:
            answer = await self._relay.to_address(self._url.replace(PLACE, outgoing.recipient), outgoing.body)
        except UnsentError as error:
            if error.code == "relay":
                raise PostponedError("relay") from None
            raise ConnectionError(error.code) from None
        if answer.status in FOR_GOOD:
            raise UndeliverableError(f"gateway {answer.status}")
        if not answer.good:
            raise PostponedError(f"gateway {answer.status}")
