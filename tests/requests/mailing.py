"""What is in the outbox about a request, and a network of staff who have mail addresses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import FastAPI

from app.kit.clock import LOCAL
from tests.requests.booking import Json

MAILS = """
SELECT kind, key, recipient, subject, body, next_attempt_at, expires_at, withdrawn_at, station_id, channel
FROM message WHERE about = %s ORDER BY created_at, key
"""


@dataclass(frozen=True)
class Mail:
    kind: str
    key: str
    to: str
    subject: str
    body: str | None
    due: datetime
    expires: datetime | None
    withdrawn: datetime | None
    station_id: int | None
    channel: str

    @property
    def when(self) -> str:
        """The time before which it isn't sent, on the network's clock."""
        return f"{self.due.astimezone(LOCAL):%m-%d %H:%M}"


async def mails(app: FastAPI, booked: Json) -> list[Mail]:
    """Everything about the request, oldest first; at one moment in the order of the keys."""
    return [Mail(*row) for row in await app.state.database.fetch(MAILS, (f"request:{booked['reference']}",))]


async def pending(app: FastAPI, booked: Json) -> dict[str, Mail]:
    """What is still to leave, by kind."""
    return {mail.kind: mail for mail in await mails(app, booked) if mail.withdrawn is None}


async def with_address(app: FastAPI, person_id: Any, email: str) -> None:
    await app.state.database.fetch("UPDATE person SET email = %s WHERE id = %s", (email, person_id))
