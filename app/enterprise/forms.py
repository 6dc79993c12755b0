"""What was typed into a form of this room: cleaned, or a sentence for its field. Pure."""

from collections.abc import Callable, Mapping

from app.kit.i18n import LazyString, lazy
from app.kit.i18n import gettext as _
from app.kit.problems import Invalid
from app.kit.text import MESSAGES, TextError, normalise_email

BLANK = "text_blank"
MISSING: Mapping[str, LazyString] = {
    "name": lazy("Enter the organisation's name, as on its licence."),
    "uscc": lazy("Enter the unified social credit code, 18 characters, as on the licence."),
    "email": lazy("Enter the mail address of the person whom you invite."),
    "note": lazy("Tell the staff in a sentence why the code is right."),
    "role": lazy("Choose what the person may do."),
    "station": lazy("Choose the station whose staff shall look at it."),
    "reference": lazy("Enter the reference of the request."),
    "code": lazy("Enter the access code that came with the reference."),
}
CHECK_DIGIT = lazy(
    "The check digits (places 17 and 18) do not fit the rest of the code. Please compare all 18 characters with the "
    "licence: 8 and B, 0 and D, 1 and 7 are easily mixed up. If they agree, ask the staff below."
)


class Sheet:
    """A form being read: `take` gives each field cleaned, or as it was typed and then a sentence in `errors`."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def take(self, field: str, typed: str, clean: Callable[[str], str]) -> str:
        try:
            cleaned = clean(typed)
        except TextError as error:
            self.errors[field] = _(MESSAGES[error.code]).format(**error.context)
            if error.code == BLANK or not typed.strip():
                self.errors[field] = str(MISSING[field])
            return typed
        if not cleaned:
            self.errors[field] = str(MISSING[field])
        return cleaned

    def choose(self, field: str, typed: str, options: tuple[str, ...]) -> str:
        """One of the options; what a page never offered is as good as nothing."""
        if typed not in options:
            self.errors[field] = str(MISSING[field])
        return typed

    def refuse(self, problem: Invalid) -> None:
        """What a service found at fault, by field."""
        for error in problem.errors:
            self.errors[error.field] = str(CHECK_DIGIT) if error.code == "uscc_check_digit" else error.sentence()


def mail_address(typed: str) -> str:
    """The address as accounts keep it. Raises TextError."""
    return normalise_email(typed).lower()
