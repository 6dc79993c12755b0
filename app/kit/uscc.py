"""The unified social credit code of an organisation, GB 32100-2015.

Eighteen places: 1 the registering department, 2 the kind of organisation (each a digit or a letter), 3 to 8 the
division where it is registered (GB/T 2260, digits), 9 to 17 the organisation code of GB 11714, whose own check
digit is place 17, and 18 the check character. The letters I, O, Z, S and V are not used.

A wrong length or a character that can't be there is a slip of the typist. Wrong check digits are told apart from
these, because staff may accept such a code on evidence.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from app.kit.text import TextError, as_pydantic, to_halfwidth

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = [3**place % 31 for place in range(LENGTH - 1)]
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_DIGITS = "0123456789X"
_DIVISION = range(3, 9)
_LOOKS_LIKE = {"I": "1", "O": "0", "Z": "2", "S": "5"}
_SEPARATORS = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u2010-\u2015\u2212·.-]+")
_ANY = f"[{ALPHABET}]"


class UsccProblem(StrEnum):
    """What is wrong with a code; the values are the error codes of the JSON contract."""

    LENGTH = "uscc_length"
    CHARACTER = "uscc_character"
    CHECK_DIGIT = "uscc_check_digit"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A character that can't stand at its place (from 1). `instead` is the digit it is mistaken for, or empty."""

    place: int
    character: str
    instead: str


@dataclass(frozen=True, slots=True)
class UsccCheck:
    """The examination of one code.

    `code` is the normalised text. Only for the right length are `misfits` listed, and only without misfits are the
    two check digits examined: `organisation_ok` (place 17) and `final_ok` (place 18), else None.
    """

    code: str
    misfits: tuple[Misfit, ...] = ()
    organisation_ok: bool | None = None
    final_ok: bool | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.problem is None

    @property
    def problem(self) -> UsccProblem | None:
        """The first thing wrong with it; with `CHECK_DIGIT`, staff may accept the code on evidence."""
        if len(self.code) != LENGTH:
            return UsccProblem.LENGTH
        if self.misfits:
            return UsccProblem.CHARACTER
        return None if self.organisation_ok and self.final_ok else UsccProblem.CHECK_DIGIT

    @property
    def wrong_places(self) -> tuple[int, ...]:
        """The places at fault (from 1): those of misfits, or 17 and 18 for check digits that don't fit."""
        digits = ((17, self.organisation_ok), (18, self.final_ok))
        return tuple(misfit.place for misfit in self.misfits) + tuple(place for place, ok in digits if ok is False)


def normalise(text: str) -> str:
    """The code as it is stored: half width, upper case, without blanks, hyphens, dots and invisible marks."""
    return _SEPARATORS.sub("", to_halfwidth(text)).upper()


def check(text: str) -> UsccCheck:
    """Examine a code in any spelling that `normalise` takes. Never raises."""
    code = normalise(text)
    if len(code) != LENGTH:
        return UsccCheck(code)
    if misfits := tuple(_misfits(code)):
        return UsccCheck(code, misfits)
    return UsccCheck(
        code,
        organisation_ok=code[16] == organisation_check_digit(code[8:16]),
        final_ok=code[17] == check_character(code[:17]),
    )


def organisation_check_digit(eight: str) -> str:
    """The check digit of an organisation code, GB 11714: 11 − Σ(value x weight) mod 11, where 10 is X and 11 is 0.

    A letter counts from A = 10 to Z = 35.
    """
    total = sum(int(character, 36) * weight for character, weight in zip(eight, _ORGANISATION_WEIGHTS, strict=True))
    return _ORGANISATION_DIGITS[-total % 11]


def check_character(seventeen: str) -> str:
    """The last character, GB 32100-2015: 31 − Σ(value x 3^(place − 1)) mod 31 (31 is 0) in the alphabet of 31."""
    total = sum(_VALUE[character] * weight for character, weight in zip(seventeen, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def require(text: str) -> str:
    """The normalised code. Raises `TextError` whose code is a `UsccProblem` and whose context is its data."""
    result = check(text)
    match result.problem:
        case UsccProblem.LENGTH:
            raise TextError(UsccProblem.LENGTH, length=len(result.code))
        case UsccProblem.CHARACTER:
            first = result.misfits[0]
            raise TextError(UsccProblem.CHARACTER, place=first.place, character=first.character, instead=first.instead)
        case UsccProblem.CHECK_DIGIT:
            raise TextError(UsccProblem.CHECK_DIGIT, places=", ".join(map(str, result.wrong_places)))
    return result.code


def _misfits(code: str) -> list[Misfit]:
    return [
        Misfit(place, character, _LOOKS_LIKE.get(character, ""))
        for place, character in enumerate(code, start=1)
        if character not in _VALUE or (place in _DIVISION and not character.isdecimal())
    ]


Uscc = Annotated[
    str,
    AfterValidator(as_pydantic(require)),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_ANY}{{2}}[0-9]{{6}}{_ANY}{{8}}[0-9X]{_ANY}$",
            "examples": ["91110000600037341L"],
        }
    ),
]
"""A code with both check digits right; errors `uscc_length`, `uscc_character`, `uscc_check_digit`."""
