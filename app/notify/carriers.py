"""Who takes mails away: a mail server, or on a developer's machine a folder. (Text messages: `app.notify.sms`.)"""

import asyncio
import os
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from email.headerregistry import Address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from app.config import Settings
from app.notify.mail import Outgoing, build, recipient_of, sender_address

logger = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 20
SUBMISSION, SUBMISSION_OVER_TLS = 587, 465
PERMANENT = 500
LOOPBACK = ("127.0.0.1", "::1", "localhost")
NOBODY = "onestop@localhost.localdomain"
_ENHANCED_CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")

Send = Callable[[Outgoing, datetime], Awaitable[None]]


class UndeliverableError(Exception):
    """The mail itself was refused for good; sending it again would change nothing. The text names no person."""


class PostponedError(Exception):
    """The message was refused for now; the way to others may be fine. The text names no person."""


class Carrier(Protocol):
    """Opens a way on which several mails go.

    Sending raises UndeliverableError for a mail that can never be sent, PostponedError or
    `aiosmtplib.SMTPResponseException` for one that is refused for now, any other SMTPException or OSError when the way
    itself is broken. Opening raises those two.
    """

    def open(self) -> AbstractAsyncContextManager[Send]: ...


def carrier_of(settings: Settings) -> Carrier | None:
    """By SMTP when it is set; else into a folder, but nowhere in production: there mails wait."""
    mail = settings.mail
    if mail.smtp_url is not None:
        return SmtpCarrier(mail.smtp_url.get_secret_value(), sender_address(mail.mail_from))
    if settings.production:
        return None
    return FolderCarrier(settings.home / "mail", sender_address(mail.mail_from or NOBODY))


def fault(error: BaseException) -> str:
    """The kind of an error, with the server's codes (RFC 5321, RFC 3463) but not its words: they repeat addresses."""
    kind = type(error).__name__
    if isinstance(error, PostponedError):
        return str(error)
    if not isinstance(error, aiosmtplib.SMTPResponseException):
        return kind
    detail = _ENHANCED_CODE.search(error.message)
    return f"{kind} {error.code}" + (f" {detail[0]}" if detail else "")


class SmtpCarrier:
    """A mail server by `smtp://user:password@host:587` or `smtps://…:465`. Certificates are always checked.

    By `smtp://` TLS is taken wherever the server offers it, and demanded where leaving it out would be an attack or a
    mistake: on the port for submission (RFC 8314) and before a password is given, except to this very machine.
    """

    def __init__(self, url: str, sender: Address, *, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._sender = sender
        self._over_tls = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or (SUBMISSION_OVER_TLS if self._over_tls else SUBMISSION)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._tls = tls

    @property
    def start_tls(self) -> bool | None:
        """Whether to demand STARTTLS; None takes it when it is offered."""
        if self._over_tls:
            return False
        far = self._host not in LOOPBACK
        return True if far and (self._port == SUBMISSION or self._username) else None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Send]:
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            local_hostname=self._sender.domain,
            timeout=TIMEOUT_SECONDS,
            use_tls=self._over_tls,
            start_tls=self.start_tls,
            tls_context=self._tls,
        )

        async def send(outgoing: Outgoing, at: datetime) -> None:
            await self._send(client, outgoing, at)

        async with client:
            yield send

    async def _send(self, client: aiosmtplib.SMTP, outgoing: Outgoing, at: datetime) -> None:
        """A refusal of the recipient or of the text is about this mail; one of the sender is about our settings."""
        mail, recipient = build(outgoing, self._sender, at), recipient_of(outgoing)
        try:
            await client.sendmail(self._sender.addr_spec, recipient, mail)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _verdict(error.recipients[0]) from None
        except aiosmtplib.SMTPDataError as error:
            raise _verdict(error) from None


def _verdict(error: aiosmtplib.SMTPResponseException) -> Exception:
    return UndeliverableError(fault(error)) if error.code >= PERMANENT else error


class FolderCarrier:
    """Writes each mail as a file that a mail program opens; nobody else on the machine may read it."""

    def __init__(self, folder: Path, sender: Address) -> None:
        self._folder = folder
        self._sender = sender

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Send]:
        yield self._send

    async def _send(self, outgoing: Outgoing, at: datetime) -> None:
        path = self._folder / f"{outgoing.kind}-{outgoing.id}.eml"
        await asyncio.to_thread(_write, path, build(outgoing, self._sender, at, readable=True))
        logger.info("mail_written", file=str(path))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
