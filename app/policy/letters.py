"""The kinds of letters to applicants: each can have a text of the network's or a station's own. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from app.kit.i18n import LazyString, lazy


class LetterKind(StrEnum):
    """What a letter is for, in the order of a request's life."""

    CONFIRMED = "request.confirmed"
    ACCEPTED = "request.accepted"
    RETURNED = "request.returned"
    DECLINED = "request.declined"
    MOVED = "request.moved"
    PASSED_ON = "request.passed_on"
    REMINDER = "request.reminder"
    REMINDER_SOON = "request.reminder_soon"
    NO_SHOW = "request.no_show"
    NOT_TAKEN = "request.not_taken"
    SUSPENDED = "request.suspended"
    CONSENT_ASKED = "request.consent_asked"
    ISSUED = "request.issued"
    INVALIDATED = "request.invalidated"
    DONE = "request.done"
    CANCELLED = "request.cancelled"
    RESTORED = "request.restored"
    UNBOOKED = "request.unbooked"
    COMPLAINT_ANSWERED = "request.complaint_answered"


LETTERS: Mapping[LetterKind, LazyString] = {
    LetterKind.CONFIRMED: lazy("Booking confirmed"),
    LetterKind.ACCEPTED: lazy("Request accepted"),
    LetterKind.RETURNED: lazy("Corrections asked for"),
    LetterKind.DECLINED: lazy("Request declined"),
    LetterKind.MOVED: lazy("Appointment moved"),
    LetterKind.PASSED_ON: lazy("Request passed on to another station"),
    LetterKind.REMINDER: lazy("Reminder on the day before"),
    LetterKind.REMINDER_SOON: lazy("Reminder two hours before"),
    LetterKind.NO_SHOW: lazy("Appointment missed"),
    LetterKind.NOT_TAKEN: lazy("Item not taken"),
    LetterKind.SUSPENDED: lazy("Work suspended"),
    LetterKind.CONSENT_ASKED: lazy("Consent asked for"),
    LetterKind.ISSUED: lazy("Document issued"),
    LetterKind.INVALIDATED: lazy("Document withdrawn"),
    LetterKind.DONE: lazy("Work done"),
    LetterKind.CANCELLED: lazy("Appointment cancelled"),
    LetterKind.RESTORED: lazy("Request taken up again"),
    LetterKind.UNBOOKED: lazy("Another time is needed"),
    LetterKind.COMPLAINT_ANSWERED: lazy("Complaint answered"),
}
REMINDERS = (LetterKind.REMINDER, LetterKind.REMINDER_SOON)
OWN_TEXT_LENGTH = 1000
