"""What goes wrong with single sign-on, each with words for a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.kit.i18n import LazyString, lazy

Kind = Literal["away", "denied", "state", "token", "unknown", "barred"]


class SsoFailed(Exception):  # noqa: N818 - it is an answer, not a slip of the program
    """`kind` chooses the page; `cause` is for the record: a word or two, never what was sent."""

    def __init__(self, kind: Kind, cause: str) -> None:
        super().__init__(f"{kind}: {cause}")
        self.kind = kind
        self.cause = cause


@dataclass(frozen=True)
class Words:
    """What happened and what to do; `again`: trying once more may help."""

    status: int
    title: LazyString
    text: LazyString
    step: LazyString
    again: bool = True


WORDS: Mapping[Kind, Words] = {
    "away": Words(
        503,
        lazy("The sign-on service does not answer"),
        lazy("We could not reach it, or what it said was not complete. It is not your fault."),
        lazy("Try again in a few minutes. Who has a password here can sign in with it."),
    ),
    "denied": Words(
        403,
        lazy("The sign-on service did not let you in"),
        lazy("You stopped there, or your account there may not use this portal."),
        lazy("Try again and agree there, or ask whoever runs the sign-on service."),
    ),
    "state": Words(
        400,
        lazy("This sign-in was not begun here, or is over"),
        lazy("It took longer than ten minutes, was used already, or began in another browser."),
        lazy("Begin again. Cookies must be allowed for this site."),
    ),
    "token": Words(
        403,
        lazy("What the sign-on service said could not be trusted"),
        lazy("Its proof of who you are is not right, so nobody was signed in. It is on record."),
        lazy("Try again. If it stays like this, tell whoever runs this network."),
    ),
    "unknown": Words(
        403,
        lazy("You have no account here yet"),
        lazy("Single sign-on opens accounts of staff that an administrator has made with the same mail address."),
        lazy("Ask your station manager or an administrator of your county or city to make one, and say the address."),
        again=False,
    ),
    "barred": Words(
        403,
        lazy("Your account here is closed"),
        lazy("An administrator has switched it off, so single sign-on does not open it either."),
        lazy("Ask your station manager or an administrator of your county or city."),
        again=False,
    ),
}
