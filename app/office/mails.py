"""Mails on their way, in words: what they are for, how far they are, why one couldn't leave. Pure."""

import re
from collections.abc import Mapping
from typing import Literal

from app.kit.i18n import LazyString, gettext, lazy
from app.notify.outbox import EXPIRED
from app.policy.letters import LETTERS

State = Literal["", "waiting", "scheduled", "sent", "dead", "withdrawn"]
STATES: Mapping[State, LazyString] = {
    "waiting": lazy("Waiting to be sent"),
    "scheduled": lazy("Scheduled"),
    "sent": lazy("Sent"),
    "dead": lazy("Not delivered"),
    "withdrawn": lazy("Withdrawn"),
}
TONES: Mapping[State, str] = {"sent": "good", "waiting": "attention", "dead": "wrong"}
KINDS: Mapping[str, LazyString] = {
    "account.address": lazy("Confirm a mail address"),
    "account.address_changed": lazy("Mail address changed"),
    "account.closed": lazy("Account closed"),
    "account.password": lazy("Link to set a password"),
    "account.key_made": lazy("API key made"),
    "account.password_changed": lazy("Password changed"),
    "account.register": lazy("Finish a registration"),
    "account.second_factor_reset": lazy("Second factor removed"),
    "code.accepted": lazy("Credit code accepted"),
    "code.refused": lazy("Credit code not accepted"),
    "hall.soon": lazy("Soon one's turn at the counter"),
    "ledger.due": lazy("Instruments that are due soon"),
    "ledger.withdrawn": lazy("Certificate of an instrument withdrawn"),
    "organisation.invitation": lazy("Invitation to act for an organisation"),
    "request.message": lazy("Message about a request"),
    "rating.answered": lazy("Rating answered"),
    "request.rating_asked": lazy("Asked for a rating"),
    "request.unfetched": lazy("Asked to fetch what was handed in"),
    "station.complaint": lazy("Complaint"),
    "station.due": lazy("Due today and on the next working day"),
    "station.handed_up": lazy("Request handed up"),
    "station.overdue": lazy("Deadlines missed"),
    "webhook.dead": lazy("Events of a webhook not delivered"),
    "webhook.ended": lazy("Webhook ended by itself"),
    "station.rating": lazy("Bad rating"),
    "station.rating_due": lazy("Answers to bad ratings that are due"),
    **{kind.value: words for kind, words in LETTERS.items()},
}
FOR_GOOD, NO_SUCH_ADDRESS = 500, re.compile(r"\b5\.1\.\d{1,3}\b")
_CODE = re.compile(r"\b([45]\d\d)(?: ([245]\.\d{1,3}\.\d{1,3}))?$")
# By the beginning of what is noted: the kind of an error (see notify.carriers.fault), or a word of ours.
FAULTS: Mapping[str, LazyString] = {
    EXPIRED: lazy("It could not leave before its time was over."),
    "the last attempts": lazy("The program ended in the middle of sending, too often."),
    "SMTPAuthenticationError": lazy("The mail server does not accept our user name and password."),
    "SMTPSenderRefused": lazy("The mail server does not accept our sender address."),
    "SMTPConnect": lazy("The mail server could not be reached."),
    "SMTPServerDisconnected": lazy("The mail server hung up."),
    "SMTPTimeout": lazy("The mail server did not answer in time."),
    "SMTPReadTimeout": lazy("The mail server did not answer in time."),
    "ValueError": lazy("It can't be made into a mail: the address is wrong."),
}


def kind_words(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def fault_words(fault: str | None) -> str:
    """Why it didn't leave, as a sentence, with the mail server's codes; what is unknown is shown as it is."""
    if not fault:
        return ""
    known = next((words for start, words in FAULTS.items() if fault.startswith(start)), None)
    if known:
        return gettext(known.msgid)
    found = _CODE.search(fault)
    if not found:
        return fault
    return _refusal(found).format(code=found[0])


def _refusal(code: re.Match[str]) -> str:
    if NO_SUCH_ADDRESS.search(code[0]):
        return gettext("The receiver does not know this address ({code}).")
    if int(code[1]) >= FOR_GOOD:
        return gettext("The mail server refused it for good ({code}).")
    return gettext("The mail server refused it for now ({code}).")
