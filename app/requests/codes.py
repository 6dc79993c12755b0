"""Credit codes whose check digits don't fit: refused, unless staff have accepted the very code on evidence.

Wrong check digits are looked up only then, so that an ordinary submission costs no query more.
"""

from typing import Annotated, LiteralString

from pydantic import AfterValidator, WithJsonSchema

from app.kit.db import Database
from app.kit.i18n import lazy
from app.kit.problems import FieldError
from app.kit.text import TextError, as_pydantic
from app.kit.uscc import ALPHABET, UsccProblem, check, normalise, require

ASK_STAFF = "/organisation/new"
UNPROVEN = lazy(
    "The check digits do not fit: please compare the code with the business licence. If the licence prints it like "
    "this, sign in and show the licence to the staff of a station under {path}: they can accept the code."
)
ACCEPTED: LiteralString = "SELECT 1 FROM code_case WHERE uscc = %s AND accepted"


def written(text: str) -> str:
    """The normalised code, whatever its check digits. Raises TextError for a wrong length or character."""
    try:
        return require(text)
    except TextError as error:
        if error.code != UsccProblem.CHECK_DIGIT:
            raise
        return normalise(text)


WrittenUscc = Annotated[
    str,
    AfterValidator(as_pydantic(written)),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}$",
            "examples": ["91110000600037341L"],
        }
    ),
]
"""A code of the right length and characters. Its check digits are judged by `code_stands`."""


def doubtful(code: str) -> bool:
    """Whether only the check digits speak against it."""
    return check(code).problem is UsccProblem.CHECK_DIGIT


def unproven(field: str) -> FieldError:
    """What is said of a code whose check digits don't fit and that nobody has accepted."""
    return FieldError(field, UsccProblem.CHECK_DIGIT, UNPROVEN.msgid, {"path": ASK_STAFF})


async def code_stands(database: Database, code: str) -> bool:
    """Whether the code's check digits fit, or staff have accepted it."""
    return not doubtful(code) or bool(await database.fetch(ACCEPTED, (code,)))
