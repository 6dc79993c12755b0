"""A message of the outbox as a mail (RFC 5322): plain text in UTF-8, marked as written by a program (RFC 3834)."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.charset import Charset
from email.header import Header
from email.headerregistry import Address
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, getaddresses
from uuid import UUID

from app.kit.text import normalise_email
from app.notify.rules import one_line

POLICY = compat32.clone(linesep="\r\n")
READABLE = Charset("utf-8")
READABLE.body_encoding = None  # type: ignore[assignment]  # as the library has it: eight bits
LINE_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that is somebody's to deliver until its lease ends; `attempts` counts this one once it is begun."""

    id: UUID
    kind: str
    recipient: str
    subject: str
    body: str
    attempts: int
    lease: UUID | None = None


def sender_address(text: str) -> Address:
    """The address in "name@host" or "Name <name@host>". Raises ValueError for anything else."""
    found = getaddresses([one_line(text)])
    if len(found) != 1:
        raise ValueError("one address is needed")
    [(name, address)] = found
    return _mailbox(address, name)


def build(outgoing: Outgoing, sender: Address, at: datetime, *, readable: bool = False) -> bytes:
    """The mail. Its Message-ID comes from the outbox, so that a mail that went out twice can be told to be one.

    By the older part of the library: EmailMessage parses every header that it is given, which takes five times as long,
    and loses blanks where it folds a Chinese subject (CPython 144156). `readable`: not in base64, for a person's eyes.
    Raises ValueError for a recipient that is no address and for a subject that would make more than its own header.
    """
    charset = READABLE if readable else "utf-8"
    mail = MIMEText(LINE_END.sub("\r\n", outgoing.body), _charset=charset)  # type: ignore[arg-type]  # Charset too
    mail["From"] = formataddr((sender.display_name, sender.addr_spec))
    mail["To"] = recipient_of(outgoing)
    mail["Subject"] = _subject(one_line(outgoing.subject))  # type: ignore[assignment]  # Header too
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{outgoing.id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    return mail.as_bytes(policy=POLICY)


def recipient_of(outgoing: Outgoing) -> str:
    """The one address that a mail goes to. Raises ValueError for what is none."""
    return _mailbox(one_line(outgoing.recipient)).addr_spec


def _subject(text: str) -> Header | str:
    """Encoded where it isn't plain, or could be taken for something encoded."""
    plain = text.isascii() and "=?" not in text
    return text if plain else Header(text, "utf-8", header_name="Subject")


def _mailbox(text: str, name: str = "") -> Address:
    """With its domain as DNS has it."""
    local, _, domain = normalise_email(text).rpartition("@")
    return Address(name, local, domain.encode("idna").decode("ascii"))
