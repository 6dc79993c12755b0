"""What is refused about registers.

Problem
├── NotFound 404     RegisterUnknown
└── Conflict 409     RegisterTaken, ReplacedGone
FileError            a file that can't be read as a table; `code` is a key of `words.UNREADABLE`
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class RegisterUnknown(NotFound):
    """No such register, or no longer: one that is only looked at goes after a day."""

    code = "register_unknown"
    detail = lazy("There is no such register. One that was not taken in is deleted after a day.")


class RegisterTaken(Conflict):
    """It was taken in already, or has nothing to take in."""

    code = "register_taken"
    detail = lazy("This register was taken in already, or has no row that can be. Please look at it again.")


class ReplacedGone(Conflict):
    """Somebody else has removed or replaced it since."""

    code = "register_replaced_gone"
    detail = lazy("The register that this one was to replace is gone. Please look at the list and hand it in anew.")


class FileError(ValueError):
    """A file that is no table of ours as a whole. `data` fills the sentence."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data
