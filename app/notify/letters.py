"""What stands in a mail, besides what its writer has to say: who writes, where the link leads, why one gets it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.notify.rules import MOST_OF_SMS


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The network's names, and the portal's address as its operator set it: never that of a request's Host header.

    `sms` says whether there is a gateway for text messages: without one none is written.
    """

    network_zh: str
    network_en: str
    address: str
    sms: bool = False

    def link(self, path: str) -> str:
        """The absolute link to a path of the portal. Raises ValueError for what would lead elsewhere."""
        if not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
            raise ValueError("a link in a mail is a path of the portal")
        return self.address.rstrip("/") + path


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in plain text. All sentences are given in the reader's language; `link` is a path of the portal or "".

    `closing` follows the link: how long it is good, what to do when one didn't ask for it. `why` says why one gets
    this mail, when there is more to say than that the address was given.
    """

    subject: str
    paragraphs: Sequence[str]
    link: str = ""
    closing: str = ""
    why: str = ""

    def text(self, head: Letterhead) -> str:
        """The whole text, made in the language of the current context, which is the reader's."""
        network = tr(head, "network")
        why = self.why or _("You get this mail because this address was given at {network}.").format(network=network)
        link = head.link(self.link) if self.link else ""
        foot = "\n".join(["-- ", network, why, _("It was sent automatically; please do not reply to it.")])
        return "\n\n".join(part for part in [*self.paragraphs, link, self.closing, foot] if part) + "\n"

    def short(self, head: Letterhead) -> str:
        """The same as a text message: what the subject says, and the link, which is never cut."""
        link = f" {head.link(self.link)}" if self.link else ""
        room = max(MOST_OF_SMS - len(link), 1)
        return (self.subject if len(self.subject) <= room else f"{self.subject[: room - 1]}…") + link
