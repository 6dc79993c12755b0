"""A real mail server on loopback that can be told to refuse, and helpers to write to the outbox."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from app.kit.db import Database
from app.notify.carriers import SmtpCarrier
from app.notify.mail import sender_address
from app.notify.service import post, withdraw

SENDER = sender_address("质站通 <noreply@onestop.example>")
START = datetime(2026, 12, 1, 1, tzinfo=UTC)


@dataclass
class Ticking:
    """The deliverer's clock, moved by hand."""

    now: datetime = START

    async def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Server:
    """What came in, and what to answer instead of "250"."""

    port: int = 0
    received: list[Envelope] = field(default_factory=list)
    at_recipient: str = ""
    at_data: str = ""
    sessions: list[Session] = field(default_factory=list)

    # The names are aiosmtpd's.
    async def handle_RCPT(  # noqa: N802 - see above
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: Any
    ):
        if self.at_recipient:
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Session, envelope: Envelope):  # noqa: N802 - see above
        if self.at_data:
            return self.at_data
        self.sessions.append(session)
        self.received.append(envelope)
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(envelope.content or b"", policy=default) for envelope in self.received]  # type: ignore[arg-type, misc]  # bytes as asked

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def carrier(self) -> SmtpCarrier:
        return SmtpCarrier(self.url, SENDER)


def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
    return AuthResult(success=(login.login, login.password) == (b"post", b"p@ss/word"), handled=False)


@asynccontextmanager
async def listening(
    server: Server, *, tls: ssl.SSLContext | None = None, at_once: bool = False, auth: bool = False
) -> AsyncIterator[Server]:
    """Serve until the block ends; `tls` is offered by STARTTLS (and then demanded), or spoken at once."""
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            server,
            loop=loop,
            hostname="mail.test",
            tls_context=None if at_once else tls,
            require_starttls=tls is not None and not at_once,
            auth_required=auth and not at_once,  # it doesn't see that TLS is spoken already
            auth_require_tls=not at_once,
            authenticator=known if auth else None,
        )

    listener = await loop.create_server(protocol, "127.0.0.1", server.port, ssl=tls if at_once else None)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()


async def write(database: Database, key: str = "k1", at: datetime = START, **more: Any) -> None:
    mail = {"kind": "account.confirm", "to": "zhang.san@example.com", "subject": "Confirm", "text": "Hello"} | more
    async with database.writer() as session:
        await post(session, key=key, at=at, **mail)
        await session.commit()


async def take_back(database: Database, about: str, at: datetime = START, kinds: Sequence[str] = ()) -> int:
    async with database.writer() as session:
        count = await withdraw(session, about, kinds=kinds, at=at)
        await session.commit()
    return count


async def state(database: Database, key: str = "k1") -> dict[str, Any]:
    columns = "recipient, body, attempts, next_attempt_at, sent_at, dead_at, withdrawn_at, last_error"
    [row] = await database.fetch(f"SELECT {columns} FROM message WHERE key = %s", (key,))  # type: ignore[arg-type]  # noqa: S608 - our own columns
    return dict(zip(columns.split(", "), row, strict=True))
