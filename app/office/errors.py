"""What can go wrong in the office.

Problem
├── OwnCase          403  nobody decides on a code that they have put before staff themselves
└── Conflict         409  AlreadyDecided, CodeAccepted, NotToResend, MailTooLate, TextGone
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, Forbidden


class OwnCase(Forbidden):
    code = "own_case"
    detail = lazy("You have asked this yourself, so a colleague has to decide.")


class AlreadyDecided(Conflict):
    code = "already_decided"
    detail = lazy("A colleague has decided this already.")


class CodeAccepted(Conflict):
    code = "code_accepted"
    detail = lazy("This code was accepted already, for somebody else who asked. You can refuse this one and say so.")


class NotToResend(Conflict):
    code = "not_to_resend"
    detail = lazy("This mail is on its way, has left, was withdrawn, or its time hasn't come.")


class MailTooLate(Conflict):
    code = "mail_too_late"
    detail = lazy("The time in which this mail made sense is over.")


class TextGone(Conflict):
    code = "text_gone"
    detail = lazy("The text of this mail can't be shown.")
