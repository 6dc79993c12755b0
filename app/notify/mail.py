"""A message of the outbox as a mail (RFC 5322): plain text in UTF-8, marked as written by a program (RFC 3834)."""

from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import getaddresses
from typing import Any, Literal
from uuid import UUID

from app.kit.text import normalise_email
from app.notify.rules import one_line


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


class _WholeSubject(EmailPolicy):
    """SMTP's policy, but a Chinese subject is folded by `Header`: newer code loses blanks (CPython 144156)."""

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401 - as the library has it
        if name != "Subject" or str(value).isascii():
            return super().fold_binary(name, value)
        folded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}".encode("ascii")


POLICY = _WholeSubject(linesep="\r\n")


def sender_address(text: str) -> Address:
    """The address in "name@host" or "Name <name@host>". Raises ValueError for anything else."""
    found = getaddresses([one_line(text)])
    if len(found) != 1:
        raise ValueError("one address is needed")
    [(name, address)] = found
    return _mailbox(address, name)


def build(
    outgoing: Outgoing, sender: Address, at: datetime, *, encoding: Literal["base64", "8bit"] = "base64"
) -> EmailMessage:
    """The mail. Its Message-ID comes from the outbox, so that a mail that went out twice can be told to be one.

    Raises ValueError for a recipient that is no address and for a subject that would make more than its own header.
    """
    mail = EmailMessage(policy=POLICY)
    mail["From"] = sender
    mail["To"] = _mailbox(one_line(outgoing.recipient))
    mail["Subject"] = one_line(outgoing.subject)
    mail["Date"] = at
    mail["Message-ID"] = f"<{outgoing.id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(outgoing.body, charset="utf-8", cte=encoding)
    return mail


def _mailbox(text: str, name: str = "") -> Address:
    """With its domain as DNS has it."""
    local, _, domain = normalise_email(text).rpartition("@")
    return Address(name, local, domain.encode("idna").decode("ascii"))
